package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobQueue.Subscription;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a backend object does whatever the jobs are: interrupts, subscriptions, a second close. */
@Since(2)
abstract class JobObjectContract extends JobHistoryContract {

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q60 on an interrupted thread each call of a worker answers as it does otherwise")
  void interruptedCalls() {
    JobLease lease = held();
    interrupted("enqueue", () -> enqueued(job()));
    interrupted(
        "claim",
        () -> {
          Claim claim = jobs.claim(ClaimRequest.of(queue, "worker", 1, term));
          assertThat(claim.jobs()).as("claim of a waiting job").hasSize(1);
        });
    interrupted("progress", () -> assertThat(jobs.progress(lease, Progress.of(1, ""))).isTrue());
    interrupted("checkpoint", () -> assertThat(jobs.checkpoint(lease, "step", "v")).contains("v"));
    interrupted("checkpoints", () -> assertThat(jobs.checkpoints(lease)).isPresent());
    interrupted(
        "extend",
        () ->
            assertThat(jobs.extend(List.of(lease), term.multipliedBy(2)))
                .as("extend of a lease that is held")
                .singleElement()
                .isInstanceOf(Extension.Held.class));
    interrupted("find", () -> assertThat(jobs.find(queue, lease.jobId())).isPresent());
    interrupted(
        "settle",
        () ->
            assertThat(jobs.settle(List.of(SettlementKind.RELEASED.of(lease))))
                .as("settle of a lease that is held")
                .containsExactly(Settlement.Result.ACCEPTED));
    interrupted(
        "settleAndClaim",
        () ->
            assertThat(
                    jobs.settleAndClaim(List.of(), ClaimRequest.of(queue, "worker", 1, term))
                        .claim()
                        .jobs())
                .as("settleAndClaim with a waiting job")
                .hasSize(1));
  }

  static void interrupted(String what, Runnable call) {
    Thread.currentThread().interrupt();
    try {
      call.run();
    } catch (RuntimeException | AssertionError e) {
      Thread.interrupted();
      throw e;
    }
    assertThat(Thread.interrupted()).as("the interrupt flag after %s", what).isTrue();
  }

  @Test
  @DisplayName("Q54 a second close does nothing, and harms no other backend object")
  void closedTwice() throws Exception {
    Backend backend = open();
    close(backend);
    close(backend);
    enqueued(job());
    claimed();
  }

  @Test
  @DisplayName("Q55 subscriptions are apart: one that ends, or whose hint throws, stops no other")
  void subscriptionsAreApart() throws Exception {
    if (lacks(Capability.HINTS)) {
      reportAsLacking(Capability.HINTS);
    }
    var hints = new Semaphore(0);
    Runnable hint = hints::release;
    Subscription first = jobs.onWork(queue, hint);
    Subscription second = jobs.onWork(queue, hint);
    Subscription failing =
        jobs.onWork(
            queue,
            () -> {
              throw new AssertionError("an Error of a hint, which the test lets fail");
            });
    Subscription elsewhere = jobs.onWork(queue + "2", () -> {});
    first.close();
    elsewhere.close();
    for (int i = 0; i < 3; i++) {
      hints.drainPermits();
      assertHintComes(hints, jobs);
    }
    second.close();
    failing.close();
  }

  @Test
  @DisplayName("Q55 a hint that somebody gives wakes those who listen, and writes nothing")
  void hintsThatAreGiven() throws Exception {
    assertHintsAreGiven(Capability.HINTS, jobs);
  }

  @Test
  @DisplayName("Q55 a hint that somebody gives wakes those who listen through another object")
  void hintsThatOthersGive() throws Exception {
    assertHintsAreGiven(Capability.HINTS_FROM_OTHERS, others);
  }

  /** The queue has no jobs, and has none afterwards. */
  private void assertHintsAreGiven(Capability capability, JobQueue from) throws Exception {
    var hints = new Semaphore(0);
    Subscription mine = jobs.onWork(queue, hints::release);
    from.hint(queue);
    assertThat(claim(1)).as("claim after a hint").isEmpty();
    assertRefused("hint, no queue", () -> from.hint(absent()));
    assertRefused("hint, bad queue", () -> from.hint(""));
    if (lacks(capability)) {
      reportAsLacking(capability);
    }
    for (int i = 0; i < 3; i++) {
      hints.drainPermits();
      assertHintComes(hints, () -> from.hint(queue), "a hint was given");
    }
    mine.close();
    assertThat(claim(1)).as("claim after the hints").isEmpty();
  }

  /**
   * Enqueues until a hint comes, since a single hint may be lost, or left out because there was one
   * just before.
   */
  final void assertHintComes(Semaphore hints, JobQueue from) throws InterruptedException {
    // The job that becomes due later must not hide the other one.
    assertHintComes(
        hints,
        () ->
            from.enqueue(List.of(job().build(), job().due(Due.after(Duration.ofDays(1))).build())),
        "a job was enqueued");
  }

  static void assertHintComes(Semaphore hints, Runnable call, String what)
      throws InterruptedException {
    for (int tries = 0; tries < 15; tries++) {
      call.run();
      if (hints.tryAcquire(Math.min(50L << tries, 1_000), TimeUnit.MILLISECONDS)) {
        return;
      }
    }
    fail(
        "no hint came though "
            + what
            + " again and again; a store that gives no hints must not name the capability");
  }
}
