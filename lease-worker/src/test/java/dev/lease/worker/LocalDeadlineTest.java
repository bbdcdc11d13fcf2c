package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.Extension;
import dev.lease.JobState;
import dev.lease.LeaseLostException;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a handler learns when nobody has extended its lease in time [W02]. */
class LocalDeadlineTest extends WorkerFixture {

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
}
