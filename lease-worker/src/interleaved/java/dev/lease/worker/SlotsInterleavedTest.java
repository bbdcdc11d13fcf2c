package dev.lease.worker;

import static dev.lease.interleaved.Schedules.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SlotsInterleavedTest {

  private static final Duration LEASE = Duration.ofSeconds(30);

  private final PolledQueue queue = new PolledQueue("q", 2, 1, WorkerConfig.builder().build());
  private final Queue<HeldJob> ran = new ConcurrentLinkedQueue<>();
  private final Queue<HeldJob> back = new ConcurrentLinkedQueue<>();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  private Slots slots(int concurrency, Signal free) {
    ran.clear();
    back.clear();
    most.set(0);
    return new Slots(
        concurrency,
        new LookAhead(10, 1_000_000, Duration.ZERO),
        HandlerThreads.of(false, "handler-", concurrency + 1),
        this::run,
        System::nanoTime,
        free::raise,
        name -> 0);
  }

  private void run(HeldJob job) {
    most.accumulateAndGet(running.incrementAndGet(), Math::max);
    ran.add(job);
    running.decrementAndGet();
  }

  private static List<HeldJob> jobs(int from, int to) {
    List<HeldJob> jobs = new ArrayList<>();
    for (int i = from; i < to; i++) {
      var lease = JobLease.of("q", "job" + i, "w", 1, Instant.EPOCH);
      jobs.add(
          new HeldJob(
              ClaimedJob.builder(lease, "t", "")
                  .attempt(1)
                  .dueAt(Instant.EPOCH)
                  .claimedAt(Instant.EPOCH)
                  .build(),
              LocalClock.SYSTEM.in(LEASE)));
    }
    return jobs;
  }

  /** Planted: a stop takes those that wait without the lock. */
  @Test
  void runsEachJobOrGivesItBack() {
    Schedules.search(
        "slots-once",
        () -> {
          var crew = new Crew();
          Slots slots = slots(2, new Signal());
          List<HeldJob> all = jobs(0, 5);
          crew.go(() -> back.addAll(slots.accept(queue, all.subList(0, 3))));
          crew.go(() -> back.addAll(slots.accept(queue, all.subList(3, 5))));
          crew.go(() -> back.addAll(slots.stranded()));
          crew.go(() -> back.addAll(slots.close()));
          crew.join();

          assertThat(slots.awaitEnd(HOUR)).isTrue();
          List<HeldJob> done = new ArrayList<>(ran);
          done.addAll(back);
          assertThat(done).containsExactlyInAnyOrderElementsOf(all);
          assertThat(most).hasValueLessThan(3);
        });
  }

  /** Planted: a job that follows another on its thread takes no slot. */
  @Test
  void runsNoMoreJobsAtOnceThanThereAreSlots() {
    Schedules.search(
        "slots-most",
        () -> {
          var crew = new Crew();
          Slots slots = slots(1, new Signal());
          List<HeldJob> all = jobs(0, 4);
          crew.go(() -> back.addAll(slots.accept(queue, all.subList(0, 2))));
          crew.go(() -> back.addAll(slots.accept(queue, all.subList(2, 4))));
          crew.join();

          assertThat(slots.awaitIdle(HOUR)).isTrue();
          assertThat(ran).hasSize(4);
          assertThat(slots.close()).isEmpty();
          assertThat(slots.awaitEnd(HOUR)).isTrue();
          assertThat(most).hasValue(1);
        });
  }

  /** Planted: a job that has ended wakes nobody who waits for the slots to be idle. */
  @Test
  void wakesWhoeverWaitsForItsJobs() {
    Schedules.search(
        "slots-idle",
        () -> {
          var free = new Signal();
          Slots slots = slots(2, free);
          List<HeldJob> all = jobs(0, 3);
          back.addAll(slots.accept(queue, all));
          back.addAll(slots.close());

          assertThat(slots.awaitIdle(HOUR)).isTrue();
          assertThat(ran.size() + back.size()).isEqualTo(3);
          free.await(HOUR);
          assertThat(slots.awaitEnd(HOUR)).isTrue();
        });
  }
}
