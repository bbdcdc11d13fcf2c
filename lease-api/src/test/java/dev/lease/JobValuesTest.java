package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What stores make of a job that they keep as one value. */
class JobValuesTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final NewJob INPUT =
      NewJob.builder("queue", "id", "type", "payload")
          .priority(3)
          .due(Due.after(Duration.ofNanos(1_001)))
          .notAfter(Due.at(NOW.plusSeconds(60)))
          .maxCrashes(2)
          .maxFailures(4)
          .dedupKey("dedup")
          .dedupFor(Duration.ofHours(1))
          .key("key")
          .headers(Map.of("name", "value"))
          .keep(Duration.ofDays(1))
          .build();

  @Test
  void delayEndsInAWholeMicrosecondAndNotEarly() {
    assertThat(Due.after(Duration.ofNanos(1_001)).from(NOW)).isEqualTo(NOW.plusNanos(2_000));
    assertThat(Due.after(Duration.ofNanos(2_000)).from(NOW)).isEqualTo(NOW.plusNanos(2_000));
    assertThat(Due.at(NOW.minusSeconds(1)).from(NOW)).isEqualTo(NOW.minusSeconds(1));
  }

  @Test
  void newJobHasWhatItWasEnqueuedWith() {
    assertThat(INPUT.toJob(NOW))
        .isEqualTo(
            Job.builder("queue", "id", "type", "payload")
                .priority(3)
                .maxCrashes(2)
                .maxFailures(4)
                .notAfter(NOW.plusSeconds(60))
                .dedupKey("dedup")
                .dedupUntil(NOW.plusSeconds(3_600))
                .key("key")
                .headers(Map.of("name", "value"))
                .keep(Duration.ofDays(1))
                .state(JobState.PENDING)
                .createdAt(NOW)
                .dueAt(NOW.plusNanos(2_000))
                .asOf(NOW)
                .build());
  }

  @Test
  void changeSetsWhatItSetsAndLeavesTheRest() {
    Job job = INPUT.toJob(NOW).toBuilder().attempts(5).failures(2).build();

    assertThat(JobChange.builder().build().applyTo(job, NOW)).isEqualTo(job);
    assertThat(
            JobChange.builder()
                .due(Due.after(Duration.ofSeconds(1)))
                .priority(9)
                .crashesLeft(10)
                .failuresLeft(Integer.MAX_VALUE)
                .notAfter(Due.after(Duration.ofSeconds(2)))
                .payload("other")
                .build()
                .applyTo(job, NOW))
        .isEqualTo(
            job.toBuilder()
                .dueAt(NOW.plusSeconds(1))
                .priority(9)
                .maxCrashes(13)
                .maxFailures(Integer.MAX_VALUE)
                .notAfter(NOW.plusSeconds(2))
                .payload("other")
                .build());
  }

  @Test
  void answersOfAClaimAreTheValuesOfTheJob() {
    var lease = JobLease.of("queue", "id", "owner", 7, NOW.plusSeconds(1));
    Job held =
        INPUT.toJob(NOW).toBuilder()
            .state(JobState.PROCESSING)
            .attempts(3)
            .failures(1)
            .token(7)
            .lease(lease)
            .build();

    assertThat(ClaimedJob.of(held, NOW))
        .isEqualTo(
            ClaimedJob.builder(lease, "type", "payload")
                .attempt(3)
                .failures(1)
                .maxCrashes(2)
                .maxFailures(4)
                .priority(3)
                .dueAt(NOW.plusNanos(2_000))
                .claimedAt(NOW)
                .notAfter(NOW.plusSeconds(60))
                .key("key")
                .headers(Map.of("name", "value"))
                .build());
    assertThat(FinishedJob.of(held.toBuilder().state(JobState.FAILED).error("late").build()))
        .isEqualTo(
            FinishedJob.builder("queue", "id", "type", JobState.FAILED)
                .attempts(3)
                .failures(1)
                .error("late")
                .build());
  }
}
