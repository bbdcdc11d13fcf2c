package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How long a job has until its deadline, as its holder measures it. */
class TimeLeftTest {

  private static final Instant CLAIM = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final AtomicLong nanos = new AtomicLong(-5);

  /** A job whose claim was sent now. */
  private HeldJob claimed(@Nullable Instant notAfter) {
    var lease = JobLease.of("q", "a", "w", 1, CLAIM.plus(LEASE));
    ClaimedJob job =
        ClaimedJob.builder(lease, "t", "")
            .dueAt(Instant.EPOCH)
            .claimedAt(CLAIM)
            .notAfter(notAfter)
            .build();
    return new HeldJob(job, new LocalClock(nanos::get, () -> 0L).in(LEASE));
  }

  @Test
  @DisplayName("the time left counts from before the claim was sent, and stops at zero")
  void counts() {
    HeldJob job = claimed(CLAIM.plusSeconds(60));
    assertThat(job.timeLeft()).contains(Duration.ofSeconds(60));
    nanos.addAndGet(Duration.ofSeconds(45).toNanos());
    assertThat(job.timeLeft()).as("past the lease").contains(Duration.ofSeconds(15));
    nanos.addAndGet(Duration.ofSeconds(16).toNanos());
    assertThat(job.timeLeft()).contains(Duration.ZERO);
  }

  @Test
  @DisplayName("a job without a deadline has no time left to ask for")
  void none() {
    assertThat(claimed(null).timeLeft()).isEmpty();
  }

  @Test
  @DisplayName("an extension of the lease leaves the deadline alone")
  void extended() {
    HeldJob job = claimed(CLAIM.plusSeconds(60));
    nanos.addAndGet(Duration.ofSeconds(20).toNanos());
    job.extended(new LocalClock(nanos::get, () -> 0L).in(LEASE));
    assertThat(job.timeLeft()).contains(Duration.ofSeconds(40));
  }
}
