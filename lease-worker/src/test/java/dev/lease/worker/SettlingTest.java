package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.JobState;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SettlingTest extends WorkerFixture {

  @Test
  @DisplayName("W03 success is settled, with its result")
  void success() {
    enqueue("a");
    Worker worker = start(config(), (payload, context) -> context.result(List.of(payload, "done")));

    assertThat(awaitState("a", JobState.DONE).result()).isEqualTo("[\"a\",\"done\"]");
    eventually(() -> worker.status().settled() == 1);
  }

  @Test
  @DisplayName(
      "W03 an outage while a job is settled ends with the job done, and its work done once")
  void outage() {
    var tries = new AtomicInteger();
    jobs.onSettle =
        (all, call) -> {
          if (tries.incrementAndGet() <= 3) {
            throw StoreException.notDone("cut off", null);
          }
          return call.get();
        };
    var runs = new AtomicInteger();
    enqueue("a");
    start(config(), (payload, context) -> runs.incrementAndGet());

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(runs).hasValue(1);
  }

  @Test
  @DisplayName("W03 an outage that outlasts the lease: what was done is settled late")
  void longOutage() {
    CountDownLatch expired = latch();
    jobs.onExtend =
        (leases, call) -> {
          throw StoreException.notDone("cut off", null);
        };
    jobs.onSettle =
        (all, call) -> {
          if (job("a").asOf().isBefore(all.get(0).lease().expiresAt())) {
            throw StoreException.notDone("cut off", null);
          }
          expired.countDown();
          return call.get();
        };
    enqueue("a");
    start(shortLease(), (payload, context) -> {});

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(expired.getCount()).isZero();
  }

  @Test
  @DisplayName("W03 lost after an unknown outcome is read from the record: it was our own")
  void echo() {
    lostAfterUnknown(() -> {});
    enqueue("a");
    Worker worker = start(config(), (payload, context) -> {});

    eventually(() -> worker.status().settled() == 1);
    assertThat(worker.status().lost()).isZero();
    assertThat(logs.at(Level.WARN)).isEmpty();
  }

  @Test
  @DisplayName("W03 lost after an unknown outcome, with no record left, is unknown and not lost")
  void noRecord() {
    lostAfterUnknown(() -> admin.delete(TEXT.queue(), "a"));
    enqueue("a");
    Worker worker = start(config(), (payload, context) -> {});

    eventually(() -> !logs.at(Level.WARN).isEmpty());
    assertThat(logs.at(Level.WARN)).singleElement().asString().contains("may or may not");
    assertThat(worker.status().lost()).isZero();
    assertThat(worker.status().settled()).isZero();
  }

  private void lostAfterUnknown(Runnable between) {
    var tries = new AtomicInteger();
    jobs.onSettle =
        (all, call) -> {
          if (tries.incrementAndGet() == 1) {
            assertThat(call.get()).hasSize(1);
            between.run();
            throw StoreException.outcomeUnknown("the reply was lost", null);
          }
          return List.of(Settlement.Result.LOST);
        };
  }

  @Test
  @DisplayName("W03 a job that was taken meanwhile is reported as lost")
  void lost() throws Exception {
    enqueue("a");
    CountDownLatch taken = latch();
    CountDownLatch running = latch();
    jobs.onExtend =
        (leases, call) -> {
          throw StoreException.notDone("cut off", null);
        };
    Worker worker =
        start(
            shortLease(),
            (payload, context) -> {
              running.countDown();
              passStubbornly(taken);
            });

    pass(running);
    var other = again().jobQueue();
    eventually(() -> !other.claim(ClaimRequest.of(TEXT.queue(), "other", 1, FAR)).jobs().isEmpty());
    taken.countDown();
    eventually(() -> worker.status().lost() == 1);
    assertThat(worker.status().settled()).isZero();
    assertThat(job("a").state()).isEqualTo(JobState.PROCESSING);
  }

  @Test
  @DisplayName("W03 a handler that settled the job itself is not reported as lost")
  void settledByHandler() {
    enqueue("a");
    Worker worker =
        start(
            config(),
            (payload, context) ->
                backend.jobQueue().settle(List.of(Settlement.done(context.lease(), "own"))));

    eventually(() -> worker.status().settled() == 1);
    assertThat(job("a").result()).isEqualTo("own");
    assertThat(worker.status().lost()).isZero();
  }

  @Test
  @DisplayName("W03 while a settlement is on its way the next gather, and go in one batch")
  void groupCommit() throws Exception {
    CountDownLatch underWay = latch();
    CountDownLatch goOn = latch();
    jobs.onSettle =
        (all, call) -> {
          underWay.countDown();
          pass(goOn);
          return call.get();
        };
    enqueue("first", "b", "c", "d");
    Worker worker =
        start(
            config().concurrency(4),
            (payload, context) -> {
              if (!payload.equals("first")) {
                pass(underWay);
              }
            });

    pass(underWay);
    eventually(() -> worker.status().active().isEmpty());
    goOn.countDown();
    for (String id : List.of("first", "b", "c", "d")) {
      awaitState(id, JobState.DONE);
    }
    assertThat(jobs.settled).extracting(List::size).containsExactly(1, 3);
  }

  @Test
  @DisplayName("W03 a settlement that the store refuses stops no other, and its lease runs out")
  void refused() throws Exception {
    jobs.onSettle =
        (all, call) -> {
          if (all.stream().anyMatch(settlement -> settlement.lease().jobId().equals("bad"))) {
            throw new IllegalArgumentException("never");
          }
          return call.get();
        };
    CountDownLatch all = latch(3);
    enqueue("a", "bad", "c");
    start(
        config().concurrency(3).leaseDuration(Duration.ofSeconds(2)),
        (payload, context) -> {
          all.countDown();
          pass(all);
        });

    awaitState("a", JobState.DONE);
    awaitState("c", JobState.DONE);
    eventually(() -> job("bad").attempts() == 2);
    enqueue("later");
    awaitState("later", JobState.DONE);
    assertThat(logs.at(Level.ERROR))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).contains("bad", "refuses it"));
  }

  @Test
  @DisplayName("a handler that returns with its interrupt flag set is settled")
  void interruptedItself() {
    enqueue("a");
    start(config(), (payload, context) -> Thread.currentThread().interrupt());
    awaitState("a", JobState.DONE);
  }

  @Test
  @DisplayName("W11 settlements that cannot be sent do not pile up: nothing is claimed meanwhile")
  void noPileUp() {
    CountDownLatch healed = latch();
    jobs.onSettle =
        (all, call) -> {
          if (healed.getCount() > 0) {
            throw StoreException.notDone("cut off", null);
          }
          return call.get();
        };
    enqueue("a", "b", "c", "d");
    start(config().maxBackoff(Duration.ofMillis(20)), (payload, context) -> {});

    eventually(() -> jobs.settled.size() > 5);
    assertThat(jobs.settled).allSatisfy(batch -> assertThat(batch).hasSize(1));
    healed.countDown();
    awaitState("d", JobState.DONE);
  }
}
