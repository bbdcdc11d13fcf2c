package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Capability;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The two numbers of a job: its attempts that crashed, and those that failed. */
@Since(2)
abstract class JobFailureContract extends JobSettleContract {

  private ClaimedJob retried(ClaimedJob job) {
    settled(Settlement.retry(job.lease(), Duration.ZERO, "why"));
    return claimed();
  }

  private static void assertNumbers(ClaimedJob job, int attempt, int crashes, int failures) {
    assertThat(job.attempt()).as("attempt").isEqualTo(attempt);
    assertThat(job.crashes()).as("earlier crashes").isEqualTo(crashes);
    assertThat(job.failures()).as("earlier failures").isEqualTo(failures);
  }

  @Test
  @DisplayName("Q20 a failure is no crash: retries do not use crashes up")
  void failureIsNoCrash() throws Exception {
    String id = enqueued(job().maxCrashes(2));
    ClaimedJob job = claimed();
    for (int failures = 1; failures <= 5; failures++) {
      job = retried(job);
      assertNumbers(job, failures + 1, 0, failures);
    }
    expireLeases();
    assertNumbers(claimed(), 7, 1, 5);
    expireLeases();

    assertThat(claim(1)).as("claim after the second crash").isEmpty();
    assertThat(stateOf(id)).as("state").isEqualTo(JobState.FAILED);
    assertThat(find(id).error()).as("error").isEqualTo(LEASE_EXPIRED);
    assertThat(find(id).failures()).as("failures").isEqualTo(5);
  }

  @Test
  @DisplayName("Q32 a crash is no failure: expired leases do not use failures up")
  void crashIsNoFailure() throws Exception {
    String id = enqueued(job().maxCrashes(3).maxFailures(2));
    claimed();
    expireLeases();
    claimed();
    expireLeases();
    ClaimedJob third = claimed();
    assertNumbers(third, 3, 2, 0);
    assertThat(third.maxFailures()).as("maxFailures").isEqualTo(2);
    ClaimedJob fourth = retried(third);
    assertNumbers(fourth, 4, 2, 1);

    settled(Settlement.retry(fourth.lease(), Duration.ZERO, "the last"));

    Job job = find(id);
    assertThat(job.state()).as("state").isEqualTo(JobState.FAILED);
    assertThat(job.error()).as("error").isEqualTo("the last");
    assertThat(job.attempts()).as("attempts").isEqualTo(4);
    assertThat(job.failures()).as("failures").isEqualTo(2);
  }

  @Test
  @DisplayName("Q32 a job without a number of failures is tried again without end")
  void noNumberOfFailures() {
    takeLongLeases();
    String id = enqueued(job().maxCrashes(1));
    ClaimedJob job = claimed();
    for (int i = 0; i < 40; i++) {
      job = retried(job);
    }
    assertNumbers(job, 41, 0, 40);
    assertThat(job.maxFailures()).as("maxFailures").isNull();
    assertThat(find(id).maxFailures()).as("maxFailures").isNull();
  }

  @Test
  @DisplayName("Q35 a release is neither a crash nor a failure")
  void releaseIsNeither() {
    enqueued(job().maxCrashes(1).maxFailures(2));
    ClaimedJob job = retried(claimed());
    for (int i = 0; i < 3; i++) {
      settled(job.lease(), SettlementKind.RELEASED);
      job = claimed();
      assertNumbers(job, 2, 0, 1);
    }
  }

  @Test
  @DisplayName("Q27 only what is settled as a retry or as failed is a failure")
  void whatIsAFailure() {
    heldForEachKind()
        .forEach(
            (kind, lease) -> {
              settled(lease, kind);
              boolean isFailure = kind == SettlementKind.RETRY || kind == SettlementKind.FAILED;
              assertThat(find(lease.jobId()).failures())
                  .as("failures of a job settled as %s", kind)
                  .isEqualTo(isFailure ? 1 : 0);
            });
  }

