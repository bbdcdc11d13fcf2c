package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.inject.Module;
import dev.lease.Backend;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobState;
import dev.lease.NewJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each store in turn, workers on it, and the proof that they leave no thread behind. PostgreSQL is
 * not among the stores, to save time. A class adds it with {@code @EnumSource(names =
 * "POSTGRESQL")}.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"JDBC", "REDIS"})
abstract class WorkerFixture {

  /** How long a test waits for what has to come; nothing depends on it but when a failure shows. */
  static final Duration LONG = Duration.ofMinutes(2);

  static final Duration FAR = Duration.ofHours(1);

  static final LocalClock FROZEN = new LocalClock(() -> 0, () -> 0);

  static final Events NO_EVENTS = new Events(List.of(), queue -> {}, Rates.NONE);

  /** Calls that are made on the thread of the test. */
  static final StoreCalls DIRECT =
      new StoreCalls(
          StoreCalls.MOST,
          Stream::empty,
          queue -> "",
          FAR,
          Runnable::run,
          System::nanoTime,
          () -> {});

  static final JobType<String> TEXT = JobType.of("texts", "text", String.class);

  @Parameter Store store;

  /** Of the store of this test alone. */
  Module module;

  Backend backend;
  FaultyQueue jobs;
  JobAdmin admin;
  JobClient client;

  final Logs logs = new Logs();

  private final List<Worker> workers = new ArrayList<>();
  private final List<Backend> others = new ArrayList<>();
  private final List<CountDownLatch> latches = new ArrayList<>();

  @BeforeEach
  @SuppressWarnings("NullAway") // The parameter is there.
  void open() {
    module = store.newModule();
    backend = store.open(module);
    jobs = new FaultyQueue(backend.jobQueue());
    admin = backend.jobAdmin();
    client = JobClient.of(Parts.of(jobs));
  }

  /** Another backend object on the same data, as another process has it. */
  Backend again() {
    Backend another = store.open(module);
    others.add(another);
    return another;
  }

  /** Leases that do not run out during a test, and a poll that is soon. */
  static WorkerConfig.Builder config() {
    return WorkerConfig.builder()
        .allowShortLeases()
        .name("test")
        .concurrency(1)
        .lookAhead(0)
        .leaseDuration(LONG.multipliedBy(2))
        .pollInterval(Duration.ofMillis(20))
        .maxBackoff(Duration.ofMillis(100))
        .unknownTypeDelay(FAR)
        .stopGrace(LONG);
  }

  /** Leases that are soon extended, and not lost before a store has taken a second for it. */
  static WorkerConfig.Builder keptLease() {
    return config().leaseDuration(Duration.ofMillis(2_500));
  }

  /** Leases that are soon lost. */
  static WorkerConfig.Builder shortLease() {
    return config().leaseDuration(Duration.ofMillis(600));
  }

  /** A worker that soon learns of a cancellation, and loses no lease on a busy machine. */
  static WorkerConfig.Builder soonExtended() {
    return config().leaseDuration(Duration.ofSeconds(12)).extendAfter(0.05);
  }

  Worker start(WorkerConfig.Builder config, JobHandler<String> handler) {
    return start(Parts.worker(jobs).config(config.build()).handle(TEXT, handler, patient()));
  }

  Worker start(Worker.Builder builder) {
    return started(builder.build());
  }

  Worker started(Worker worker) {
    workers.add(worker);
    worker.start();
    return worker;
  }

  /**
   * A worker whose clock stands still, so that what it claims ahead waits for as long as the test
   * likes, and that knows already how short the jobs of the queue are. Their leases are long.
   */
  Worker startFrozen(WorkerConfig.Builder config, JobHandler<String> handler) {
    Worker worker =
        started(
            Parts.worker(jobs)
                .config(config.build())
                .handle(
                    TEXT,
                    (payload, context) -> {
                      if (!payload.equals("warm-up")) {
                        handler.handle(payload, context);
                      }
                    },
                    patient())
                .build(FROZEN, Thread::new));
    enqueue("warm-up");
    eventually(() -> worker.status().settled() == 1 && worker.status().active().isEmpty());
    return worker;
  }

  /** A failed attempt stays in sight. */
  static RetryPolicy patient() {
    return RetryPolicy.exponential(FAR, FAR);
  }

  static HandlerOptions maxRunTime(Duration most) {
    return HandlerOptions.builder().maxRunTime(most).build();
  }

  void enqueue(String... ids) {
    client.enqueue(Arrays.stream(ids).map(id -> client.job(TEXT, id, id).build()).toList());
  }

  void enqueue(NewJob job) {
    client.enqueue(job);
  }

  Job job(String id) {
    return jobs.find(TEXT.queue(), id).orElseThrow();
  }

  Job awaitState(String id, JobState state) {
    return awaitState(id, state, job -> true);
  }

  Job awaitState(String id, JobState state, Predicate<Job> also) {
    return await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> job(id), job -> job.state() == state && also.test(job));
  }

  static void eventually(Callable<Boolean> condition) {
    await().atMost(LONG).pollInterval(Duration.ofMillis(2)).until(condition);
  }

  /** A latch that is open at the latest when the test is over, so that no handler hangs. */
  CountDownLatch latch() {
    return latch(1);
  }

  CountDownLatch latch(int count) {
    var latch = new CountDownLatch(count);
    latches.add(latch);
    return latch;
  }

  static void pass(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(LONG.toSeconds(), TimeUnit.SECONDS)).as("latch opened").isTrue();
  }

  /** Waits, as a handler that does not mind interrupts. */
  static void passStubbornly(CountDownLatch latch) {
    while (true) {
      try {
        pass(latch);
        return;
      } catch (InterruptedException e) {
        // Goes on.
      }
    }
  }

  static Thread inBackground(Runnable task) {
    var thread = new Thread(task, "test-background");
    thread.start();
    return thread;
  }

  static List<String> threadsOfWorkers() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("lease-worker-"))
        .toList();
  }

  @AfterEach
  void noThreadIsLeft() {
    latches.forEach(
        latch -> {
          while (latch.getCount() > 0) {
            latch.countDown();
          }
        });
    workers.forEach(Worker::close);
    await().atMost(LONG).untilAsserted(() -> assertThat(threadsOfWorkers()).isEmpty());
    others.forEach(Backend::close);
    backend.close();
    logs.close();
  }
}
