package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobAdmin.Change;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobQuery;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How operators change jobs, by a rule: all sets of fields, of jobs that wait for each reason. */
@Since(3)
abstract class AdminFieldsContract extends AdminChangeContract {

  private static final Duration DAY = Duration.ofDays(1);

  /** When the jobs that wait are due. */
  private static final Duration LATER = Duration.ofMinutes(30);

  /** The claims of a store that finds one job in each look, in as many parts as a look may have. */
  private static final int MOST_CLAIMS = (ChangedJobs.COUNT + 1) * Claim.MAX_PARTS;

  /** Why the jobs of a queue wait. */
  private enum Reason {
    NEW(true),
    NOT_DUE(false),
    RETRIED(true),
    RETRIED_LATER(false),
    RELEASED(true),
    SNOOZED(false),
    RESET(true),
    REQUEUED(false),
    PAUSED(true);

    private final boolean hasDeadline;

    Reason(boolean hasDeadline) {
      this.hasDeadline = hasDeadline;
    }
  }

  /** The jobs of a queue after their changes. */
  private record Changed(Reason reason, String queue, List<Job> jobs) {

    String what() {
      return reason + " jobs after changes of all sets of fields";
    }

    /** Those that a claim meets at that time, in its order, or those that it does not. */
    List<Job> due(boolean isDue, Instant now) {
      return jobs.stream()
          .filter(job -> job.dueAt().isAfter(now) != isDue)
          .sorted(ChangedJobs.ORDER)
          .toList();
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q56 each set of fields of a job that waits is changed, and nothing else")
  void eachSetOfFields() throws Exception {
    takeLongLeases();
    boolean canMove = bare.fixture.time() != StoreFixture.Time.REAL;
    List<Changed> all = new ArrayList<>();
    Instant now = storeNow();
    for (Reason reason : Reason.values()) {
      if (reason != Reason.RESET || canMove) {
        freshQueue();
        makeWait(reason);
        Changed changed = changedInAllWays(reason);
        now = storeNow();
        assertClaimed(changed, changed.due(true, now), now, true);
        all.add(changed);
      }
    }
    // Those that were not due yet.
    advance(ChangedJobs.SOON);
    for (Changed changed : all) {
      queue = changed.queue();
      Instant soon = now.plus(ChangedJobs.SOON);
      List<Job> late = changed.due(false, now).stream().filter(job -> isDue(job, soon)).toList();
      assertClaimed(changed, late, soon, false);
    }
  }

  private static boolean isDue(Job job, Instant now) {
    return !job.dueAt().isAfter(now);
  }

  private void makeWait(Reason reason) throws Exception {
    enqueueAll(reason);
    Duration delay =
        reason == Reason.RETRIED_LATER || reason == Reason.SNOOZED ? LATER : Duration.ZERO;
    switch (reason) {
      case RETRIED, RETRIED_LATER -> settleAll(it -> Settlement.retry(it, delay, "once"));
      case RELEASED, SNOOZED -> settleAll(it -> Settlement.released(it, delay));
      case REQUEUED -> {
        for (JobLease lease : settleAll(it -> Settlement.failed(it, "for good"))) {
          assertThat(admin.requeue(queue, lease.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);
        }
      }
      case RESET -> {
        claimAll();
        expireLeases();
        assertThat(admin.resetExpired(queue, Limits.MAX_BATCH).count())
            .as("reset")
            .isEqualTo(ChangedJobs.COUNT);
      }
      case PAUSED -> admin.pause(queue);
      default -> {}
    }
  }

  private void enqueueAll(Reason reason) {
    Instant now = storeNow().truncatedTo(ChronoUnit.SECONDS);
    Instant due = reason == Reason.NOT_DUE ? now.plus(LATER) : now.minusSeconds(3_600);
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < ChangedJobs.COUNT; i++) {
      batch.add(
          job(ChangedJobs.id(i))
              // Some are due at the same time.
              .due(Due.at(due.plusSeconds(i % 8)))
              .notAfter(reason.hasDeadline ? Due.at(now.plus(DAY)) : null)
              .headers(Map.of("a", "b", "number", "" + i))
              .dedupKey("key " + i)
              .keep(DAY)
              .maxCrashes(9)
              .maxFailures(9)
              .build());
    }
    jobs.enqueue(batch);
  }

  private List<JobLease> claimAll() {
    List<ClaimedJob> claimed = claim(ChangedJobs.COUNT);
    assertThat(claimed).as("claim of waiting jobs").hasSize(ChangedJobs.COUNT);
    return claimed.stream().map(ClaimedJob::lease).toList();
  }

  private List<JobLease> settleAll(Function<JobLease, Settlement> how) {
    List<JobLease> leases = claimAll();
    assertThat(jobs.settle(leases.stream().map(how).toList()))
        .as("settle")
        .containsOnly(Settlement.Result.ACCEPTED);
    return leases;
  }

  private Changed changedInAllWays(Reason reason) {
    List<Job> before = listed();
    Instant since = storeNow();
    List<JobChange> changes = new ArrayList<>();
    for (int i = 0; i < ChangedJobs.COUNT; i++) {
      var random = new Random((long) ChangedJobs.COUNT * reason.name().hashCode() + i);
      changes.add(ChangedJobs.change(i, random, since.truncatedTo(ChronoUnit.SECONDS)));
      assertThat((i % 2 == 0 ? admin : otherAdmin).change(queue, ChangedJobs.id(i), changes.get(i)))
          .as("%s of a job that is %s", changes.get(i), reason)
          .isEqualTo(Change.CHANGED);
    }
    List<Job> after = listed();
    Instant until = storeNow();
    for (int i = 0; i < ChangedJobs.COUNT; i++) {
      assertThat(after.get(i))
          .as("a job that was %s, after %s", reason, changes.get(i))
          .isEqualTo(
              ChangedJobs.changed(before.get(i), changes.get(i), after.get(i), since, until));
    }
    if (reason == Reason.PAUSED) {
      assertThat(claim(1)).as("claim of a paused queue").isEmpty();
      admin.resume(queue);
    }
    return new Changed(reason, queue, after);
  }

  /** The jobs in the order of their ids. */
  private List<Job> listed() {
    JobQuery all = JobQuery.of(JobFilter.all().inQueue(queue)).limit(Limits.MAX_BATCH);
    return AllPages.of(otherAdmin, all).stream()
        .map(JobContract::withoutAsOf)
        .sorted(Comparator.comparing(Job::id))
        .toList();
  }

  /**
   * Claims those of a queue that are due, and compares the whole answer.
   *
   * @param withTimes whether the times of the jobs are those that were shown: some stores move them
   *     instead of their clock
   */
  private void assertClaimed(Changed changed, List<Job> due, Instant now, boolean withTimes) {
    List<ClaimedJob> claimed = new ArrayList<>();
    List<FinishedJob> finished = new ArrayList<>();
    claimUntilNoMore(changed, claimed, finished);
    List<Job> overdue = due.stream().filter(job -> isOverdue(job, now)).toList();
    List<Job> given = due.stream().filter(job -> !isOverdue(job, now)).toList();
    assertThat(ids(claimed))
        .as("claim of %s", changed.what())
        .containsExactlyElementsOf(given.stream().map(Job::id).toList());
    for (int i = 0; i < given.size(); i++) {
      ClaimedJob one = claimed.get(i);
      Job shown = given.get(i);
      Job job =
          withTimes ? shown : shown.toBuilder().dueAt(one.dueAt()).notAfter(one.notAfter()).build();
      assertThat(one)
          .as("what a claim gives of %s", changed.what())
          .isEqualTo(ChangedJobs.claimed(job, one));
    }
    assertThat(finished)
        .as("what a claim finishes of %s, since their deadline has passed", changed.what())
        .extracting(FinishedJob::id)
        .containsExactlyInAnyOrderElementsOf(overdue.stream().map(Job::id).toList());
  }

  /** Claims until a claim says that it has found all. */
  private void claimUntilNoMore(
      Changed changed, List<ClaimedJob> claimed, List<FinishedJob> finished) {
    var request = ClaimRequest.of(queue, "worker", Limits.MAX_BATCH, Duration.ofDays(300));
    Claim claim;
    int claims = 0;
    do {
      claim = others.claim(request);
      claimed.addAll(claim.jobs());
      finished.addAll(claim.finished());
      assertThat(++claims).as("the claims of %s", changed.what()).isLessThanOrEqualTo(MOST_CLAIMS);
    } while (claim.more() || claim.partial());
  }

  private static boolean isOverdue(Job job, Instant now) {
    return job.notAfter() != null && now.isAfter(job.notAfter());
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q56 maxBytes counts the payload that a change has set")
  void bytesOfChangedPayloads() {
    List<String> ids = enqueuedMany(3);
    change(ids.get(1), JobChange.builder().payload("x".repeat(10_000)));

    assertThat(ids(claimUpTo(5_000))).as("claim up to 5,000 bytes").containsExactly(ids.get(0));
    change(ids.get(1), JobChange.builder().payload("x"));
    assertThat(ids(claimUpTo(5_000)))
        .as("claim up to 5,000 bytes once the payload is small again")
        .containsExactly(ids.get(1), ids.get(2));
  }

  private List<ClaimedJob> claimUpTo(int bytes) {
    return jobs.claim(ClaimRequest.of(queue, "worker", 10, term).withMaxBytes(bytes)).jobs();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q56 a change that is not made is not made later either")
  void notMadeLater() {
    JobChange all =
        JobChange.builder()
            .due(Due.after(DAY))
            .notAfter(Due.after(DAY.multipliedBy(2)))
            .priority(9)
            .crashesLeft(1)
            .failuresLeft(1)
            .payload("new")
            .build();
    enqueued(job("released"));
    Job before = withoutAsOf(find("released"));
    JobLease released = claimed().lease();
    JobLease failing = held(job("failed").priority(6));
    settled(failing, SettlementKind.FAILED);
    Job failed = withoutAsOf(find("failed"));

    assertThat(admin.change(queue, "released", all)).as("of a held job").isEqualTo(Change.HELD);
    assertThat(admin.change(queue, "failed", all)).as("of a failed job").isEqualTo(Change.FINISHED);
    assertThat(admin.change(queue, "next", all)).as("of no job").isEqualTo(Change.NOT_FOUND);
    enqueued(job("next").priority(4));
    settled(released, SettlementKind.RELEASED);
    assertThat(record("failed")).as("a failed job after a change").contains(failed);
    admin.requeue(queue, "failed");
    for (Job each : List.of(before, failed)) {
      Job after = withoutAsOf(find(each.id()));
      assertThat(after)
          .as("job %s, which waits again and could not be changed before", each.id())
          .isEqualTo(
              after.toBuilder()
                  .payload(each.payload())
                  .priority(each.priority())
                  .maxCrashes(each.maxCrashes())
                  .maxFailures(each.maxFailures())
                  .notAfter(null)
                  .build());
    }
    List<ClaimedJob> claimed = claim(4);
    assertThat(ids(claimed)).as("claim").containsExactly("failed", "released", "next");
    assertThat(claimed).as("payloads").extracting(ClaimedJob::payload).containsOnly("payload");
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q56 what a change has set stays, whatever becomes of the job")
  void changesStay() throws Exception {
    String id = enqueued(job().priority(2).maxCrashes(3).maxFailures(5));
    change(id, JobChange.builder().priority(8).payload("changed").crashesLeft(7).failuresLeft(6));
    settled(changedAndClaimed("the change"), SettlementKind.RELEASED);
    settled(changedAndClaimed("a release"), SettlementKind.RETRY);
    changedAndClaimed("a retry");
    expireLeases();
    settled(changedAndClaimed("an expiry"), SettlementKind.FAILED);
    assertThat(admin.requeue(queue, id)).as("requeue").isEqualTo(Requeue.REQUEUED);
    settled(changedAndClaimed("a requeue"), SettlementKind.CANCELLED);
    JobFilter here = JobFilter.all().inQueue(queue);
    AllPages.pieces(10, after -> admin.requeue(here, Requeueing.now(), after, 10));
    settled(changedAndClaimed("a requeue by a filter"), SettlementKind.DONE);
    assertThat(find(id).payload()).as("payload of a job that is done").isEqualTo("changed");
  }

  private JobLease changedAndClaimed(String after) {
    ClaimedJob job = claimed();
    assertThat(job.payload()).as("payload after %s", after).isEqualTo("changed");
    assertThat(job.priority()).as("priority after %s", after).isEqualTo(8);
    assertThat(job.maxCrashes()).as("maxCrashes after %s", after).isEqualTo(7);
    assertThat(job.maxFailures()).as("maxFailures after %s", after).isEqualTo(6);
    return job.lease();
  }
}
