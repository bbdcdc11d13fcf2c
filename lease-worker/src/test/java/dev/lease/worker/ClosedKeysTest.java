package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.LeaseLostException;
import dev.lease.StoreException;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.JobEvent.End;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Handlers that close the key of their job, since no job of it can be done for a time. */
class ClosedKeysTest {

  record Call(String partner, String what) {}

  private static final Duration PAUSE = Duration.ofMinutes(10);

  private static final JobType<Call> CALL =
      JobType.of("calls", "call", Call.class).withKey(Call::partner);

  private final ManualClock clock = new ManualClock();
  private final Limits limits = new Limits();
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Logs logs = new Logs();
  private InMemoryBackend store = new InMemoryBackend(clock);
  private FaultyQueue jobs = new FaultyQueue(store.jobQueue());

  /** Limits of keys whose calls are noted, and may go wrong. */
  private final class Limits implements Admission {

    volatile Runnable onClose = () -> {};

    @Override
    public void closeKey(String queue, String key, Duration delay) {
      onClose.run();
      store.admission().closeKey(queue, key, delay);
    }

    @Override
    public void limit(String queue, @Nullable String key, @Nullable KeyLimit limit) {
      store.admission().limit(queue, key, limit);
    }

    @Override
    public void limitQueue(String queue, @Nullable Integer slots) {
      store.admission().limitQueue(queue, slots);
    }

    @Override
    public int apply(String queue, int limit) {
      return store.admission().apply(queue, limit);
    }

    @Override
    public KeyPage keys(String queue, @Nullable String after, int limit) {
      return store.admission().keys(queue, after, limit);
    }
  }

  /** A partner that asks for a pause until somebody lets it go on. */
  private volatile @Nullable String asksForPause = "acme";

  private void handle(Call call, JobContext context) {
    if (call.partner().equals(asksForPause)) {
      throw Outcome.closeKey(PAUSE).because("429: too many requests");
    }
    done.add(call.what());
  }

  private Backend backend() {
    return BackendView.of(store).withJobQueue(jobs).withAdmission(limits);
  }

  private Worker.Builder builder() {
    return Worker.builder(backend()).handle(CALL, this::handle);
  }

  private Job job(Enqueued job) {
    return store.jobQueue().find("calls", job.id()).orElseThrow();
  }

  @AfterEach
  void close() {
    end.countDown();
    logs.close();
  }

  @Test
  @DisplayName("W04 the key is closed before the job is released, so that no other of it starts")
  void closesFirst() {
    store.admission().limit("calls", null, KeyLimit.of(1));
    List<String> order = new ArrayList<>();
    limits.onClose = () -> order.add("close");
    jobs.onSettle =
        (settlements, call) -> {
          order.add("settle");
          return call.get();
        };
    TestWorker worker = TestWorker.of(builder());
    Enqueued first = worker.client().enqueue(CALL, new Call("acme", "a1"));
    worker.client().enqueue(CALL, new Call("acme", "a2"));
    worker.client().enqueue(CALL, new Call("globex", "g1"));
    List<TestedAttempt> attempts = worker.drain();

    assertThat(attempts).extracting(TestedAttempt::end).containsExactly(End.SNOOZED, End.SUCCEEDED);
    assertThat(attempts.get(0).delay()).isEqualTo(PAUSE);
    assertThat(done).containsExactly("g1");
    assertThat(order).containsExactly("close", "settle", "settle");
    assertThat(job(first).attempts()).isZero();
    assertThat(store.admission().keys("calls", null, 1).keys().get(0).nextStart())
        .isEqualTo(clock.instant().plus(PAUSE));
    assertThat(logs.at(Level.INFO))
        .anyMatch(line -> line.contains("has closed its key acme, of which no job starts for 10"));

    asksForPause = null;
    clock.advance(PAUSE.minusMillis(1));
    assertThat(worker.drain()).isEmpty();
    clock.advance(Duration.ofMillis(1));
    assertThat(worker.drain()).extracting(TestedAttempt::attempt).containsExactly(1, 1);
    assertThat(done).containsExactly("g1", "a2", "a1");
  }

  @Test
  @DisplayName("a job in order keeps its place, and is the first one after the pause")
  void inOrder() {
    store.admission().limit("calls", null, KeyLimit.of(1).inOrder());
    TestWorker worker = TestWorker.of(builder());
    worker.client().enqueue(CALL, new Call("acme", "a1"));
    worker.client().enqueue(CALL, new Call("acme", "a2"));
    worker.drain();
    asksForPause = null;
    clock.advance(PAUSE);
    worker.drain();
    assertThat(done).containsExactly("a1", "a2");
  }

