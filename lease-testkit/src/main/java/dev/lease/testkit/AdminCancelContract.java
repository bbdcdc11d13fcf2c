package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How operators stop jobs: cancel, delete and pause. */
abstract class AdminCancelContract extends JobContract {

  /** The calls for operators, through one backend object of the store under test. */
  protected JobAdmin admin;

  /** The same calls, through another backend object on the same data. */
  protected JobAdmin otherAdmin;

  @BeforeEach
  void takeJobAdmins() {
    admin = part(Capability.ADMIN, one::jobAdmin);
    otherAdmin = two.jobAdmin();
  }

  void assertCancelled(String id) {
    Job job = find(id);
    assertThat(job.state()).as("state").isEqualTo(JobState.CANCELLED);
    assertThat(job.lease()).as("lease").isNull();
    assertThat(job.cancelRequested()).as("cancelRequested, which must be over").isFalse();
    assertThat(job.finishedAt()).as("finishedAt").isNotNull();
    assertThat(job.keep()).as("keep, which a finished job must have").isNotNull();
  }

  /** A held job whose cancellation was requested. */
  JobLease heldAndCancelled(NewJob.Builder job) {
    JobLease lease = held(job);
    assertThat(otherAdmin.cancel(queue, lease.jobId()))
        .as("cancel of a held job")
        .isEqualTo(Cancellation.REQUESTED);
    return lease;
  }

  /**
   * Purges what was kept long enough, and expects a job to be gone. How many the purge removed says
   * nothing: a store may remove such jobs by itself, and may count what it had kept of others.
   */
  void assertPurged(String queue, String id, String when) {
    assertThat(admin.purge(queue, Limits.MAX_BATCH))
        .as("a purge %s", when)
        .isBetween(0, Limits.MAX_BATCH);
    assertThat(record(queue, id)).as("the job after a purge %s", when).isEmpty();
  }

  void assertKeyIsFree(String when) {
    NewJob next = job().dedupKey("key").build();
    assertThat(jobs.enqueue(List.of(next)))
        .as("enqueue of the dedup key of a job %s", when)
        .containsExactly(Enqueued.of(next.id(), true));
  }

  @Test
  @DisplayName("Q21 a paused queue gives no jobs until it is resumed")
  void paused() {
    String id = enqueued(job());

    admin.pause(queue);
    admin.pause(queue);
    assertThat(claim(1)).as("claim").isEmpty();
    assertThat(others.claim(ClaimRequest.of(queue, "worker", 1, term)).jobs())
        .as("claim in another queue")
        .isEmpty();
    otherAdmin.resume(queue);
    otherAdmin.resume(queue);

    assertThat(ids(claim(1))).as("claim after resume").containsExactly(id);
  }

  @Test
  @Since(2)
  @DisplayName("Q21 a resume ends the pause of its queue only")
  void otherQueuesStayPaused() {
    String asked = queue;
    admin.pause(asked);
    freshQueue();
    admin.pause(queue);
    enqueued(job());
    admin.resume(asked);
    assertThat(claim(1)).as("claim of a queue that is still paused").isEmpty();
  }

