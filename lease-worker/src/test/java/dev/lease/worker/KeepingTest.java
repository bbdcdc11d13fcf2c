package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeepingTest extends WorkerFixture {

  @Test
  @DisplayName("W01 a handler that takes many leases' time is one attempt")
  void longHandler() throws Exception {
    CountDownLatch extensions = latch(8);
    jobs.onExtend =
        (leases, call) -> {
          extensions.countDown();
          return call.get();
        };
    enqueue("long");
    start(keptLease(), (payload, context) -> pass(extensions));

    assertThat(awaitState("long", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(jobs.extenders)
        .allSatisfy(thread -> assertThat(thread.getName()).startsWith("lease-worker-test-call-"));
  }

  @Test
  @DisplayName("W01 the jobs of a queue are extended in one batch")
  void oneBatch() throws Exception {
    CountDownLatch end = latch();
    enqueue("a", "b", "c", "d");
    start(keptLease().concurrency(4), (payload, context) -> pass(end));

    eventually(() -> jobs.extended.stream().anyMatch(batch -> batch.size() == 4));
    end.countDown();
    for (String id : List.of("a", "b", "c", "d")) {
      assertThat(awaitState(id, JobState.DONE).attempts()).isEqualTo(1);
    }
  }

  @ParameterizedTest(name = "W01 a lease is extended when {0} of it has passed, and not before")
  @ValueSource(doubles = {0.05, 0.5})
  void share(double share) {
    var now = new AtomicLong();
    var clock = new LocalClock(now::get, () -> 0);
    var held = new HeldJobs(clock, FAR, NO_EVENTS);
    var lags = new CopyOnWriteArrayList<Duration>();
    var listening =
        new Listening(
            new WorkerListener() {
              @Override
              public void extended(String worker, String queue, Duration lag) {
                lags.add(lag);
              }
            },
            "lease-worker-test-listener");
    listening.start();
    var extender =
        new LeaseExtender(
            jobs,
            DIRECT,
            held,
            share,
            new StoreOutage("w", NO_EVENTS, () -> {}),
            new LeaseLoss(jobs, DIRECT),
            new Events(List.of(listening), queue -> {}, Rates.NONE),
            Runnable::run,
            new Inbox(new Signal()),
            () -> {});
    enqueue("a");
    HeldJob hold =
        held.add(
            jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 1, FAR)).jobs().get(0), held.deadline());
    long due = (long) (FAR.toNanos() * share);
    now.set(due - 1);
    assertThat(extender.round()).isBetween(1L, Math.min(due / 2, FAR.toNanos() / 6));
    assertThat(jobs.extended).isEmpty();
    now.set(due);
    extender.round();
    eventually(() -> hold.nanosLeft() == FAR.toNanos());
    assertThat(jobs.extended).hasSize(1);
    now.addAndGet(due + 5);
    extender.round();
    eventually(() -> lags.equals(List.of(Duration.ZERO, Duration.ofNanos(5))));
    listening.end();
  }

  @Test
  @DisplayName("W01 an exception, and an Error, in an extension do not stop the next")
  void failingExtensions() throws Exception {
    CountDownLatch healed = latch(4);
    var calls = new AtomicInteger();
    jobs.onExtend =
        (leases, call) -> {
          switch (calls.incrementAndGet()) {
            case 1 -> throw new IllegalStateException("once");
            case 2 -> throw new StackOverflowError("once");
            default -> {
              healed.countDown();
              return call.get();
            }
          }
        };
    enqueue("kept");
    start(config().leaseDuration(Duration.ofSeconds(3)), (payload, context) -> pass(healed));

    assertThat(awaitState("kept", JobState.DONE).attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName("W01 a busy row is asked again, and its job not given up")
  void busy() throws Exception {
    CountDownLatch calls = latch(3);
    var asked = new AtomicInteger();
    jobs.onExtend =
        (leases, call) -> {
          calls.countDown();
          return asked.incrementAndGet() == 1 ? List.of(Extension.busy()) : call.get();
        };
    enqueue("busy");
    start(config().leaseDuration(Duration.ofSeconds(2)), (payload, context) -> pass(calls));

    assertThat(awaitState("busy", JobState.DONE).attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName("W08 a late answer to an extension of the job before does not touch the next")
  void lateAnswer() throws Exception {
    CountDownLatch parked = latch();
    CountDownLatch unpark = latch();
    CountDownLatch answered = latch();
    jobs.onExtend =
        (leases, call) -> {
          if (leases.get(0).jobId().equals("first")) {
            parked.countDown();
            pass(unpark);
            return List.of(Extension.lost());
          }
          answered.countDown();
          return call.get();
        };
    enqueue("first");
    Worker worker =
        start(
            config().leaseDuration(Duration.ofSeconds(3)),
            (payload, context) -> {
              if (payload.equals("first")) {
                pass(parked);
              } else {
                unpark.countDown();
                pass(answered); // An interrupt would end this.
              }
            });

    awaitState("first", JobState.DONE);
    enqueue("second");
    Job second = awaitState("second", JobState.DONE);
    assertThat(second.attempts()).isEqualTo(1);
    assertThat(worker.status().lost()).isZero();
  }

  @Test
  @DisplayName("Q38 a running job that is to be cancelled is told, and ends CANCELLED")
  void cancelled() throws Exception {
    CountDownLatch running = latch();
    enqueue("cancelled");
    start(
        soonExtended(),
        (payload, context) -> {
          running.countDown();
          pass(latch());
        });

    pass(running);
    admin.cancel(TEXT.queue(), "cancelled");
    awaitState("cancelled", JobState.CANCELLED);
  }

  @Test
  @DisplayName("Q38 a handler that was told too late and finished is done")
  void cancelledTooLate() throws Exception {
    enqueue("done");
    start(
        soonExtended(),
        (payload, context) -> {
          admin.cancel(TEXT.queue(), "done");
          while (!context.shouldStop()) {
            Thread.onSpinWait();
          }
        });

    awaitState("done", JobState.DONE);
  }

  @Test
  @DisplayName("W24 a worker whose leases nobody extends claims nothing, and says that it failed")
  void noExtender() {
    var memory = new AtomicBoolean();
    var tries = new AtomicInteger();
    enqueue("a");
    Worker worker =
        started(
            Parts.worker(jobs)
                .config(config().build())
                .handle(TEXT, (payload, context) -> {})
                .build(
                    LocalClock.SYSTEM,
                    (task, name) -> {
                      if (memory.get() || !name.endsWith("-extender")) {
                        return new Thread(task, name);
                      }
                      if (tries.incrementAndGet() > 1) {
                        throw new OutOfMemoryError("unable to create native thread");
                      }
                      return dead(name);
                    }));
    eventually(() -> worker.status().state() == WorkerStatus.State.FAILED);
    eventually(() -> tries.get() > 10);
    assertThat(jobs.claims).isEmpty();
    memory.set(true);
    awaitState("a", JobState.DONE);
    eventually(() -> worker.status().running());
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"extender", "dispatcher", "repair", "watchdog", "errands"})
  @DisplayName("W24 whichever lane's thread an Error kills, it is started again, and jobs run")
  void laneKilled(String role) throws Exception {
    var threads = new AtomicInteger();
    CountDownLatch end = latch();
    enqueue("long");
    Worker worker =
        started(
            Parts.worker(jobs, admin)
                .config(soonExtended().build())
                .handle(TEXT, (payload, context) -> pass(end))
                .build(
                    LocalClock.SYSTEM,
                    (task, name) ->
                        name.endsWith("-" + role) && threads.incrementAndGet() == 1
                            ? killed(name)
                            : new Thread(task, name)));
    awaitState("long", JobState.PROCESSING);
    eventually(() -> threads.get() == 2 && worker.status().running());
    int before = jobs.extended.size();
    eventually(() -> jobs.extended.size() >= before + 4);
    end.countDown();
    assertThat(awaitState("long", JobState.DONE).attempts()).isEqualTo(1);
    enqueue("next");
    awaitState("next", JobState.DONE);
    assertThat(logs.at(Level.ERROR))
        .singleElement()
        .asString()
        .contains(role, "had died; it is started again");
  }

  private static Thread killed(String name) {
    var thread =
        new Thread(
            () -> {
              throw new LinkageError("killed");
            },
            name);
    thread.setUncaughtExceptionHandler((which, error) -> {});
    return thread;
  }

  /** A thread that has ended when its start returns. */
  private static Thread dead(String name) {
    return new Thread(name) {
      @Override
      @SuppressWarnings("UnsynchronizedOverridesSynchronized") // Or it could not end.
      public void start() {
        super.start();
        while (isAlive()) {
          Thread.onSpinWait();
        }
      }
    };
  }
}