  @Test
  @DisplayName("a retry policy may close the key, too")
  void byPolicy() {
    store.admission().limit("calls", null, KeyLimit.of(1));
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend())
                .handle(
                    CALL,
                    (call, context) -> {
                      throw new IllegalStateException("429");
                    },
                    RetryPolicy.DEFAULT.on(
                        IllegalStateException.class, e -> Outcome.closeKey(PAUSE))));
    worker.client().enqueue(CALL, new Call("acme", "a1"));
    worker.client().enqueue(CALL, new Call("acme", "a2"));
    assertThat(worker.drain()).extracting(TestedAttempt::end).containsExactly(End.SNOOZED);
  }

  @Test
  @DisplayName("without a key the attempt fails, and says what to do")
  void withoutKey() {
    TestWorker worker = TestWorker.of(builder());
    Enqueued job =
        worker
            .client()
            .enqueue(worker.client().job(CALL, new Call("acme", "a1")).key(null).build());
    List<TestedAttempt> attempts = worker.drain();
    assertThat(attempts).extracting(TestedAttempt::end).containsExactly(End.RETRIED);
    assertThat(job(job).failures()).isEqualTo(1);
    assertThat(job(job).error())
        .contains("has no key", "JobType.withKey", "Outcome.snooze", "429: too many requests");
  }

  @Test
  @DisplayName("on a store without KEYS the attempt fails, and says that it is the store")
  void withoutKeys() {
    Backend backend = Parts.of(store.jobQueue(), store.jobAdmin());
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .handle(
                    JobType.of("calls", "call", Call.class),
                    (call, context) -> {
                      throw Outcome.closeKey(PAUSE).because("429: too many requests");
                    }));
    Enqueued job =
        worker.client().enqueue(JobType.of("calls", "call", Call.class), new Call("acme", "a1"));
    assertThat(worker.drain()).extracting(TestedAttempt::end).containsExactly(End.RETRIED);
    assertThat(job(job).error())
        .contains("comes without KEYS", "Outcome.snooze", "429: too many requests")
        .doesNotContain("withKey");
  }

  @Test
  @DisplayName("W04 if the key cannot be closed, the job is snoozed all the same, with a warning")
  void fails() {
    store.admission().limit("calls", null, KeyLimit.of(1));
    limits.onClose =
        () -> {
          throw StoreException.notDone("the store is down", null);
        };
    TestWorker worker = TestWorker.of(builder());
    worker.client().enqueue(CALL, new Call("acme", "a1"));
    worker.client().enqueue(CALL, new Call("acme", "a2"));
    assertThat(worker.drain())
        .as("the second one finds out itself")
        .extracting(TestedAttempt::end)
        .containsExactly(End.SNOOZED, End.SNOOZED);
    assertThat(logs.at(Level.WARN))
        .hasSize(2)
        .allMatch(line -> line.contains("could not close its key acme; the job is snoozed"));
  }

  @Test
  @DisplayName("W02 a handler that comes back when its lease is lost closes nothing")
  void lostLease() {
    limits.onClose = () -> done.add("closed");
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend())
                .handle(
                    CALL,
                    (call, context) -> {
                      try {
                        context.step("ask", () -> {});
                      } catch (LeaseLostException e) {
                        throw Outcome.closeKey(PAUSE).because("429, a while ago", e);
                      }
                    }));
    TestedAttempt attempt = worker.job(CALL, new Call("acme", "a1")).losesLease().run();
    assertThat(attempt.end()).isEqualTo(End.LOST);
    assertThat(attempt.failure()).hasMessageContaining("429");
    assertThat(done).isEmpty();
    assertThat(logs.at(Level.WARN))
        .filteredOn(line -> line.contains("its key acme"))
        .singleElement()
        .asString()
        .contains("does not close its key acme; others of the key may start", "429, a while ago");
  }

  @Test
  @DisplayName("W23 closes that hang hold their slots for a second, and others come to their turn")
  void hangs() {
    store = new InMemoryBackend(InstantSource.system());
    jobs = new FaultyQueue(store.jobQueue());
    limits.onClose = () -> WorkerFixture.passStubbornly(end);
    JobClient client = JobClient.of(store);
    List<Enqueued> calls = new ArrayList<>();
    for (int i = 0; i <= StoreCalls.MOST; i++) {
      calls.add(client.enqueue(CALL, new Call("acme", "a" + i)));
    }
    Enqueued other = client.enqueue(CALL, new Call("globex", "g"));
    Instant begun = Instant.now();
    try (Worker worker =
        builder().config(WorkerFixture.config().concurrency(calls.size()).build()).build()) {
      worker.start();
      WorkerFixture.eventually(() -> job(other).state() == JobState.DONE);
      for (Enqueued call : calls) {
        WorkerFixture.eventually(() -> job(call).dueAt().isAfter(begun.plus(PAUSE)));
        assertThat(job(call).attempts()).isZero();
      }
      assertThat(nextStart()).as("they hang").isNull();
      assertThat(logs.at(Level.WARN))
          .singleElement()
          .asString()
          .contains("could not close its key acme");
      end.countDown();
      WorkerFixture.eventually(() -> nextStart() != null);
    }
  }

  private @Nullable Instant nextStart() {
    return store.admission().keys("calls", null, 1).keys().get(0).nextStart();
  }
}