  @Test
  @DisplayName("Q21 in a paused queue held jobs go on, and jobs can be enqueued")
  void pausedQueueRunsOn() {
    JobLease lease = held();
    admin.pause(queue);

    assertThat(jobs.extend(List.of(lease), term).get(0))
        .as("extend")
        .isInstanceOf(Extension.Held.class);
    assertThat(jobs.progress(lease, Progress.of(1, ""))).as("progress").isTrue();
    assertThat(jobs.checkpoint(lease, "step", "value")).as("checkpoint").isPresent();
    settled(lease, SettlementKind.DONE);
    enqueued(job());
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q21 settleAndClaim of a paused queue settles, and claims nothing")
  void settledAndPaused() {
    JobLease lease = held();
    enqueued(job());
    String paused = queue;
    freshQueue();
    JobLease elsewhere = held();
    admin.pause(paused);

    SettledAndClaimed both =
        jobs.settleAndClaim(
            List.of(SettlementKind.DONE.of(lease), SettlementKind.FAILED.of(elsewhere)),
            ClaimRequest.of(paused, "worker", 2, term));

    assertThat(both.settled()).as("settled").containsOnly(Settlement.Result.ACCEPTED).hasSize(2);
    assertThat(both.claim().jobs()).as("claimed").isEmpty();
    assertThat(find(paused, lease.jobId()).state()).as("state").isEqualTo(JobState.DONE);
    assertThat(stateOf(elsewhere.jobId())).as("state of another").isEqualTo(JobState.FAILED);
  }

  @Test
  @DisplayName("Q21 a queue without jobs can be paused, and other queues are not affected")
  void pausedBeforeTheFirstJob() {
    admin.pause(queue);
    enqueued(job());
    assertThat(claim(1)).as("claim").isEmpty();

    freshQueue();
    enqueued(job());
    assertThat(claim(1)).as("claim of another queue").hasSize(1);
  }

  @Test
  @DisplayName("Q21 a paused queue does not give expired jobs either")
  void pausedQueueKeepsExpiredJobs() throws Exception {
    held();
    admin.pause(queue);
    expireLeases();

    assertThat(claim(1)).as("claim").isEmpty();
  }

  @Test
  @DisplayName("Q38 cancel of a waiting job makes it CANCELLED")
  void cancelOfAWaitingJob() {
    String pending = enqueued(job().due(Due.after(term)));
    String retry = settledJob(SettlementKind.RETRY);
    for (String id : List.of(pending, retry)) {
      assertThat(admin.cancel(queue, id)).as("cancel").isEqualTo(Cancellation.CANCELLED);
      assertCancelled(id);
    }
    assertThat(claim(10)).as("claim").isEmpty();
  }

  @Test
  @DisplayName("Q38 cancel of a held job marks it, and every extend tells its holder")
  void cancelOfARunningJob() {
    JobLease lease = heldAndCancelled(job());

    Job job = find(lease.jobId());
    assertThat(job.state()).as("state").isEqualTo(JobState.PROCESSING);
    assertThat(job.cancelRequested()).as("cancelRequested").isTrue();
    assertThat(job.lease()).as("lease").isEqualTo(lease);
    for (int i = 0; i < 2; i++) {
      assertThat(jobs.extend(List.of(lease), term).get(0))
          .as("extend")
          .isInstanceOfSatisfying(
              Extension.Held.class,
              held -> assertThat(held.cancelRequested()).as("cancelRequested").isTrue());
    }
  }

  @Test
  @DisplayName(
      "Q38 a held job whose cancellation was requested becomes DONE or FAILED if it is settled so")
  void cancelledJobThatEnds() {
    for (Map.Entry<SettlementKind, JobState> each :
        Map.of(SettlementKind.DONE, JobState.DONE, SettlementKind.FAILED, JobState.FAILED)
            .entrySet()) {
      JobLease lease = heldAndCancelled(job());
      settled(lease, each.getKey());
      assertThat(stateOf(lease.jobId())).as("state").isEqualTo(each.getValue());
    }
  }

  @Test
  @DisplayName(
      "Q38 a held job whose cancellation was requested becomes CANCELLED by a retry or a release")
  void cancelledJobThatGoesOn() {
    for (SettlementKind kind : List.of(SettlementKind.RETRY, SettlementKind.RELEASED)) {
      JobLease lease = heldAndCancelled(job());
      settled(lease, kind);
      assertCancelled(lease.jobId());
      assertAllLost(lease, "after cancellation by " + kind);
    }
    JobLease lease = heldAndCancelled(job());
    settled(Settlement.retry(lease, Duration.ZERO, "why"));
    assertThat(find(lease.jobId()).error()).as("error of the last attempt").isEqualTo("why");
    assertThat(claim(10)).as("claim").isEmpty();
  }

  @Test
  @Since(2)
  @DisplayName("Q38 a held job that its holder cancels too has the holder's reason")
  void cancelledByBoth() {
    JobLease lease = heldAndCancelled(job());
    settled(Settlement.cancelled(lease, "why"));

    assertCancelled(lease.jobId());
    assertThat(find(lease.jobId()).error()).as("error").isEqualTo("why");
  }

  @Test
  @DisplayName(
      "Q38 a held job whose cancellation was requested becomes CANCELLED when a claim finds it"
          + " expired")
  void cancelledJobThatExpires() throws Exception {
    JobLease lease = heldAndCancelled(job());
    JobLease onItsLastAttempt = heldAndCancelled(job().maxCrashes(1));
    expireLeases();

    assertThat(claim(10)).as("claim").isEmpty();

    assertCancelled(lease.jobId());
    assertCancelled(onItsLastAttempt.jobId());
  }

  @Test
  @DisplayName(
      "Q38 a held job whose cancellation was requested finishes by its settlement, however late"
          + " that comes")
  void cancelledJobThatEndsLate() throws Exception {
    Map<SettlementKind, JobLease> leases = new EnumMap<>(SettlementKind.class);
    for (SettlementKind kind : SettlementKind.values()) {
      leases.put(kind, heldAndCancelled(job()));
    }
    expireLeases();

    leases.forEach(
        (kind, lease) -> {
          settled(lease, kind);
          if (kind.state().isFinished()) {
            assertThat(stateOf(lease.jobId())).as("state").isEqualTo(kind.state());
          } else {
            assertCancelled(lease.jobId());
          }
        });
  }

  @Test
  @DisplayName(
      "Q38 after a requested cancellation a retry that is the last failure makes the job CANCELLED,"
          + " not FAILED")
  void cancelledJobOnItsLastFailure() {
    JobLease lease = heldAndCancelled(job().maxFailures(1));

    settled(lease, SettlementKind.RETRY);

    assertCancelled(lease.jobId());
  }

  @Test
  @DisplayName("Q38 cancel of a job whose lease expired unnoticed marks it like a held job")
  void cancelOfAnExpiredJob() throws Exception {
    JobLease lease = held();
    expireLeases();

    assertThat(admin.cancel(queue, lease.jobId())).as("cancel").isEqualTo(Cancellation.REQUESTED);

    assertThat(stateOf(lease.jobId())).as("state").isEqualTo(JobState.PROCESSING);
    assertThat(claim(1)).as("claim").isEmpty();
    assertCancelled(lease.jobId());
  }

  @Test
  @DisplayName("Q38 cancel of a finished job changes nothing, and of an unknown job says so")
  void cancelOfAFinishedJob() {
    for (SettlementKind kind : List.of(SettlementKind.DONE, SettlementKind.FAILED)) {
      String id = settledJob(kind);
      Optional<Job> before = record(id);
      assertThat(admin.cancel(queue, id)).as("cancel").isEqualTo(Cancellation.FINISHED);
      assertThat(record(id)).as("the record").isEqualTo(before);
    }
    assertThat(admin.cancel(queue, "unknown")).as("cancel").isEqualTo(Cancellation.NOT_FOUND);
  }

  @Test
  @DisplayName("Q38 after a delete every call of the holder is lost and creates nothing")
  void deleteOfARunningJob() {
    JobLease lease = held();
    jobs.checkpoint(lease, "step", "value");

    assertThat(otherAdmin.delete(queue, lease.jobId())).as("delete").isTrue();

    assertAllLost(lease, "after a delete");
    assertThat(record(lease.jobId())).as("the record").isEmpty();
  }

  @Test
  @DisplayName("Q38 no claim and no reset finds a job that was deleted while it was held")
  void deletedJobIsMetByNobody() throws Exception {
    JobLease cancelled = heldAndCancelled(job());
    JobLease lease = held();
    for (JobLease each : List.of(cancelled, lease)) {
      assertThat(admin.delete(queue, each.jobId())).as("delete").isTrue();
    }
    expireLeases();

    assertThat(otherAdmin.resetExpired(queue, 10).count()).as("resetExpired").isZero();
    assertThat(claim(10)).as("claim").isEmpty();

    assertAllLost(cancelled, "after a delete");
    assertAllLost(lease, "after a delete");
  }

  @Test
  @DisplayName("Q38 delete removes jobs of every state, and says whether the job existed")
  void deleteOfAnyJob() {
    for (SettlementKind kind : SettlementKind.values()) {
      String id = settledJob(kind);
      assertThat(admin.delete(queue, id)).as("delete after %s", kind).isTrue();
      assertThat(admin.delete(queue, id)).as("the second delete").isFalse();
      assertThat(record(id)).as("the record").isEmpty();
      assertThat(claim(1)).as("claim").isEmpty();
    }
  }

  @Test
  @DisplayName(
      "Q38 a job with the id of a deleted one starts afresh, and the old token does not work for"
          + " it")
  void sameIdAfterADelete() {
    JobLease another = held();
    settled(held(job("id")), SettlementKind.RELEASED);
    JobLease old = claimed().lease();
    jobs.checkpoint(old, "step", "old");
    admin.delete(queue, "id");
    admin.delete(queue, another.jobId());
    JobLease fresh = held(job("id"));

    assertThat(fresh.token()).as("token").isGreaterThan(old.token());
    assertThat(jobs.checkpoints(fresh)).as("checkpoints").contains(Map.of());
    assertAllLost(old, "with the token of the deleted job");
  }

  @Test
  @DisplayName(
      "Q38 a job with the id of a deleted one gets larger tokens than the deleted one ever had")
  void tokensGrowOverDeletes() {
    long last = 0;
    for (JobAdmin each : List.of(admin, otherAdmin, admin)) {
      enqueued(job("id"));
      last = claimedAgainAndAgain(last);
      assertThat(each.delete(queue, "id")).as("delete").isTrue();
    }
  }

  /**
   * Claims and releases the only job ten times, and returns its last token, which is the largest.
   */
  long claimedAgainAndAgain(long last) {
    long token = last;
    for (int i = 0; i < 10; i++) {
      JobLease lease = claimed().lease();
      assertThat(lease.token()).as("token of claim %s of the job", i).isGreaterThan(token);
      token = lease.token();
      settled(lease, SettlementKind.RELEASED);
    }
    return token;
  }

  @Test
  @DisplayName("Q05 a dedup key is free once its job is cancelled or deleted")
  void keyFreedByPeople() {
    admin.cancel(queue, enqueued(job().dedupKey("key")));
    assertKeyIsFree("that was cancelled");

    freshQueue();
    settled(heldAndCancelled(job().dedupKey("key")), SettlementKind.RETRY);
    assertKeyIsFree("that was cancelled while it was held");

    freshQueue();
    admin.delete(queue, held(job().dedupKey("key")).jobId());
    assertKeyIsFree("that was deleted");
  }

  @Test
  @DisplayName("Q05 the dedup key of a held job stays taken after its cancellation was requested")
  void keyOfACancelledJobThatRuns() {
    JobLease lease = heldAndCancelled(job().dedupKey("key"));

    assertThat(jobs.enqueue(List.of(job().dedupKey("key").build())))
        .as("enqueue of its dedup key")
        .containsExactly(Enqueued.of(lease.jobId(), false));
  }

  @Test
  @DisplayName("Q51 jobs whose ids look alike are cancelled and deleted separately")
  void lookalikesAreUntouched() {
    Set<String> ids = Set.of("a", "A", "a ", "á", "a%", "%", "_");
    jobs.enqueue(ids.stream().map(id -> job(id).build()).toList());

    admin.cancel(queue, "a");
    admin.delete(queue, "%");

    assertCancelled("a");
    assertThat(record("%")).as("the deleted job").isEmpty();
    assertThat(claim(10)).as("the jobs that are left").hasSize(5);
  }

  @Test
  @DisplayName("Q21 one resume is enough for a queue that was paused twice")
  void pausedTwice() {
    enqueued(job());
    admin.pause(queue);
    otherAdmin.pause(queue);

    admin.resume(queue);

    assertThat(claim(1)).as("claim").hasSize(1);
  }
}
