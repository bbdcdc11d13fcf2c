package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Progress;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What happens to finished jobs: requeue and purge. */
abstract class AdminRequeueContract extends AdminResetContract {

  @Test
  @DisplayName(
      "Q45 requeue of a FAILED job resets its attempts and failures and keeps id, checkpoints and"
          + " token")
  void requeueOfAFailedJob() {
    JobLease lease =
        held(job().maxCrashes(1).maxFailures(1).due(Due.at(storeNow().minusSeconds(3_600))));
    jobs.checkpoint(lease, "step", "value");
    jobs.progress(lease, Progress.of(50, "half"));
    settled(lease, SettlementKind.RETRY);

    Instant before = storeNow();
    assertThat(admin.requeue(queue, lease.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);
    Instant after = storeNow();

    Job job = find(lease.jobId());
    assertThat(job.state()).as("state").isEqualTo(JobState.PENDING);
    assertThat(job.attempts()).as("attempts").isZero();
    assertThat(job.failures()).as("failures").isZero();
    assertThat(job.dueAt()).as("dueAt").isBetween(before, after);
    assertThat(job.finishedAt()).as("finishedAt").isNull();
    assertThat(job.keep()).as("keep, which is unset again").isNull();
    assertThat(job.token()).as("token").isEqualTo(lease.token());
    assertAllLost(lease, "after a requeue");
    ClaimedJob next = claimed();
    assertThat(next.attempt()).as("attempt").isEqualTo(1);
    assertThat(next.lease().token()).as("the next token").isGreaterThan(lease.token());
    assertThat(jobs.checkpoints(next.lease())).as("checkpoints").contains(Map.of("step", "value"));
  }

  @Test
  @DisplayName(
      "Q45 requeue of a CANCELLED job makes it claimable, and its cancellation is forgotten")
  void requeueOfACancelledJob() {
    JobLease lease = heldAndCancelled(job());
    settled(lease, SettlementKind.RETRY);

    assertThat(admin.requeue(queue, lease.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);

    assertThat(find(lease.jobId()).cancelRequested()).as("cancelRequested").isFalse();
    settled(claimed().lease(), SettlementKind.RETRY);
    assertThat(stateOf(lease.jobId())).as("state after a retry").isEqualTo(JobState.RETRY);
  }

  @Test
  @DisplayName("Q45 requeue answers CONFLICT and changes nothing if another job has the dedup key")
  void requeueInConflict() {
    JobLease lease = held(job().dedupKey("key"));
    settled(lease, SettlementKind.FAILED);
    String rival = enqueued(job().dedupKey("key"));
    Optional<Job> before = record(lease.jobId());

    assertThat(admin.requeue(queue, lease.jobId())).as("requeue").isEqualTo(Requeue.CONFLICT);

    assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
    assertThat(ids(claim(10))).as("claim").containsExactly(rival);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q45 a job that has the dedup key is a conflict in each state until it is finished")
  void conflictInEachState() throws Exception {
    List<Consumer<JobLease>> pasts =
        List.of(
            rival -> {},
            rival -> settled(Settlement.retry(rival, LEASE, "once")),
            rival -> settled(Settlement.released(rival, LEASE)),
            rival -> admin.cancel(rival.queue(), rival.jobId()),
            rival -> {
              settled(rival, SettlementKind.FAILED);
              assertThat(admin.requeue(queue, rival.jobId())).isEqualTo(Requeue.REQUEUED);
            });
    List<String> queues = new ArrayList<>();
    for (Consumer<JobLease> past : pasts) {
      freshQueue();
      queues.add(queue);
      settled(held(job("id").dedupKey("key")), SettlementKind.FAILED);
      past.accept(held(job().dedupKey("key")));
      assertConflict();
    }
    expireLeases();
    for (String each : queues) {
      queue = each;
      assertConflict();
    }
  }

  /** With the only other job of the queue, whatever its state. */
  private void assertConflict() {
    JobFilter failed = JobFilter.all().inQueue(queue).inState(JobState.FAILED);
    assertThat(admin.requeue(queue, "id")).as("requeue").isEqualTo(Requeue.CONFLICT);
    assertThat(AllPages.changed(10, after -> admin.requeue(failed, Requeueing.now(), after, 10)))
        .as("how many jobs a requeue by a filter requeued")
        .isZero();
  }

  @Test
  @DisplayName("Q45 requeue of a job without a dedup key never conflicts, whatever other jobs wait")
  void requeueWithoutKey() {
    String id = settledJob(SettlementKind.FAILED);
    enqueued(job());
    enqueued(job().dedupKey("key"));

    assertThat(admin.requeue(queue, id)).as("requeue").isEqualTo(Requeue.REQUEUED);
  }

  @Test
  @DisplayName("Q06 a requeued job does not collide with its own dedup key, and takes it again")
  void requeuedJobHasItsKey() {
    JobLease lease = held(job().dedupKey("key"));
    settled(lease, SettlementKind.FAILED);
    assertThat(admin.requeue(queue, lease.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);

    assertThat(jobs.enqueue(List.of(job().dedupKey("key").build())).get(0).id())
        .as("the job that has the dedup key")
        .isEqualTo(lease.jobId());
  }

  @Test
  @DisplayName(
      "Q45 requeue of a job that has not failed changes nothing, and of an unknown job says so")
  void requeueOfOthers() {
    JobLease running = held();
    assertNotRequeued(running.jobId());
    assertNotRequeued(settledJob(SettlementKind.DONE));
    assertNotRequeued(settledJob(SettlementKind.RETRY));
    freshQueue();
    assertNotRequeued(enqueued(job()));
    assertThat(admin.requeue(queue, "unknown")).as("requeue").isEqualTo(Requeue.NOT_FOUND);
  }

  private void assertNotRequeued(String id) {
    Optional<Job> before = record(id);
    assertThat(admin.requeue(queue, id))
        .as("requeue of a job that is %s", before.map(Job::state))
        .isEqualTo(Requeue.NOT_FAILED);
    assertThat(record(id)).as("the record").isEqualTo(before);
  }

  @Test
  @DisplayName("Q46 purge by age removes jobs that finished longer ago, and no others")
  void purgeByAge() throws Exception {
    String old = settledJob(SettlementKind.DONE);
    String oldFailure = settledJob(SettlementKind.FAILED);
    String oldCancelled = enqueued(job());
    admin.cancel(queue, oldCancelled);
    JobLease running = held();
    advance(term.multipliedBy(2));
    settled(SettlementKind.RETRY.different(running));
    String young = settledJob(SettlementKind.DONE);

    assertThat(admin.purge(queue, term, 1_000)).as("purge").isEqualTo(3);

    for (String id : List.of(old, oldFailure, oldCancelled)) {
      assertThat(record(id)).as("a job that finished long ago").isEmpty();
    }
    assertThat(record(young)).as("a job that finished just now").isPresent();
    assertThat(record(running.jobId())).as("a job that is not finished").isPresent();
  }

  @Test
  @DisplayName("Q46 purge with age zero removes every finished job, whatever its keep")
  void purgeOfAll() {
    JobLease lease = held(job().keep(Limits.MAX_DELAY));
    settled(lease, SettlementKind.DONE);
    String waiting = enqueued(job());

    assertThat(admin.purge(queue, Duration.ZERO, 1_000)).as("purge").isEqualTo(1);

    assertThat(record(lease.jobId())).as("the finished job").isEmpty();
    assertThat(record(waiting)).as("the waiting job").isPresent();
  }

  @Test
  @DisplayName("Q46 purge by retention removes a job when its own keep is over")
  void purgeByOwnRetention() throws Exception {
    JobLease lease = held(job().keep(term));
    settled(lease, SettlementKind.FAILED);
    Duration keep = offered("keep of a job that is FAILED", find(lease.jobId()).keep());
    assertThat(keep).as("keep, which may be longer [Q02]").isGreaterThanOrEqualTo(term);
    JobLease kept = held(job().keep(Duration.ofDays(3)));
    settled(kept, SettlementKind.FAILED);
    assertThat(find(kept.jobId()).keep()).as("keep of another job").isEqualTo(Duration.ofDays(3));
    String running = held(job().keep(term)).jobId();
    String waiting = enqueued(job().keep(term));

    advanceAlmost(keep);
    assertThat(admin.purge(queue, 1_000)).as("purge before that time").isZero();
    assertThat(record(lease.jobId())).as("the job before that time").isPresent();
    advanceTheRest();

    assertPurged(queue, lease.jobId(), "after that time");
    assertThat(record(running)).as("a held job").isPresent();
    assertThat(record(waiting)).as("a waiting job").isPresent();
  }

  @Test
  @DisplayName("Q46 purge by retention goes by the store's default if the job has no keep")
  void purgeByDefaultRetention() throws Exception {
    for (SettlementKind kind : List.of(SettlementKind.DONE, SettlementKind.FAILED)) {
      String id = settledJob(kind);
      Duration keep = offered("keep of a job that is " + kind, find(id).keep());

      advanceAlmost(keep);
      assertThat(admin.purge(queue, 1_000)).as("purge before that time").isZero();
      advance(term);

      assertPurged(queue, id, "after that time");
    }
  }

  @Test
  @DisplayName("Q46 purge works in bounded batches, and in its own queue only")
  void purgeInBatches() {
    String elsewhere = settledJob(SettlementKind.DONE);
    String otherQueue = queue;
    freshQueue();
    enqueuedMany(5);
    jobs.settle(claim(5).stream().map(job -> SettlementKind.DONE.of(job.lease())).toList());

    assertThat(admin.purge(queue, Duration.ZERO, 3)).as("the first purge").isEqualTo(3);
    assertThat(admin.purge(queue, Duration.ZERO, 3)).as("the second purge").isEqualTo(2);
    assertThat(admin.purge(queue, Duration.ZERO, 3)).as("the third purge").isZero();
    assertThat(find(otherQueue, elsewhere).state()).as("elsewhere").isEqualTo(JobState.DONE);
  }

  @Test
  @Since(2)
  @DisplayName("Q45 a job that was cancelled before it was due can be claimed once it is requeued")
  void requeueBeforeTheDueTime() {
    String id = enqueued(job().due(Due.after(Duration.ofDays(1))));
    admin.cancel(queue, id);
    assertThat(admin.requeue(queue, id)).as("requeue").isEqualTo(Requeue.REQUEUED);

    assertThat(ids(claim(1))).as("claim").containsExactly(id);
  }

  @Test
  @Since(2)
  @DisplayName("Q46 purge by retention works in bounded batches too")
  void purgeByRetentionInBatches() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      JobLease lease = held(job().keep(term));
      settled(lease, SettlementKind.DONE);
      ids.add(lease.jobId());
    }
    advance(offered("keep of a job that is DONE", find(ids.get(4)).keep()));

    int purges = 0;
    int removed;
    do {
      removed = admin.purge(queue, 3);
      assertThat(removed).as("what a purge of 3 removed").isBetween(0, 3);
      assertThat(++purges).as("purges of 3, for 5 jobs").isLessThan(10);
    } while (removed == 3);
    for (String id : ids) {
      assertThat(record(id)).as("one of 5 jobs after a purge said that no more are left").isEmpty();
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q46 a purge by retention leaves the job with the same id in another queue")
  void purgeByRetentionBesideOthers() throws Exception {
    takeLongLeases();
    for (String id : List.of("id", "0190163d-8694-739b-aea5-966c26f8ad91")) {
      freshQueue();
      JobLease other = held(job(id));
      freshQueue();
      settled(held(job(id).keep(term)), SettlementKind.DONE);
      advance(offered("keep of a job that is DONE", find(id).keep()));
      Job before = withoutAsOf(find(other.queue(), id));

      int there = record(id).isPresent() ? 1 : 0;

      assertThat(admin.purge(queue, 10)).as("purge of job %s", id).isEqualTo(there);
      assertThat(record(id)).as("job %s after its purge", id).isEmpty();
      assertThat(withoutAsOf(find(other.queue(), id))).as("the other job").isEqualTo(before);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q02 a purge by age forgets the ids of the jobs that it removes, and no others")
  void idsAfterAPurge() {
    String unkept = enqueued(job().keep(Duration.ZERO));
    settled(claimed().lease(), SettlementKind.DONE);
    int there = record(unkept).isPresent() ? 1 : 0;

    assertThat(admin.purge(queue, Duration.ZERO, 10)).as("purge").isEqualTo(there);

    assertThat(jobs.enqueue(List.of(job(unkept).build())))
        .as("enqueue of the id again")
        .containsExactly(Enqueued.of(unkept, there == 1));
  }

  @Test
  @DisplayName(
      "Q46 a purged id can be enqueued again: without checkpoints, and with a larger token")
  void sameIdAfterAPurge() throws Exception {
    JobLease old = held(job("id"));
    jobs.checkpoint(old, "step", "old");
    settled(old, SettlementKind.DONE);
    admin.purge(queue, Duration.ZERO, 1);
    JobLease fresh = held(job("id"));

    assertThat(fresh.token()).as("token").isGreaterThan(old.token());
    assertThat(jobs.checkpoints(fresh)).as("checkpoints").contains(Map.of());
    assertAllLost(old, "with the token of the purged job");
  }

  @Test
  @DisplayName(
      "Q46 a job with the id of a purged one gets larger tokens than the purged one ever had")
  void tokensGrowOverPurges() throws Exception {
    long last = 0;
    for (boolean byAge : new boolean[] {true, false, true}) {
      enqueued(job("id").keep(term));
      claimedAgainAndAgain(last);
      JobLease lease = claimed().lease();
      last = lease.token();
      settled(lease, SettlementKind.DONE);
      advance(offered("keep of a job that is DONE", find("id").keep()));
      if (byAge) {
        admin.purge(queue, Duration.ZERO, 1);
      } else {
        otherAdmin.purge(queue, 1);
      }
      assertThat(record("id")).as("the job after a purge").isEmpty();
      // The id may still be remembered.
      admin.delete(queue, "id");
    }
  }

  @Test
  @Since(2)
  @DisplayName(
      "Q36 tokens grow where the clock was set back since the first job of an id was removed")
  void tokensGrowWhenTheClockIsSetBackAfterRemovals() throws Exception {
    assertTokensGrow(List.of(Removal.DELETE, Removal.PURGE, Removal.PURGE_BY_AGE));
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q36 tokens grow where the clock was set back since a delete by a filter")
  void tokensGrowWhenTheClockIsSetBackAfterADeleteByAFilter() throws Exception {
    assertTokensGrow(List.of(Removal.DELETE_BY_FILTER));
  }

  private void assertTokensGrow(List<Removal> removals) throws Exception {
    long last = 0;
    for (Removal each : removals) {
      for (Duration by : List.of(Duration.ofMinutes(2), Duration.ofDays(400))) {
        enqueued(job("id"));
        JobLease lease = claimed().lease();
        assertThat(lease.token()).as("token after %s and %s", each, by).isGreaterThan(last);
        last = lease.token();
        settled(lease, SettlementKind.DONE);
        Duration later = by.plus(offered("keep of a job that is DONE", find("id").keep()));
        advance(later);
        remove("id", each);
        setBack(later.multipliedBy(2));
      }
    }
  }

  @Test
  @Since(3)
  @DisplayName("Q36 tokens grow where a job with a smaller token was removed last")
  void tokensGrowAfterTheRemovalOfASmallerOne() throws Exception {
    for (boolean isDeleted : new boolean[] {true, false}) {
      freshQueue();
      JobLease early = held();
      settled(early, SettlementKind.DONE);
      advance(Duration.ofMinutes(2));
      freshQueue();
      JobLease late = held();
      settled(late, SettlementKind.DONE);
      for (JobLease each : List.of(late, early)) {
        if (isDeleted) {
          admin.delete(each.queue(), each.jobId());
        } else {
          admin.purge(each.queue(), Duration.ZERO, 1);
        }
        assertThat(others.find(each.queue(), each.jobId())).as("the removed job").isEmpty();
      }
      setBack(Duration.ofMinutes(10));

      JobLease again = held(job(late.jobId()));
      assertThat(again.token())
          .as("token of the job that was %s", isDeleted ? "deleted" : "purged")
          .isGreaterThan(late.token());
    }
  }

  /** The ways in which a finished job goes. */
  enum Removal {
    DELETE,
    DELETE_BY_FILTER,
    PURGE,
    PURGE_BY_AGE
  }

  /** Removes a finished job, alone in its queue, whose keep is over. */
  void remove(String id, Removal way) {
    switch (way) {
      case DELETE -> admin.delete(queue, id);
      case DELETE_BY_FILTER ->
          AllPages.pieces(1, after -> admin.delete(JobFilter.all().inQueue(queue), after, 1));
      case PURGE -> admin.purge(queue, 1);
      case PURGE_BY_AGE -> admin.purge(queue, Duration.ZERO, 1);
    }
    assertThat(others.find(queue, id)).as("the job after %s", way).isEmpty();
  }

  @Test
  @DisplayName("Q45 a requeued job gets larger tokens than it ever had")
  void tokensGrowOverRequeues() {
    String id = enqueued(job());
    long last = 0;
    for (SettlementKind kind :
        List.of(SettlementKind.FAILED, SettlementKind.RETRY, SettlementKind.FAILED)) {
      claimedAgainAndAgain(last);
      JobLease lease = claimed().lease();
      last = lease.token();
      if (kind == SettlementKind.RETRY) {
        admin.cancel(queue, id);
      }
      settled(lease, kind);
      assertThat(admin.requeue(queue, id)).as("requeue").isEqualTo(Requeue.REQUEUED);
    }
  }

  @Test
  @DisplayName("Q46 bad ages and limits are refused")
  void badPurges() {
    for (int limit : new int[] {0, -1, 1_001}) {
      assertRefused("purge, limit " + limit, () -> admin.purge(queue, limit));
      assertRefused("purge, limit " + limit, () -> admin.purge(queue, Duration.ZERO, limit));
    }
    for (Duration bad : List.of(Duration.ofNanos(-1), Limits.MAX_DELAY.plusNanos(1))) {
      assertRefused("purge, age " + bad, () -> admin.purge(queue, bad, 1));
    }
    assertRefused("purge, no age", () -> admin.purge(queue, absent(), 1));
  }

  @Test
  @DisplayName("Q46 purge by age is exact, and counts from the time a job finished, in any way")
  void purgeAtAnAge() throws Exception {
    JobLease lease = held();
    held(job().maxCrashes(1));
    String retried = settledJob(SettlementKind.RETRY);
    String unclaimed = enqueued(job());
    advance(term.multipliedBy(2));
    settled(lease, SettlementKind.DONE);
    assertThat(admin.resetExpired(queue, 10).count()).as("reset").isEqualTo(1);
    admin.cancel(queue, retried);
    admin.cancel(queue, unclaimed);
    advanceAlmost(term);

    assertThat(admin.purge(queue, term, 1_000)).as("purge before that time").isZero();
    advanceTheRest();

    assertThat(admin.purge(queue, term, 1_000)).as("purge after that time").isEqualTo(4);
  }

  @Test
  @DisplayName("Q46 purge leaves an unfinished job, however long ago its lease expired")
  void purgeOfAnExpiredJob() throws Exception {
    JobLease lease = held();
    expireLeases();

    assertThat(admin.purge(queue, Duration.ZERO, 1_000)).as("purge by age").isZero();
    assertThat(admin.purge(queue, 1_000)).as("purge by retention").isZero();

    assertThat(ids(claim(1))).as("claim").containsExactly(lease.jobId());
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q46 purge by an age of months removes no younger job, and then removes it")
  void purgeByLongAges() throws Exception {
    for (Duration age : JobNumberContract.TIMES.subList(3, JobNumberContract.TIMES.size())) {
      JobLease lease = held(job().keep(Limits.MAX_DELAY));
      settled(lease, SettlementKind.DONE);
      advance(Duration.ofHours(1));
      assertThat(admin.purge(queue, age, 10)).as("purge of what is older than %s", age).isZero();
      assertThat(find(lease.jobId()).state()).as("state").isEqualTo(JobState.DONE);
      advance(age);
      assertThat(admin.purge(queue, age, 10)).as("purge once it is older").isEqualTo(1);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q46 a job with a keep of months is not removed a unit too early, and then is")
  void longKeeps() throws Exception {
    for (Duration keep : JobNumberContract.TIMES.subList(3, JobNumberContract.TIMES.size())) {
      JobLease lease = held(job().keep(keep));
      settled(lease, SettlementKind.FAILED);
      advanceAlmost(keep);
      assertThat(admin.purge(queue, 10))
          .as("purge just before a keep of %s is over", keep)
          .isZero();
      assertThat(record(lease.jobId())).as("the job just before that").isPresent();
      advanceTheRest();
      assertPurged(queue, lease.jobId(), "once it is over");
    }
  }
}
