package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.JobState;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What becomes of a call that its caller has left. */
class LateAnswersTest extends WorkerFixture {

  private final CountDownLatch answers = latch();
  private final AtomicInteger runs = new AtomicInteger();

  /** The first claim that gives jobs answers late. */
  private CountDownLatch claimAnswersLate() {
    CountDownLatch claimed = latch();
    var first = new AtomicBoolean(true);
    jobs.onClaim =
        (queue, call) -> {
          var claim = call.get();
          if (!claim.jobs().isEmpty() && first.getAndSet(false)) {
            claimed.countDown();
            passStubbornly(answers);
          }
          return claim;
        };
    return claimed;
  }

  @Test
  @DisplayName("W30 a claim that has not returned takes the slots that it asked for, until it does")
  void claimTakesSlots() throws Exception {
    CountDownLatch claimed = claimAnswersLate();
    enqueue("a", "b", "c");
    start(config().concurrency(2), (payload, context) -> runs.incrementAndGet());
    pass(claimed);
    int before = jobs.claims.size();
    admin.cancel(TEXT.queue(), "c");
    client.enqueue(client.job(TEXT, "d", "d").build());
    assertThat(job("d").state()).isEqualTo(JobState.PENDING);
    assertThat(jobs.claims).hasSize(before);
    assertThat(runs).hasValue(0);

    answers.countDown();
    for (String id : new String[] {"a", "b", "d"}) {
      assertThat(awaitState(id, JobState.DONE).attempts()).isEqualTo(1);
    }
    assertThat(runs).hasValue(3);
  }

  @Test
  @DisplayName("W30 a job that a claim brings when its lease is over is released, uncounted")
  void claimAfterItsLease() throws Exception {
    CountDownLatch claimed = claimAnswersLate();
    enqueue("a");
    start(shortLease(), (payload, context) -> runs.incrementAndGet());
    pass(claimed);
    eventually(() -> job("a").lease() != null && isExpired());

    answers.countDown();
    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(runs).hasValue(1);
    assertThat(job("a").token()).as("it was claimed again").isGreaterThan(0);
    assertThat(logs.at(ch.qos.logback.classic.Level.INFO))
        .anyMatch(line -> line.contains("is not started"));
  }

  private boolean isExpired() {
    var job = job("a");
    return job.lease() != null && !job.lease().expiresAt().isAfter(job.asOf());
  }

  @Test
  @DisplayName("W30 jobs that a claim brings after the worker has stopped are released, uncounted")
  void claimAfterTheStop() throws Exception {
    CountDownLatch claimed = claimAnswersLate();
    enqueue("a");
    Worker worker = start(config(), (payload, context) -> runs.incrementAndGet());
    pass(claimed);
    worker.stop();
    assertThat(job("a").state()).isEqualTo(JobState.PROCESSING);

    answers.countDown();
    assertThat(awaitState("a", JobState.PENDING).attempts()).isZero();
    assertThat(runs).hasValue(0);
  }

  /** The first settlement does not return before the test lets it. */
  private void settlementHangs() {
    var first = new AtomicBoolean(true);
    jobs.onSettle =
        (all, call) -> {
          if (first.getAndSet(false)) {
            passStubbornly(answers);
          }
          return call.get();
        };
  }

  @Test
  @DisplayName("W31 a stop sends a settlement again whose call has not returned")
  void settlementAtTheStop() {
    settlementHangs();
    enqueue("a");
    Worker worker = start(config(), (payload, context) -> runs.incrementAndGet());
    eventually(() -> !jobs.settled.isEmpty());

    worker.stop();
    assertThat(job("a").state()).isEqualTo(JobState.DONE);
    assertThat(worker.status().settled()).isEqualTo(1);
    answers.countDown();
    eventually(() -> threadsOfWorkers().isEmpty());
    assertThat(worker.status().settled()).isEqualTo(1);
  }

  @Test
  @DisplayName("W29 W31 a settlement that lasts longer than the store says is sent again")
  void settlementGivenUp() {
    settlementHangs();
    enqueue("a");
    Worker worker =
        start(
            Worker.builder(backend(Duration.ofMillis(300)))
                .config(config().build())
                .handle(TEXT, (payload, context) -> runs.incrementAndGet()));
    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    eventually(() -> worker.status().settled() == 1);
    enqueue("b");
    awaitState("b", JobState.DONE);

    answers.countDown();
    eventually(() -> worker.status().settled() == 2);
    assertThat(worker.status().lost()).isZero();
    assertThat(runs).hasValue(2);
  }

  private Backend backend(Duration longestCall) {
    return new Backend() {
      @Override
      public Set<Capability> capabilities() {
        return Set.of(Capability.JOBS, Capability.ADMIN);
      }

      @Override
      public JobQueue jobQueue() {
        return jobs;
      }

      @Override
      public JobAdmin jobAdmin() {
        return admin;
      }

      @Override
      public Duration longestCall() {
        return longestCall;
      }

      @Override
      public void close() {}
    };
  }

  @Test
  @DisplayName("W32 an extension that has lasted for a third of a lease is made again")
  void extensionMadeAgain() throws Exception {
    CountDownLatch extended = latch(3);
    var first = new AtomicBoolean(true);
    jobs.onExtend =
        (leases, call) -> {
          if (first.getAndSet(false)) {
            passStubbornly(answers);
          }
          var answer = call.get();
          extended.countDown();
          return answer;
        };
    enqueue("a");
    start(
        config().leaseDuration(Duration.ofSeconds(6)).extendAfter(0.1),
        (payload, context) -> pass(extended));
    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    answers.countDown();
  }
}
