package dev.lease;

import static java.util.Collections.singletonMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
  void headersThatAreNullAreRefused() {
    NewJob.Builder job =
        NewJob.builder("queue", "id", "type", "payload").headers(Map.of("lease-own", "1"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job.headers(singletonMap("lease-own", null)))
        .withMessageContaining("header \"lease-own\" must not be null");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job.headers(singletonMap(null, "1")))
        .withMessageContaining("header name must not be null");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job.headers(Map.of("lease-own", "2")))
        .withMessage(
            "header \"lease-own\" must stay \"1\", was \"2\": leave it out,"
                + " since names that begin with \"lease-\" are Lease's own");
  }

  @Test
  void aJobWithoutALeaseIsNoAnswerOfAClaim() {
    Job waiting = INPUT.toJob(NOW);
    assertThatIllegalArgumentException().isThrownBy(() -> ClaimedJob.of(waiting, NOW));
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

  @Test
  void countsOfAQueueAreThoseOfItsJobs() {
    Job waiting = INPUT.toJob(NOW).toBuilder().dueAt(NOW).build();
    Job late = waiting.toBuilder().dueAt(NOW.plusSeconds(1)).build();
    Job held = held(waiting, NOW.plusSeconds(1));
    Job expired = held(waiting.toBuilder().dueAt(NOW.minusSeconds(5)).build(), NOW);
    Job done = waiting.toBuilder().state(JobState.DONE).dueAt(NOW.minusSeconds(9)).build();

    assertThat(QueueCounts.of("queue", List.of(waiting, late, held, expired, done), true, NOW))
        .isEqualTo(
            QueueCounts.builder("queue", NOW)
                .jobs(Map.of(JobState.PENDING, 2L, JobState.PROCESSING, 2L, JobState.DONE, 1L))
                .expired(1)
                .oldestDue(NOW.minusSeconds(5))
                .paused(true)
                .build());
    assertThat(QueueCounts.of("queue", List.of(late), false, NOW).oldestDue()).isNull();
  }

  private static Job held(Job job, Instant until) {
    return job.toBuilder()
        .state(JobState.PROCESSING)
        .lease(JobLease.of("queue", "id", "owner", 7, until))
        .build();
  }

  @Test
  void pageEndsWhereItHasEnoughOrHasExaminedEnough() {
    List<Job> jobs =
        Stream.of("a", "b", "a", "a")
            .map(type -> NewJob.builder("queue", "id", type, "x".repeat(300)).build().toJob(NOW))
            .toList();
    JobQuery query = JobQuery.of(JobFilter.all().ofType("a")).brief();

    assertThat(page(query.limit(2), jobs)).isEqualTo("2 of 3 examined, next a");
    assertThat(page(query.examineAtMost(2), jobs)).isEqualTo("1 of 2 examined, next b");
    assertThat(page(query.limit(3), jobs)).isEqualTo("3 of 4 examined, next null");
    assertThat(page(query, List.of())).isEqualTo("0 of 0 examined, next null");
  }

  private static String page(JobQuery query, List<Job> jobs) {
    JobPage page = JobPage.of(query, jobs, job -> job, Job::type);
    assertThat(page.jobs()).allMatch(job -> job.payload().length() == Limits.BRIEF_CHARS);
    return "%s of %s examined, next %s".formatted(page.jobs().size(), page.examined(), page.next());
  }
}
