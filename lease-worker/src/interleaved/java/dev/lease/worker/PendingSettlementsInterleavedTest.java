package dev.lease.worker;

import static dev.lease.interleaved.Schedules.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.Settlement;
import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class PendingSettlementsInterleavedTest {

  private static final int JOBS = 3;

  /** Planted: the dispatcher is woken before the settlement is there. */
  @Test
  void sendsEachSettlementOnce() {
    Schedules.search(
        "settlements-once",
        () -> {
          var crew = new Crew();
          var signal = new Signal();
          var held =
              new HeldJobs(LocalClock.SYSTEM, Duration.ofSeconds(30), WorkerFixture.NO_EVENTS);
          var repair =
              new SettlementRepair(
                  null,
                  WorkerFixture.DIRECT,
                  held,
                  new StoreOutage("w", WorkerFixture.NO_EVENTS, () -> {}),
                  Duration.ofSeconds(1),
                  new Signal(),
                  () -> {});
          var pending = new PendingSettlements(held, repair, signal, System::nanoTime);
          Queue<PendingSettlement> sent = new ConcurrentLinkedQueue<>();
          var settled = new CountDownLatch(JOBS);
          var lane =
              new Loop(
                  "dispatcher",
                  signal,
                  () -> {
                    while (pending.next(queue -> true) != null) {
                      List<PendingSettlement> batch = pending.take("q");
                      assertThat(pending.open("q")).isGreaterThanOrEqualTo(batch.size());
                      sent.addAll(batch);
                      pending.answered(
                          batch, Collections.nCopies(batch.size(), Settlement.Result.ACCEPTED));
                      batch.forEach(it -> settled.countDown());
                    }
                    return HOUR;
                  },
                  Thread::new);
          lane.start();
          for (int i = 0; i < JOBS; i++) {
            var lease = JobLease.of("q", "job" + i, "w", 1, Instant.EPOCH);
            HeldJob job =
                held.add(
                    ClaimedJob.builder(lease, "t", "")
                        .attempt(1)
                        .dueAt(Instant.EPOCH)
                        .claimedAt(Instant.EPOCH)
                        .build(),
                    held.deadline());
            crew.go(() -> pending.add(new PendingSettlement(job, Settlement.done(lease))));
          }
          crew.join();
          settled.await();
          lane.end();

          assertThat(lane.awaitEnd(HOUR)).isTrue();
          assertThat(sent).hasSize(JOBS);
          assertThat(pending.open("q")).isZero();
          assertThat(held.queues()).isEmpty();
        });
  }
}
