package dev.lease.worker;

import static dev.lease.interleaved.Schedules.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import dev.lease.worker.HeldJob.StopReason;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeldJobInterleavedTest {

  private static final Duration LEASE = Duration.ofSeconds(30);

  /** Its wall clock runs ahead once the machine was suspended. */
  private final AtomicLong millis = new AtomicLong();

  private final LocalClock clock = new LocalClock(System::nanoTime, millis::get);

  private Deadline deadline() {
    return clock.in(LEASE);
  }

  private HeldJob job() {
    return job(deadline());
  }

  private static HeldJob job(Deadline deadline) {
    var lease = JobLease.of("q", "job", "w", 1, Instant.EPOCH);
    return new HeldJob(
        ClaimedJob.builder(lease, "t", "")
            .attempt(1)
            .dueAt(Instant.EPOCH)
            .claimedAt(Instant.EPOCH)
            .build(),
        deadline);
  }

  /** Planted: whether a handler may begin is asked before the monitor is taken. */
  @Test
  void startsNoHandlerThatIsNotToldToStop() {
    Schedules.search(
        "job-begin",
        () -> {
          var crew = new Crew();
          HeldJob job = job();
          crew.go(
              () -> {
                if (job.begin(null)) {
                  try {
                    new Semaphore(0).tryAcquire(HOUR, TimeUnit.NANOSECONDS);
                  } catch (InterruptedException e) {
                    // It was told.
                  }
                  job.end(null);
                }
              });
          crew.go(() -> job.tellToStop(StopReason.LOST));
          crew.join();
        });
  }

  /** Planted: after the monitor a handler is looked at once more, and then interrupted. */
  @Test
  void interruptsNoLaterJobOfAThread() {
    Schedules.search(
        "job-interrupt",
        () -> {
          var crew = new Crew();
          List<HeldJob> jobs = List.of(job(), job());
          crew.go(
              () -> {
                for (HeldJob job : jobs) {
                  if (job.begin(null)) {
                    job.end(null);
                    // As a slot does, before its thread goes on with another job.
                    Thread.interrupted();
                  }
                  Thread.sleep(1_000);
                }
              });
          for (HeldJob job : jobs) {
            crew.go(() -> job.tellToStop(StopReason.CANCELLED));
            crew.go(() -> job.tellToStop(StopReason.STOPPING));
          }
          crew.join();

          assertThat(jobs).allMatch(HeldJob::isToldToStop);
        });
  }

  /** Planted: the answers to two calls are compared and noted without the monitor. */
  @Test
  void shortensNoLease() {
    Schedules.search(
        "job-extended",
        () -> {
          var crew = new Crew();
          var still = new LocalClock(() -> 0, () -> 0);
          HeldJob job = job(still.in(LEASE));
          Deadline later = still.in(LEASE.multipliedBy(3));
          Deadline earlier = still.in(LEASE.multipliedBy(2));
          crew.go(() -> job.extended(later));
          crew.go(() -> job.extended(earlier));
          crew.join();

          assertThat(job.nanosLeft()).isEqualTo(LEASE.multipliedBy(3).toNanos());
        });
  }

  /** Planted: the lease time finds a doubt without its monitor, when an answer has ended it. */
  @Test
  void waitsForCertaintyAndNoLonger() {
    Schedules.search(
        "job-doubt",
        () -> {
          millis.set(0);
          var crew = new Crew();
          HeldJob job = job();
          millis.set(LEASE.toMillis());
          var held = new AtomicInteger();
          for (int i = 0; i < 2; i++) {
            crew.go(
                () -> {
                  job.checkNotLost();
                  held.incrementAndGet();
                });
          }
          crew.go(() -> job.extended(deadline()));
          crew.join();

          assertThat(held).hasValue(2);
          assertThat(job.isDoubtful()).isFalse();
        });
  }

  /** Planted: whoever waits for certainty asks the job under its monitor, too. */
  @Test
  void waitsForNoLock() {
    Schedules.search(
        "job-locks",
        () -> {
          millis.set(0);
          var crew = new Crew();
          HeldJob job = job();
          millis.set(LEASE.toMillis());
          crew.go(
              () -> {
                try {
                  job.checkNotLost();
                } catch (LeaseLostException e) {
                  // The store said so.
                }
              });
          crew.go(() -> job.tellToStop(StopReason.LOST));
          crew.go(() -> job.isKept());
          crew.go(() -> job.extended(deadline()));
          crew.join();
        });
  }
}
