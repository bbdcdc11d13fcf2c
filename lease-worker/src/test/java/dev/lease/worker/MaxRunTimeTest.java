package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.worker.WorkerStatus.ActiveJob;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MaxRunTimeTest extends WorkerFixture {

  /** Soon over. */
  private static final HandlerOptions BRIEF =
      HandlerOptions.builder().retry(patient()).maxRunTime(Duration.ofMillis(50)).build();

  /** In the same queue, and never overdue. */
  private static final JobType<String> LONG_TEXT =
      JobType.of(TEXT.queue(), "long text", String.class);

  private static Watchdog.Calls countsStuck(AtomicInteger stuck) {
    return new Watchdog.Calls() {
      @Override
      public void slotIsStuck(HeldJob job) {
        stuck.incrementAndGet();
      }

      @Override
      public void releaseStranded() {}

      @Override
      public void askStore() {}
    };
  }

  private void enqueueBrief(String... ids) {
    for (String id : ids) {
      enqueue(client.job(TEXT, id, id).build());
    }
  }

  private Worker startBrief(WorkerConfig.Builder config, JobHandler<String> handler) {
    return start(brief(jobs, config, handler));
  }

  private static Worker.Builder brief(
      JobQueue jobs, WorkerConfig.Builder config, JobHandler<String> handler) {
    return Parts.worker(jobs).config(config.build()).handle(TEXT, handler, BRIEF);
  }

  /** As another process has it; its calls are not seen by the test. */
  private Worker startOther() {
    return start(brief(again().jobQueue(), config().name("other"), (payload, context) -> {}));
  }

  private static void awaitStuck(Worker worker, int slots) {
    eventually(() -> worker.status().stuck() == slots);
  }

  @Test
  @DisplayName("W13 a handler that never returns costs one slot, is seen, and its job goes on")
  void neverReturns() throws Exception {
    CountDownLatch end = latch();
    CountDownLatch endOfLong = latch();
    var interrupts = new AtomicInteger();
    var seen = new AtomicReference<JobContext>();
    enqueueBrief("hangs");
    enqueue(client.job(LONG_TEXT, "long", "long").build());
    Worker worker =
        start(
            brief(
                    jobs,
                    keptLease().concurrency(2),
                    (payload, context) -> {
                      if (payload.equals("hangs")) {
                        seen.set(context);
                        hang(end, interrupts);
                      }
                    })
                .handle(LONG_TEXT, (payload, context) -> pass(endOfLong)));

    awaitStuck(worker, 1);
    assertThat(interrupts).hasValue(1);
    assertThat(worker.status().active())
        .filteredOn(ActiveJob::stuck)
        .extracting(ActiveJob::jobId)
        .containsExactly("hangs");
    eventually(() -> !logs.at(Level.ERROR).isEmpty());
    assertThat(logs.at(Level.ERROR))
        .singleElement()
        .asString()
        .contains("text hangs of queue texts", "thread lease-worker-test-handler-", "\n\tat ")
        .contains("MaxRunTimeTest.hang(");
    assertThat(job("hangs").attempts()).isEqualTo(1);

    Worker other = startOther();
    Job done = awaitState("hangs", JobState.DONE);
    assertThat(done.attempts()).isEqualTo(2);
    assertThat(done.token()).isGreaterThan(seen.get().token());
    other.stop();

    // The other slot goes on.
    enqueueBrief("b", "c");
    endOfLong.countDown();
    for (String id : List.of("long", "b", "c")) {
      assertThat(awaitState(id, JobState.DONE).attempts()).isEqualTo(1);
      assertThat(settlements(id)).singleElement().isInstanceOf(Settlement.Done.class);
    }
    assertThat(worker.status().stuck()).isEqualTo(1);
    assertThat(worker.status().lost()).isZero();
    assertThat(logs.at(Level.INFO)).noneMatch(line -> line.contains("after all"));

    end.countDown();
    eventually(() -> worker.status().lost() == 1);
    assertThat(worker.status().stuck()).isZero();
    assertThat(logs.at(Level.INFO).stream().filter(line -> line.contains("after all"))).hasSize(1);
    assertThat(settlements("hangs")).hasSize(1);
    assertThat(job("hangs").token()).isEqualTo(done.token());
    assertThat(interrupts).hasValue(1);
  }

  private static void hang(CountDownLatch end, AtomicInteger interrupts) {
    while (true) {
      try {
        pass(end);
        return;
      } catch (InterruptedException e) {
        interrupts.incrementAndGet();
      }
    }
  }

  private List<Settlement> settlements(String id) {
    return jobs.settled.stream()
        .flatMap(List::stream)
        .filter(settlement -> settlement.lease().jobId().equals(id))
        .toList();
  }

  @Test
  @DisplayName("W13 a handler that ends at the interrupt has failed, and the next starts clean")
  void endsAtInterrupt() throws Exception {
    var dirty = new AtomicReference<Boolean>();
    enqueueBrief("overdue");
    enqueue(client.job(LONG_TEXT, "next", "next").build());
    Worker worker =
        start(
            brief(jobs, config(), (payload, context) -> pass(latch()))
                .handle(
                    LONG_TEXT,
                    (payload, context) ->
                        dirty.set(Thread.currentThread().isInterrupted() || context.shouldStop())));

    Job failed = awaitState("overdue", JobState.RETRY);
    assertThat(failed.attempts()).isEqualTo(1);
    assertThat(failed.error())
        .startsWith("ran longer than 50 ms, its maximum run time, and threw ")
        .contains("java.lang.InterruptedException", "MaxRunTimeTest");
    assertThat(failed.dueAt()).as("the delay of its policy").isAfter(failed.asOf());
    awaitState("next", JobState.DONE);
    assertThat(dirty.get()).isFalse();
    assertThat(worker.status().failed()).isEqualTo(1);
    assertThat(worker.status().stuck()).isZero();
    assertThat(logs.at(Level.ERROR)).isEmpty();
  }

  @Test
  @DisplayName("W13 an overdue attempt that is the last failure ends the job with that text")
  void lastFailure() {
    enqueue(client.job(TEXT.withMaxFailures(1), "a", "a").build());
    startBrief(config(), (payload, context) -> pass(latch()));

    assertThat(awaitState("a", JobState.FAILED).error()).contains("ran longer than 50 ms");
  }

  @Test
  @DisplayName("W13 a last attempt that never ends is FAILED when its lease has run out")
  void lastAttemptNeverEnds() {
    CountDownLatch end = latch();
    enqueue(client.job(TEXT.withMaxCrashes(1), "a", "a").build());
    Worker worker = startBrief(shortLease(), (payload, context) -> passStubbornly(end));

    awaitStuck(worker, 1);
    startOther();
    assertThat(awaitState("a", JobState.FAILED).error()).isEqualTo("lease expired");
  }

  @Test
  @DisplayName("W13 a handler that is told by flag, and returns, is done")
  void returnsAfterAll() {
    var complaint = new AtomicReference<Throwable>();
    enqueueBrief("a");
    Worker worker =
        startBrief(
            config(),
            (payload, context) -> {
              while (!context.shouldStop()) {
                Thread.onSpinWait();
              }
              assertThatThrownBy(context::checkActive).satisfies(complaint::set);
            });

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(complaint.get())
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("runs longer than 50 ms, its maximum run time");
    eventually(() -> worker.status().settled() == 1);
    assertThat(settlements("a")).hasSize(1);
    assertThat(worker.status().failed()).isZero();
  }

  @Test
  @DisplayName("W13 a stuck handler that returns before another has the job is done")
  void returnsInTime() {
    CountDownLatch end = latch();
    enqueueBrief("a");
    Worker worker = startBrief(shortLease(), (payload, context) -> passStubbornly(end));

    awaitStuck(worker, 1);
    end.countDown();
    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    enqueueBrief("b");
    assertThat(awaitState("b", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(worker.status().stuck()).isZero();
  }

  @Test
  @DisplayName("W13 W03 once a handler has ended, its lease is kept for its settlement")
  void keptForSettlement() {
    var isFirst = new AtomicBoolean(true);
    jobs.onSettle =
        (all, call) -> {
          // A stop sends it again if the answer has not reached the worker yet.
          if (isFirst.getAndSet(false)) {
            jobs.extended.clear();
            eventually(
                () -> jobs.extended.stream().filter(batch -> batch.contains("a")).count() > 2);
          }
          return call.get();
        };
    enqueueBrief("a");
    startBrief(
        keptLease(),
        (payload, context) -> {
          while (!context.shouldStop()) {
            Thread.onSpinWait();
          }
        });

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName("W13 Q38 a job that is overdue, and to be cancelled, is not tried again")
  void cancelled() throws Exception {
    CountDownLatch running = latch();
    CountDownLatch cancelled = latch();
    enqueueBrief("a");
    Worker worker =
        startBrief(
            config(),
            (payload, context) -> {
              running.countDown();
              passStubbornly(cancelled);
              eventually(context::shouldStop);
              throw new CancellationException("overdue");
            });

    pass(running);
    admin.cancel(TEXT.queue(), "a");
    cancelled.countDown();
    assertThat(awaitState("a", JobState.CANCELLED).error()).contains("ran longer than 50 ms");
    assertThat(worker.status().failed()).isEqualTo(1);
  }

  @Test
  @DisplayName("W13 W02 a handler that lost its lease before, and never ends, is seen too")
  void lostBefore() {
    CountDownLatch end = latch();
    jobs.onExtend =
        (leases, call) -> {
          throw StoreException.notDone("cut off", null);
        };
    enqueue("a");
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(shortLease().build())
                .handle(
                    TEXT,
                    (payload, context) -> passStubbornly(end),
                    maxRunTime(Duration.ofSeconds(1))));

    awaitStuck(worker, 1);
    eventually(
        () ->
            logs.at(Level.WARN).stream().anyMatch(line -> line.contains("could not be extended")));
  }

  @Test
  @DisplayName("W13 the time counts from the call of the handler, not from the claim")
  void countsFromTheCall() {
    var now = new AtomicLong();
    var clock = new LocalClock(now::get, () -> TimeUnit.NANOSECONDS.toMillis(now.get()));
    Duration lease = FAR.multipliedBy(10);
    enqueue("a");
    var held = new HeldJobs(clock, lease, NO_EVENTS);
    HeldJob hold =
        held.add(
            jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 1, lease)).jobs().get(0),
            held.deadline());
    var stuck = new AtomicInteger();
    var watch = new Watchdog(held, countsStuck(stuck));

    now.addAndGet(FAR.multipliedBy(2).toNanos());
    watch.round();
    assertThat(hold.begin(FAR)).isTrue();
    now.addAndGet(FAR.toNanos() - 1);
    watch.round();
    assertThat(hold.shouldStop()).isFalse();
    assertThat(hold.isKept()).isTrue();
    assertThat(Thread.interrupted()).isFalse();

    now.addAndGet(1);
    watch.round();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(hold.shouldStop()).isTrue();
    assertThat(hold.isKept()).isFalse();
    watch.round();
    assertThat(hold.isStuck()).as("while its lease lasts").isFalse();

    now.addAndGet(lease.toNanos());
    watch.round();
    watch.round();
    assertThat(hold.isStuck()).isTrue();
    assertThat(stuck).hasValue(1);
    assertThat(Thread.interrupted()).as("a second time").isFalse();
  }

  @Test
  @DisplayName("W13 W08 nobody is told, and no slot taken for lost, when the handler has ended")
  void endedInTime() {
    var now = new AtomicLong();
    var clock = new LocalClock(now::get, () -> TimeUnit.NANOSECONDS.toMillis(now.get()));
    enqueue("a");
    var held = new HeldJobs(clock, FAR, NO_EVENTS);
    HeldJob hold =
        held.add(
            jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 1, FAR)).jobs().get(0), held.deadline());
    var stuck = new AtomicInteger();
    var watch = new Watchdog(held, countsStuck(stuck));

    assertThat(hold.begin(Duration.ofMinutes(1))).isTrue();
    hold.end(null);
    now.addAndGet(Duration.ofMinutes(2).toNanos());
    watch.round();
    assertThat(hold.isOverdue()).isFalse();
    now.addAndGet(FAR.toNanos());
    watch.round();
    watch.round();
    assertThat(stuck).hasValue(0);
    assertThat(hold.isStuck()).isFalse();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  @DisplayName("W13 without a maximum a handler may run for as long as it takes")
  void neverByAge() {
    var now = new AtomicLong();
    var clock = new LocalClock(now::get, () -> 0);
    enqueue("a");
    var held = new HeldJobs(clock, FAR, NO_EVENTS);
    HeldJob hold =
        held.add(
            jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 1, FAR)).jobs().get(0), held.deadline());
    assertThat(hold.begin(HandlerOptions.NONE.maxRunTime())).isTrue();
    assertThat(hold.nanosToRun()).isEqualTo(Long.MAX_VALUE);
    now.set(FAR.toNanos() - 1);
    new Watchdog(held, countsStuck(new AtomicInteger())).round();
    assertThat(hold.shouldStop()).isFalse();
  }

  @Test
  @DisplayName("W13 W06 when all slots are stuck, what waits goes back, and nothing is claimed")
  void allStuck() {
    CountDownLatch end = latch();
    enqueueBrief("hangs", "b", "c");
    Worker worker =
        startBrief(
            keptLease().lookAhead(2),
            (payload, context) -> {
              if (payload.equals("hangs")) {
                passStubbornly(end);
              }
            });

    awaitStuck(worker, 1);
    for (String id : List.of("b", "c")) {
      assertThat(awaitState(id, JobState.PENDING).attempts()).isZero();
    }
    assertThat(worker.status().waiting()).isZero();
    int claims = jobs.claims.size();
    Worker other = startOther();
    assertThat(awaitState("hangs", JobState.DONE).attempts()).isEqualTo(2);
    assertThat(awaitState("b", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(awaitState("c", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(jobs.claims).hasSize(claims);
    other.stop();

    enqueueBrief("later");
    end.countDown();
    assertThat(awaitState("later", JobState.DONE).attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName(
      "W13 a handler deaf to the interrupt after its lease was lost is stuck, without a maximum")
  void deaf() throws Exception {
    CountDownLatch running = latch();
    CountDownLatch end = latch();
    enqueue("deaf");
    Worker worker =
        start(
            shortLease(),
            (payload, context) -> {
              running.countDown();
              passStubbornly(end);
            });
    pass(running);
    admin.delete(TEXT.queue(), "deaf");

    awaitStuck(worker, 1);
    // A lease so short may be late on a busy machine, and is told of, too.
    eventually(() -> logs.at(Level.ERROR).stream().anyMatch(line -> line.contains("deaf")));
    assertThat(logs.at(Level.ERROR))
        .filteredOn(line -> line.contains("deaf"))
        .singleElement()
        .asString()
        .contains("is stuck");
    end.countDown();
    eventually(() -> worker.status().lost() == 1);
    assertThat(worker.status().stuck()).isZero();
  }

  @Test
  @DisplayName("W13 W05 a stop does not wait for a stuck handler, but does for the others")
  void stop() throws Exception {
    CountDownLatch end = latch();
    CountDownLatch endOfLong = latch();
    enqueueBrief("hangs");
    enqueue(client.job(LONG_TEXT, "long", "long").build());
    Worker worker =
        start(
            brief(
                    jobs,
                    keptLease().concurrency(2).stopGrace(FAR),
                    (payload, context) -> passStubbornly(end))
                .handle(LONG_TEXT, (payload, context) -> pass(endOfLong)));

    awaitStuck(worker, 1);
    Thread stopping = inBackground(worker::stop);
    eventually(() -> !worker.status().running());
    assertThat(worker.status().active()).extracting(ActiveJob::jobId).contains("long");
    endOfLong.countDown();
    stopping.join(LONG.toMillis());
    assertThat(stopping.isAlive()).as("still waiting").isFalse();
    assertThat(job("long").state()).isEqualTo(JobState.DONE);
    assertThat(threadsOfWorkers()).allMatch(name -> name.contains("-handler-"));
    assertThat(threadsOfWorkers().size()).isLessThanOrEqualTo(1);

    startOther();
    assertThat(awaitState("hangs", JobState.DONE).attempts()).isEqualTo(2);
    end.countDown();
    eventually(() -> logs.at(Level.WARN).stream().anyMatch(line -> line.contains("had stopped")));
    assertThat(settlements("hangs")).isEmpty();
  }

  @Test
  @DisplayName("W13 W05 a handler that gets stuck during the grace ends the wait for it")
  void stuckDuringGrace() throws Exception {
    CountDownLatch end = latch();
    CountDownLatch running = latch();
    enqueueBrief("hangs");
    Worker worker =
        startBrief(
            keptLease().stopGrace(FAR),
            (payload, context) -> {
              running.countDown();
              passStubbornly(end);
            });
    pass(running);

    Thread stopping = inBackground(worker::stop);
    stopping.join(LONG.toMillis());
    assertThat(stopping.isAlive()).as("still waiting").isFalse();
    startOther();
    assertThat(awaitState("hangs", JobState.DONE).attempts()).isEqualTo(2);
  }
}
