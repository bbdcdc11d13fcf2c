package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.LeaseLostException;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
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
  @DisplayName("W02 at the local deadline the handler is told by flag and interrupt")
  void toldAtDeadline() throws Exception {
    jobs.onExtend =
        (leases, call) -> {
          throw StoreException.notDone("cut off", null);
        };
    CountDownLatch told = latch();
    var seen = new AtomicReference<JobContext>();
    enqueue("cut off");
    Worker worker =
        start(
            config().leaseDuration(Duration.ofSeconds(3)),
            (payload, context) -> {
              if (seen.get() == null) {
                seen.set(context);
                assertThat(context.shouldStop()).isFalse();
                context.checkActive();
                try {
                  pass(latch());
                } finally {
                  told.countDown();
                }
              }
            });

    pass(told);
    JobContext context = seen.get();
    assertThat(context.shouldStop()).isTrue();
    assertThatThrownBy(context::checkActive).isInstanceOf(LeaseLostException.class);
    assertThatThrownBy(() -> context.progress(1, "")).isInstanceOf(LeaseLostException.class);
    assertThat(awaitState("cut off", JobState.DONE).attempts()).isEqualTo(2);
    assertThat(jobs.settled)
        .flatExtracting(batch -> batch)
        .filteredOn(settlement -> settlement.lease().token() == context.token())
        .singleElement()
        .isInstanceOf(Settlement.Retry.class);
    assertThat(worker.status().lost()).isZero();
  }

  @Test
  @DisplayName("W02 a store that hangs in an extension does not keep the handler from being told")
  void toldWhileStoreHangs() throws Exception {
    CountDownLatch hanging = latch();
    jobs.onExtend =
        (leases, call) -> {
          pass(hanging);
          throw StoreException.outcomeUnknown("timed out", null);
        };
    CountDownLatch told = latch();
    enqueue("hangs");
    start(
        shortLease(),
        (payload, context) -> {
          if (told.getCount() > 0) {
            try {
              pass(latch());
            } finally {
              told.countDown();
            }
          }
        });

    pass(told);
    hanging.countDown();
    awaitState("hangs", JobState.DONE);
  }

  @Test
  @DisplayName("W02 nothing is extended and no progress sent after the deadline")
  void silentAfterDeadline() throws Exception {
    CountDownLatch end = latch();
    CountDownLatch lost = latch();
    jobs.onExtend =
        (leases, call) -> {
          if (leases.stream().anyMatch(lease -> lease.jobId().equals("lost"))) {
            throw StoreException.notDone("cut off", null);
          }
          return call.get();
        };
    // Its only attempt: it is not claimed again, and then extended anew.
    enqueue(client.job(TEXT.withMaxCrashes(1), "lost", "lost").build());
    start(
        shortLease().concurrency(2),
        (payload, context) -> {
          if (context.jobId().equals("lost")) {
            context.progress(50, "said before");
            eventually(context::shouldStop);
            lost.countDown();
            passStubbornly(end);
          } else {
            pass(end);
          }
        });

    pass(lost);
    int progressed = jobs.progressed.size();
    enqueue("other");
    // The call before, which began in time, has ended then.
    eventually(() -> jobs.extended.stream().anyMatch(batch -> batch.contains("other")));
    jobs.extended.clear();
    eventually(() -> jobs.extended.stream().filter(batch -> batch.contains("other")).count() > 2);
    assertThat(jobs.extended).allSatisfy(batch -> assertThat(batch).doesNotContain("lost"));
    end.countDown();
    awaitState("other", JobState.DONE);
    assertThat(jobs.progressed).hasSize(progressed);
  }

  @Test
  @DisplayName("W02 a handler that ends after the deadline is settled, once")
  void settledLate() throws Exception {
    jobs.onExtend =
        (leases, call) -> {
          throw StoreException.notDone("cut off", null);
        };
    enqueue("late");
    Worker worker =
        start(
            shortLease(),
            (payload, context) -> {
              while (!context.shouldStop()) {
                Thread.onSpinWait();
              }
            });

    assertThat(awaitState("late", JobState.DONE).attempts()).isEqualTo(1);
    eventually(() -> worker.status().settled() == 1);
    // A claim that the machine held up is handed back unstarted, and made again.
    assertThat(jobs.settled)
        .flatExtracting(batch -> batch)
        .filteredOn(settlement -> !(settlement instanceof Settlement.Released))
        .hasSize(1);
  }

  @Test
  @DisplayName("W02 a lease that was seen to be lost is not regained by a late answer")
  void lostForGood() {
    var now = new AtomicLong();
    var clock = new LocalClock(now::get, () -> 0);
    enqueue("a");
    var hold =
        new HeldJob(
            jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 1, FAR)).jobs().get(0), clock.in(FAR));
    now.set(FAR.toNanos());
    assertThat(hold.isLost()).isTrue();
    hold.extended(clock.in(FAR));
    assertThat(hold.isLost()).isTrue();
  }

  @Test
  @DisplayName("W02 the local deadline counts from before the request")
  void slowClaim() throws Exception {
    var claims = new AtomicInteger();
    jobs.onClaim =
        (queue, call) -> {
          var claimed = call.get();
          if (!claimed.jobs().isEmpty() && claims.incrementAndGet() == 1) {
            eventually(
                () -> !job("slow").asOf().isBefore(claimed.jobs().get(0).lease().expiresAt()));
          }
          return claimed;
        };
    var attempts = new AtomicInteger();
    enqueue("slow");
    start(
        shortLease(), (payload, context) -> attempts.set(attempts.get() * 10 + context.attempt()));

    awaitState("slow", JobState.DONE);
    assertThat(attempts).as("the first claim was handed back, not run").hasValue(1);
  }

  @Test
  @DisplayName("W02 a machine that was suspended loses its leases, though its nanoTime stood still")
  void suspended() throws Exception {
    var jump = new AtomicLong();
    CountDownLatch running = latch();
    CountDownLatch told = latch();
    enqueue("suspended");
    started(
        Parts.worker(jobs)
            .config(config().build())
            .handle(
                TEXT,
                (payload, context) -> {
                  running.countDown();
                  try {
                    pass(latch());
                  } finally {
                    told.countDown();
                  }
                })
            .build(wallClockAheadBy(jump), Thread::new));

    pass(running);
    jobs.onExtend = (leases, call) -> List.of(Extension.lost());
    jump.set(FAR.toMillis());
    pass(told);
  }

  @ParameterizedTest(
      name = "W02 a wall clock that jumps by {0} hours is no proof: the store is asked")
  @ValueSource(ints = {1, -1})
  void wallClockJumps(int hours) throws Exception {
    var jump = new AtomicLong();
    CountDownLatch running = latch();
    CountDownLatch end = latch();
    enqueue(client.job(TEXT.withMaxCrashes(1), "kept", "kept").build());
    Worker worker =
        started(
            Parts.worker(jobs)
                .config(config().build())
                .handle(
                    TEXT,
                    (payload, context) -> {
                      running.countDown();
                      pass(end); // An interrupt would end this.
                      context.checkActive();
                    })
                .build(wallClockAheadBy(jump), Thread::new));

    pass(running);
    jump.set(Duration.ofHours(hours).toMillis());
    if (hours > 0) {
      eventually(() -> !jobs.extended.isEmpty());
    }
    end.countDown();
    assertThat(awaitState("kept", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(worker.status().lost()).isZero();
  }

  @Test
  @DisplayName("W02 until the store has answered that, checkActive waits")
  void checkActiveWaits() throws Exception {
    var jump = new AtomicLong();
    CountDownLatch running = latch();
    CountDownLatch asked = latch();
    CountDownLatch answer = latch();
    CountDownLatch jumped = latch();
    CountDownLatch checked = latch();
    jobs.onExtend =
        (leases, call) -> {
          asked.countDown();
          pass(answer);
          return call.get();
        };
    enqueue("doubtful");
    started(
        Parts.worker(jobs)
            .config(config().build())
            .handle(
                TEXT,
                (payload, context) -> {
                  running.countDown();
                  pass(jumped);
                  context.checkActive();
                  checked.countDown();
                })
            .build(wallClockAheadBy(jump), Thread::new));

    pass(running);
    jump.set(FAR.toMillis());
    pass(asked);
    jumped.countDown();
    assertThat(checked.await(100, TimeUnit.MILLISECONDS)).isFalse();
    answer.countDown();
    pass(checked);
    assertThat(awaitState("doubtful", JobState.DONE).attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName("W02 a doubt that the store does not end in 10 s ends the lease")
  void noAnswer() {
    var nanos = new AtomicLong();
    var millis = new AtomicLong();
    var clock = new LocalClock(nanos::get, millis::get);
    enqueue("a");
    var hold =
        new HeldJob(
            jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 1, FAR)).jobs().get(0), clock.in(FAR));
    millis.set(FAR.toMillis());
    assertThat(hold.isLost()).isFalse();
    assertThat(hold.isDoubtful()).isTrue();
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(10) - 1);
    assertThat(hold.isLost()).isFalse();
    assertThat(hold.isKept()).isTrue();
    nanos.addAndGet(1);
    assertThat(hold.isLost()).isTrue();
    assertThatThrownBy(hold::checkActive).isInstanceOf(LeaseLostException.class);
  }

  private static LocalClock wallClockAheadBy(AtomicLong millis) {
    return new LocalClock(System::nanoTime, () -> System.currentTimeMillis() + millis.get());
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
                .config(keptLease().build())
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
