package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.testkit.InMemoryBackend;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A worker whose jobs have keys. What it claims ahead is in {@link SlotsTest}. */
class KeyedJobsTest {

  private static final JobType<String> TEXT = JobType.of("texts", "text", String.class);

  private static final JobType<String> OTHER = TEXT.in("others");

  private final InMemoryBackend store = new InMemoryBackend(InstantSource.system());
  private final JobClient client = JobClient.of(store);
  private final Map<String, CountDownLatch> ends = new ConcurrentHashMap<>();
  private final List<Worker> workers = new ArrayList<>();

  private void start(Worker worker) {
    workers.add(worker);
    worker.start();
  }

  /** Runs until the test ends the job, if its name begins with "long". */
  private void handle(String name, JobContext context) {
    if (name.startsWith("long")) {
      WorkerFixture.passStubbornly(end(name));
    }
  }

  private CountDownLatch end(String name) {
    return ends.computeIfAbsent(name, each -> new CountDownLatch(1));
  }

  private void enqueue(JobType<String> type, String... names) {
    client.enqueue(
        List.of(names).stream().map(name -> client.job(type, name, name).build()).toList());
  }

  private Job job(JobType<String> type, String name) {
    return store.jobQueue().find(type.queue(), name).orElseThrow();
  }

  private void await(JobType<String> type, String name, JobState state) {
    WorkerFixture.eventually(() -> job(type, name).state() == state);
  }

  @AfterEach
  void close() {
    ends.values().forEach(CountDownLatch::countDown);
    workers.forEach(Worker::close);
    store.close();
  }

  @Test
  @DisplayName("W36 a worker looks for what its own settlements have passed on, without a poll")
  void passedOn() {
    JobType<String> inOrder = TEXT.withKey(name -> "acme");
    store.admission().limit(TEXT.queue(), null, KeyLimit.of(1).inOrder());
    start(
        Worker.builder(store)
            .config(WorkerFixture.config().concurrency(2).pollInterval(WorkerFixture.FAR).build())
            .handle(TEXT, this::handle)
            .handle(OTHER, this::handle)
            .build());
    enqueue(inOrder, "long first", "second");
    await(TEXT, "long first", JobState.PROCESSING);
    enqueue(OTHER, "long a", "long b");
    await(OTHER, "long a", JobState.PROCESSING);

    // The slot goes to the other queue, so that the settlement is sent without a claim.
    end("long first").countDown();
    await(OTHER, "long b", JobState.PROCESSING);
    await(TEXT, "long first", JobState.DONE);
    end("long a").countDown();
    await(TEXT, "second", JobState.DONE);
  }

  /** The watchdog releases what has waited too long as well, but it looks twice a second only. */
  private static Thread withoutWatchdog(Runnable lane, String name) {
    return new Thread(name.contains("watchdog") ? () -> {} : lane, name);
  }

  @Test
  @DisplayName("W36 a job with a key that waits behind a long one goes back, sooner than others")
  void goesBack() {
    JobType<String> keyed = TEXT.withKey(name -> "key of " + name);
    var nanos = new AtomicLong();
    start(
        Worker.builder(store)
            .config(WorkerFixture.config().lookAhead(10).build())
            .handle(TEXT, this::handle)
            .build(new LocalClock(nanos::get, () -> 0), KeyedJobsTest::withoutWatchdog));
    enqueue(keyed, "short");
    await(TEXT, "short", JobState.DONE);
    client.enqueue(
        List.of(
            client.job(TEXT, "long", "long").priority(9).build(),
            client.job(keyed, "keyed", "").build(),
            client.job(TEXT, "other", "").build()));
    await(TEXT, "keyed", JobState.PROCESSING);
    await(TEXT, "other", JobState.PROCESSING);

    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
    await(TEXT, "keyed", JobState.PENDING);
    assertThat(job(TEXT, "keyed").attempts()).isZero();
    assertThat(job(TEXT, "other").state()).isEqualTo(JobState.PROCESSING);
    end("long").countDown();
    await(TEXT, "keyed", JobState.DONE);
    await(TEXT, "other", JobState.DONE);
  }
}
