package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobState;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JobTextTest {

  private static final Instant TEN = Instant.parse("2026-11-29T10:00:00Z");

  @Test
  @DisplayName("an attempt whose store's clock was set back did not last less than nothing")
  void clockSetBack() {
    Job job =
        Job.builder("q", "a", "t", "")
            .state(JobState.RETRY)
            .attempts(1)
            .failures(1)
            .createdAt(TEN)
            .dueAt(TEN)
            .asOf(TEN)
            .build();
    FailedAttempt failed =
        FailedAttempt.builder(1, "w", 1, TEN).claimedAt(TEN.plusSeconds(60)).error("no").build();

    assertThat(JobText.whole(job, List.of(), List.of(failed), List.of()))
        .anySatisfy(line -> assertThat(line).contains("attempt 1 of w, 2026-11-29T10:00:00Z"));
  }

  @Test
  @DisplayName(
      "a job that may crash and fail for ever, as that of a schedule, has no number for it")
  void anyNumber() {
    Job.Builder job = Job.builder("q", "a", "t", "").createdAt(TEN).dueAt(TEN).asOf(TEN);
    Job forEver = job.maxCrashes(Integer.MAX_VALUE).maxFailures(Integer.MAX_VALUE).build();
    assertThat(JobText.whole(forEver, List.of(), List.of(), List.of()))
        .contains("Limits      any number of crashes, any number of failures");
    assertThat(
            JobText.whole(
                job.maxCrashes(3).maxFailures(7).build(), List.of(), List.of(), List.of()))
        .contains("Limits      at most 3 crashes, at most 7 failures");
  }
}
