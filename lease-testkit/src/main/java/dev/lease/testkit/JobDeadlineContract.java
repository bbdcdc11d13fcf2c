package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Deadlines: no attempt begins after them. */
@Since(2)
abstract class JobDeadlineContract extends JobExhaustionContract {

  private Claim wholeClaim(int limit) {
    return jobs.claim(ClaimRequest.of(queue, "worker", limit, term));
  }

  private void assertCancelledByDeadline(String id, int attempts) {
    Job job = find(id);
    assertThat(job.state()).as("state").isEqualTo(JobState.CANCELLED);
    assertThat(job.error()).as("error").isEqualTo(Limits.DEADLINE_PASSED);
    assertThat(job.attempts()).as("attempts").isEqualTo(attempts);
    assertThat(job.lease()).as("lease").isNull();
    assertThat(job.finishedAt()).as("finishedAt").isNotNull();
  }

  @Test
  @DisplayName("Q81 a job is given until its deadline, and the claim that meets it later ends it")
  void deadline() throws Exception {
    String id = enqueued(job().dedupKey("key").notAfter(Due.after(term)));
    advanceAlmost(term.plus(bare.fixture.unit()));
    ClaimedJob last = claimed();
    assertThat(last.notAfter()).as("notAfter").isEqualTo(find(id).notAfter());
    settled(last.lease(), SettlementKind.RELEASED);
    advanceTheRest();

    Claim claim = wholeClaim(10);

    assertThat(claim.jobs()).as("given after the deadline").isEmpty();
    assertThat(claim.finished())
        .as("finished jobs")
        .containsExactly(
            FinishedJob.builder(queue, id, "kit", JobState.CANCELLED)
                .attempts(0)
                .error(Limits.DEADLINE_PASSED)
                .build());
    assertCancelledByDeadline(id, 0);
    assertThat(enqueued(job().dedupKey("key"))).as("a job with the same dedup key").isNotEmpty();
  }

  @Test
  @DisplayName("Q81 a deadline holds for each attempt, also for a retry")
  void deadlineOfARetry() throws Exception {
    JobLease lease = held(job().notAfter(Due.after(term)));
    settled(Settlement.retry(lease, Duration.ZERO, "why"));
    advance(term.multipliedBy(2));

    Claim claim = wholeClaim(1);

    assertThat(claim.jobs()).as("given").isEmpty();
    assertThat(claim.finished())
        .as("finished jobs")
        .extracting(FinishedJob::failures)
        .containsExactly(1);
    assertCancelledByDeadline(lease.jobId(), 1);
  }

  @Test
  @DisplayName("Q81 a job that crashed is not given after its deadline")
  void deadlineAfterACrash() throws Exception {
    String id = held(job().notAfter(Due.after(term))).jobId();
    expireLeases();
    advance(term);

    assertThat(wholeClaim(1).jobs()).as("given").isEmpty();
    assertCancelledByDeadline(id, 1);
  }

  @Test
  @Since(3)
  @DisplayName("Q81 attempts that failed are no crashes when a job ends at its deadline")
  void failuresAreNoCrashes() throws Exception {
    String id = enqueued(job().maxCrashes(2).notAfter(Due.after(term)));
    settled(claimed().lease(), SettlementKind.RETRY);
    claimed();
    expireLeases();

    wholeClaim(1);

    assertCancelledByDeadline(id, 2);
  }

  @Test
  @DisplayName("Q81 a job whose last crash and deadline are met together is FAILED")
  void deadlineAfterTheLastCrash() throws Exception {
    String id = held(job().maxCrashes(1).notAfter(Due.after(term))).jobId();
    expireLeases();
    advance(term);

    assertThat(wholeClaim(1).jobs()).as("given").isEmpty();
    assertThat(stateOf(id)).as("state").isEqualTo(JobState.FAILED);
    assertThat(find(id).error()).as("error").isEqualTo(LEASE_EXPIRED);
  }

  @Test
  @DisplayName("Q81 a deadline does not end an attempt that has begun")
  void attemptGoesOn() throws Exception {
    enqueued(job().notAfter(Due.after(term)));
    JobLease lease =
        jobs.claim(ClaimRequest.of(queue, "worker", 1, term.multipliedBy(4))).jobs().get(0).lease();
    advance(term.multipliedBy(2));

    assertThat(jobs.extend(List.of(lease), term))
        .as("extend after the deadline")
        .singleElement()
        .isInstanceOf(Extension.Held.class);
    settled(lease, SettlementKind.DONE);
    assertThat(stateOf(lease.jobId())).as("state").isEqualTo(JobState.DONE);
  }

  @Test
  @DisplayName("Q81 jobs whose deadline has passed do not count towards the limit")
  void topsUp() throws Exception {
    for (int i = 0; i < 3; i++) {
      enqueued(job().priority(9).notAfter(Due.after(term)));
    }
    advance(term.multipliedBy(2));
    String fresh = enqueued(job());

    assertThat(ids(wholeClaim(1).jobs())).as("given").containsExactly(fresh);
  }

  @Test
  @DisplayName("Q81 a deadline may be an instant, also one in the past, and is kept exactly")
  void instants() {
    var past = storeNow().minusSeconds(3_600);
    String late = enqueued(job().due(Due.at(past.minusSeconds(60))).notAfter(Due.at(past)));
    String early = enqueued(job().notAfter(Due.at(Limits.MAX_DUE)));
    assertThat(find(late).notAfter()).as("notAfter").isEqualTo(((Due.At) Due.at(past)).instant());
    assertThat(find(early).notAfter()).as("notAfter").isEqualTo(Limits.MAX_DUE);
    assertThat(find(enqueued(job().due(Due.after(LEASE)))).notAfter()).as("notAfter").isNull();

    assertThat(ids(wholeClaim(10).jobs())).as("given").containsExactly(early);
    assertCancelledByDeadline(late, 0);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q81 a claim ends no job whose deadline has passed before it is due")
  void notDueYet() throws Exception {
    String id =
        enqueued(
            job().due(Due.after(term.multipliedBy(9))).notAfter(Due.at(storeNow().plus(term))));
    advance(term.multipliedBy(2));

    assertThat(wholeClaim(10).finished()).as("finished jobs").isEmpty();
    assertThat(stateOf(id)).as("state").isEqualTo(JobState.PENDING);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q81 a deadline that is a delay counts from the enqueue, and is rounded up")
  void deadlinesThatAreDelays() {
    Duration nine = Duration.ofMinutes(9);
    for (Duration delay : List.of(nine, nine.plusNanos(1), nine.plusNanos(1_000_001))) {
      for (Due due : List.of(Due.now(), Due.after(Duration.ofMinutes(5)), Due.at(Instant.EPOCH))) {
        Instant before = storeNow();
        String id = enqueued(job().due(due).notAfter(Due.after(delay)));
        assertThat(find(id).notAfter())
            .as("the deadline in %s of a job that is due %s", delay, due)
            .isBetween(before.plus(delay), storeNow().plus(delay).plusMillis(1));
      }
    }
  }
}
