package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Indexes with a past, by a rule: an id, a dedup key, a step, a pause and a place in the queue that
 * had another holder before. A store may clear or read what now is somebody else's.
 */
@Since(2)
abstract class AdminPastContract extends AdminModelContract {

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q05 the delete or purge of a finished job frees no dedup key that another job has")
  void keysOfLaterHolders() throws Exception {
    for (SettlementKind kind : List.of(SettlementKind.DONE, SettlementKind.FAILED)) {
      JobLease deleted = held(job().dedupKey("key"));
      settled(deleted, kind);
      JobLease purged = held(job().dedupKey("key").keep(Duration.ofMinutes(1)));
      settled(purged, kind);
      String holder = enqueued(job().dedupKey("key"));
      assertThat(admin.delete(queue, deleted.jobId())).as("delete").isTrue();
      assertTaken(holder, "after the delete of an earlier holder");
      advance(offered("keep of a finished job", find(purged.jobId()).keep()));
      assertPurged(queue, purged.jobId(), "once its keep is over");
      assertTaken(holder, "after the purge of an earlier holder");
      settled(claimed().lease(), SettlementKind.DONE);
    }
  }

  private void assertTaken(String holder, String when) {
    assertThat(others.enqueue(List.of(job().dedupKey("key").build())))
        .as("enqueue of the dedup key %s", when)
        .containsExactly(Enqueued.of(holder, false));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q45 an earlier holder of the dedup key that is finished is no conflict")
  void keysOfEarlierHolders() {
    settled(held(job().dedupKey("key")), SettlementKind.DONE);
    JobLease failed = held(job().dedupKey("key"));
    settled(failed, SettlementKind.FAILED);
    settled(held(job().dedupKey("key")), SettlementKind.DONE);
    assertThat(admin.requeue(queue, failed.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);
    assertTaken(failed.jobId(), "of a job that was requeued");
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName(
      "Q45 a job with another dedup key, or with that key in another queue, is no conflict")
  void keysOfNeighbours() {
    enqueued(job().dedupKey("key"));
    freshQueue();
    JobLease failed = held(job().dedupKey("key"));
    settled(failed, SettlementKind.FAILED);
    enqueued(job().dedupKey("another key"));
    enqueued(job());
    assertThat(admin.requeue(queue, failed.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q38 a job made anew under an id has no step of the job that was deleted")
  void stepsOfADeletedJob() {
    JobLease lease = held();
    assertThat(jobs.checkpoint(lease, "pay", "of the old job")).contains("of the old job");
    admin.delete(queue, lease.jobId());
    assertNoOldStep(lease.jobId());
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q46 a job made anew under an id has no step of the job that was purged")
  void stepsOfAPurgedJob() throws Exception {
    JobLease lease = held(job().keep(Duration.ofMinutes(1)));
    assertThat(jobs.checkpoint(lease, "pay", "of the old job")).contains("of the old job");
    settled(lease, SettlementKind.DONE);
    advance(offered("keep of a job that is DONE", find(lease.jobId()).keep()));
    assertPurged(queue, lease.jobId(), "once its keep is over");
    // Longer than most stores remember an id. A delete would free it too, but also remove a step
    // that the purge has left.
    advance(Duration.ofDays(2));
    admin.purge(queue, 100);
    if (others.enqueue(List.of(job(lease.jobId()).build())).get(0).created()) {
      assertNoOldStepOfTheWaitingJob();
    }
  }

  private void assertNoOldStep(String id) {
    assertThat(others.enqueue(List.of(job(id).build())))
        .as("enqueue of the id anew")
        .containsExactly(Enqueued.of(id, true));
    assertNoOldStepOfTheWaitingJob();
  }

  private void assertNoOldStepOfTheWaitingJob() {
    ClaimedJob anew = claimed();
    assertThat(jobs.checkpoint(anew.lease(), "pay", "of the new job"))
        .as("the step of the new job")
        .contains("of the new job");
    assertThat(jobs.checkpoints(anew.lease()).orElseThrow())
        .as("the steps of the new job")
        .containsOnlyKeys("pay");
    settled(anew.lease(), SettlementKind.DONE);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q38 the delete of a job leaves the steps of others, by its id or in its queue")
  void stepsBesideADeletedJob() {
    List<JobLease> leases = neighbours();
    keepStep(leases, "pay");
    JobLease deleted = leases.get(0);
    assertThat(admin.delete(deleted.queue(), deleted.jobId())).as("delete").isTrue();
    assertStepsStay(leases.subList(1, leases.size()), "a delete");
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q46 the purge of a job leaves the steps of others, by its id or in its queue")
  void stepsBesideAPurgedJob() {
    List<JobLease> leases = neighbours();
    keepStep(leases, "pay");
    settled(leases.get(0), SettlementKind.DONE);
    assertThat(admin.purge(leases.get(0).queue(), Duration.ZERO, 10)).as("purge").isEqualTo(1);
    assertStepsStay(leases.subList(1, leases.size()), "a purge");
  }

  /** Of those neighbours that come after the first. */
  private void assertStepsStay(List<JobLease> leases, String after) {
    for (int i = 0; i < leases.size(); i++) {
      String kept = "value " + (i + 1);
      assertThat(jobs.checkpoints(leases.get(i)).orElseThrow())
          .as("the steps of another job after %s", after)
          .isEqualTo(Map.of("pay", kept));
      assertThat(jobs.checkpoint(leases.get(i), "pay", "again"))
          .as("the value of the step of another job after %s", after)
          .contains(kept);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q21 a pause stays when the last job of its queue goes")
  void pauseOfAnEmptyQueue() {
    String last = enqueued(job());
    admin.pause(queue);
    admin.delete(queue, last);
    String next = enqueued(job());
    assertThat(claim(1)).as("claim of a queue that was paused while it was empty").isEmpty();
    admin.resume(queue);
    assertThat(ids(claim(2))).as("claim after the resume").containsExactly(next);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q21 a pause stays whichever way the last job of its queue goes")
  void pauseOverEachRemoval() throws Exception {
    Map<Removal, String> queues = new EnumMap<>(Removal.class);
    for (Removal each : Removal.values()) {
      freshQueue();
      queues.put(each, queue);
      settled(held(job("id").keep(term)), SettlementKind.DONE);
      admin.pause(queue);
    }
    advance(offered("keep of a job that is DONE", find("id").keep()));
    for (Map.Entry<Removal, String> each : queues.entrySet()) {
      queue = each.getValue();
      remove("id", each.getKey());
      assertThat(otherAdmin.counts().queue(queue).map(QueueCounts::paused))
          .as("paused after %s", each.getKey())
          .contains(true);
      enqueued(job());
      assertThat(claim(1)).as("claim after %s", each.getKey()).isEmpty();
      admin.resume(queue);
      assertThat(claim(1)).as("claim after the resume").hasSize(1);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q13 a higher priority goes first, however long a lower one has been due")
  void priorityAgainstAge() {
    takeLongLeases();
    Instant now = storeNow();
    List<NewJob> batch =
        List.of(
            job("old").priority(5).due(Due.at(Instant.EPOCH)).build(),
            job("older").priority(4).due(Due.at(now.minus(Duration.ofDays(365)))).build(),
            job("urgent").priority(6).due(Due.at(now.minusMillis(1))).build());
    jobs.enqueue(batch);
    assertThat(ids(claim(3))).as("claim").containsExactly("urgent", "old", "older");
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q38 expired jobs that a full claim left behind can be cancelled and counted")
  void leftBehindByAFullClaim() throws Exception {
    enqueuedMany(3);
    List<String> ids = ids(claim(3));
    expireLeases();
    String taken = ids(claim(1)).get(0);
    List<String> left = ids.stream().filter(id -> !id.equals(taken)).toList();
    assertThat(left).as("the jobs that are left").hasSize(2);
    QueueCounts counts = otherAdmin.counts().queue(queue).orElseThrow();
    assertThat(counts.expired()).as("jobs whose lease has expired").isEqualTo(2);
    assertThat(counts.count(JobState.PROCESSING)).as("jobs in PROCESSING").isEqualTo(3);
    for (String id : left) {
      assertThat(stateOf(id))
          .as("state of a job that the claim left")
          .isEqualTo(JobState.PROCESSING);
      assertThat(admin.cancel(queue, id)).as("cancel").isEqualTo(Cancellation.REQUESTED);
    }
    assertThat(claim(3)).as("claim of cancelled jobs").isEmpty();
    for (String id : left) {
      assertThat(stateOf(id)).as("state once a claim has met it").isEqualTo(JobState.CANCELLED);
    }
  }
}