  @Test
  @DisplayName(
      "Q11 each claim tells the job as it is, and the store's clock; a read, when the last was")
  void claimedAt() throws Exception {
    String id = enqueued(job().maxCrashes(9).priority(3).headers(Map.of("name", "value")));
    assertThat(find(id).claimedAt()).as("claimedAt before the first claim").isNull();
    settled(assertClaimTells(id).lease(), SettlementKind.RETRY);
    advance(Duration.ofMillis(5));
    settled(assertClaimTells(id).lease(), SettlementKind.RELEASED);
    advance(Duration.ofMillis(5));
    assertClaimTells(id);
    expireLeases();
    ClaimedJob last = assertClaimTells(id);
    settled(last.lease(), SettlementKind.RETRY);
    assertSawClaim(id, last);
  }

  private ClaimedJob assertClaimTells(String id) {
    Instant before = storeNow();
    ClaimedJob job = claimed();
    Instant after = storeNow();

    assertThat(job.claimedAt()).as("claimedAt").isBetween(before, after);
    assertThat(Duration.between(job.claimedAt(), job.lease().expiresAt()))
        .as("the time from the claim to the expiry")
        .isLessThanOrEqualTo(term)
        .isGreaterThan(term.minusMillis(1));
    assertThat(job).as("the job").isEqualTo(ClaimedJob.of(find(id), job.claimedAt()));
    assertSawClaim(id, job);
    return job;
  }

  /** If the store can tell. Two looks at a clock in one statement may differ a little. */
  private void assertSawClaim(String id, ClaimedJob claim) {
    Job job = find(id);
    Instant claimedAt = job.claimedAt();
    if (claimedAt != null) {
      assertThat(claimedAt)
          .as("claimedAt of the record")
          .isBetween(claim.claimedAt().minusSeconds(1), job.asOf().plusMillis(1));
    }
  }

  @Test
  @DisplayName("Q09 a store takes jobs with keys, or refuses one and stores nothing of its batch")
  void keysAreTakenOrRefused() {
    NewJob plain = job().build();
    NewJob keyed = job().key("shop").build();
    if (!lacks(Capability.KEYS)) {
      assertThat(jobs.enqueue(List.of(plain, keyed)))
          .as("enqueue of a job with a key")
          .allMatch(Enqueued::created);
      return;
    }
    assertThatThrownBy(() -> jobs.enqueue(List.of(plain, keyed)), "enqueue of a job with a key")
        .as("enqueue of a job with a key")
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(others.find(queue, plain.id())).as("the other job of the batch").isEmpty();
  }

  @Test
  @DisplayName("Q37 a lease is its parts, of which the place comes back as the claim gave it")
  void place() {
    JobLease lease = held();
    JobLease same =
        JobLease.of(queue, lease.jobId(), lease.owner(), lease.token(), lease.expiresAt())
            .withPlace(lease.place());
    assertThat(find(lease.jobId()).lease()).as("the stored lease").isEqualTo(same);
    settled(same, SettlementKind.DONE);
  }

  @Test
  @Since(3)
  @Tag(Tags.RULE)
  @DisplayName("Q20 crashes add up, also those with a retry and a release between them")
  void crashesNotInARow() throws Exception {
    String id = enqueued(job().maxCrashes(2));
    claimed();
    expireLeases();
    ClaimedJob job = retried(claimed());
    assertNumbers(job, 3, 1, 1);
    settled(job.lease(), SettlementKind.RELEASED);
    assertNumbers(claimed(), 3, 1, 1);
    expireLeases();

    assertThat(claim(1)).as("claim after the second crash").isEmpty();
    assertThat(stateOf(id)).as("state").isEqualTo(JobState.FAILED);
    assertThat(find(id).error()).as("error").isEqualTo(LEASE_EXPIRED);
  }

  @Test
  @Since(3)
  @Tag(Tags.RULE)
  @DisplayName("Q32 failures add up, also those with a crash and a release between them")
  void failuresNotInARow() throws Exception {
    String id = enqueued(job().maxCrashes(3).maxFailures(2));
    retried(claimed());
    expireLeases();
    ClaimedJob job = claimed();
    settled(job.lease(), SettlementKind.RELEASED);
    job = claimed();
    assertNumbers(job, 3, 1, 1);

    settled(Settlement.retry(job.lease(), Duration.ZERO, "the last"));

    assertThat(stateOf(id)).as("state after the second failure").isEqualTo(JobState.FAILED);
    assertThat(find(id).error()).as("error").isEqualTo("the last");
  }
}
