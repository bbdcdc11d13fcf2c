package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.Requeueing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What operators do with deadlines, and with dedup keys that stay taken for a time. */
@Since(2)
abstract class AdminWindowContract extends AdminFieldsContract {

  private static final Duration DAY = Duration.ofDays(1);

  /** A job that is DONE, and whose key stays taken for so long. */
  private String keeper(Duration keyFor) {
    JobLease lease = held(job().dedupKey("key").dedupFor(keyFor));
    settled(lease, SettlementKind.DONE);
    return lease.jobId();
  }

  private void assertTakenBy(String id, String when) {
    assertThat(others.enqueue(List.of(job().dedupKey("key").build())))
        .as("enqueue of the dedup key of a job %s", when)
        .containsExactly(Enqueued.of(id, false));
  }

  private String assertFree(String when) {
    NewJob next = job().dedupKey("key").build();
    assertThat(others.enqueue(List.of(next)))
        .as("enqueue of the dedup key of a job %s", when)
        .containsExactly(Enqueued.of(next.id(), true));
    return next.id();
  }

  @Test
  @DisplayName("Q82 a dedup key outlives its job: a purge removes the job, and the key stays taken")
  void outlivesItsJob() throws Exception {
    String id = keeper(term);
    assertThat(admin.purge(queue, Duration.ZERO, 10)).as("purge").isEqualTo(1);
    assertThat(record(id)).as("the record after the purge").isEmpty();
    assertTakenBy(id, "that was purged");
    assertThat(jobs.enqueue(List.of(job(id).build())))
        .as("enqueue of its id")
        .containsExactly(Enqueued.of(id, false));
    advance(term.multipliedBy(2));
    admin.purge(queue, 10);
    assertFree("that was purged, once the time for its key is over");
  }

  @Test
  @DisplayName("Q82 a key whose time is over is not that of a later job with the same id")
  void keyOfAnEarlierJob() throws Exception {
    String id = keeper(term);
    advance(term.multipliedBy(2));
    admin.purge(queue, Duration.ZERO, 10);
    assertThat(record(id)).as("the record after the purge").isEmpty();

    enqueued(job(id).dedupKey("another"));

    assertFree("that was purged, and whose id is that of a new job with another key");
  }

  @Test
  @DisplayName("Q82 a delete frees the key at once, of a job that is there and of one that is gone")
  void deleteFrees() {
    String id = keeper(DAY);
    assertThat(admin.delete(queue, id)).as("delete").isTrue();
    assertFree("that was deleted");
    freshQueue();
    id = keeper(DAY);
    assertThat(admin.purge(queue, Duration.ZERO, 10)).as("purge").isEqualTo(1);
    assertThat(admin.delete(queue, id)).as("delete of a purged job").isFalse();
    assertFree("that was purged and deleted");
  }

  @Test
  @DisplayName("Q06 a requeued job does not collide with its own key that stays taken")
  void requeueWithOwnKey() {
    JobLease lease = held(job().dedupKey("key").dedupFor(DAY));
    settled(lease, SettlementKind.FAILED);
    assertThat(admin.requeue(queue, lease.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);
    assertTakenBy(lease.jobId(), "that was requeued");
  }

  @Test
  @DisplayName("Q45 a key that stays taken for another job is a conflict until its time is over")
  void requeueOfAnotherKey() throws Exception {
    JobLease first = held(job().dedupKey("key"));
    settled(first, SettlementKind.FAILED);
    keeper(term);
    assertThat(admin.requeue(queue, first.jobId()))
        .as("requeue while another job keeps the key")
        .isEqualTo(Requeue.CONFLICT);
    advance(term.multipliedBy(2));
    assertThat(admin.requeue(queue, first.jobId()))
        .as("requeue once its time is over")
        .isEqualTo(Requeue.REQUEUED);
    assertTakenBy(first.jobId(), "that was requeued");
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q45 a key that stays taken for a job that is gone is a conflict until it is free")
  void requeueOfAKeyWhoseJobIsGone() throws Exception {
    JobLease first = held(job().dedupKey("key").keep(Limits.MAX_DELAY));
    settled(first, SettlementKind.FAILED);
    JobLease keeper = held(job().dedupKey("key").dedupFor(Limits.MAX_DELAY).keep(term));
    settled(keeper, SettlementKind.DONE);
    advance(offered("keep of a job that is DONE", find(keeper.jobId()).keep()));
    assertPurged(queue, keeper.jobId(), "by retention");

    assertThat(admin.requeue(queue, first.jobId()))
        .as("requeue while the key stays taken for a job that was purged")
        .isEqualTo(Requeue.CONFLICT);
    admin.delete(queue, keeper.jobId());
    assertThat(admin.requeue(queue, first.jobId()))
        .as("requeue once a delete has freed the key")
        .isEqualTo(Requeue.REQUEUED);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q82 each way to delete a job frees its key and its id at once")
  void eachDeleteFrees() {
    List<JobAdmin> admins = new ArrayList<>(List.of(admin));
    if (!lacks(Capability.AUDIT)) {
      admins.add(admin.by(Operator.of("kit", "")));
    }
    for (JobAdmin each : admins) {
      for (boolean byFilter : new boolean[] {false, true}) {
        for (JobState state : List.of(JobState.PENDING, JobState.PROCESSING, JobState.DONE)) {
          freshQueue();
          String id = enqueued(job().dedupKey("key").dedupFor(DAY));
          if (state != JobState.PENDING) {
            JobLease lease = claimed().lease();
            if (state == JobState.DONE) {
              settled(lease, SettlementKind.DONE);
            }
          }
          if (byFilter) {
            AllPages.pieces(10, after -> each.delete(JobFilter.all().inQueue(queue), after, 10));
          } else {
            each.delete(queue, id);
          }
          String when = "that was " + state + " and deleted" + (byFilter ? " by a filter" : "");
          assertFree(when);
          assertThat(others.enqueue(List.of(job(id).build())))
              .as("enqueue of the id of a job %s", when)
              .containsExactly(Enqueued.of(id, true));
        }
      }
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q82 the time counts from the enqueue: no call of an operator lengthens it")
  void noCallLengthensTheTime() throws Exception {
    List<Consumer<String>> calls =
        List.of(
            id -> admin.requeue(queue, id),
            id -> admin.requeue(queue, id, Requeueing.spreadOver(Duration.ofMillis(1))),
            id -> {
              JobFilter all = JobFilter.all().inQueue(queue);
              AllPages.pieces(10, after -> admin.requeue(all, Requeueing.now(), after, 10));
            },
            id -> {
              admin.requeue(queue, id);
              change(id, JobChange.builder().due(Due.now()).priority(9).payload("changed"));
            },
            id -> {
              admin.requeue(queue, id);
              admin.cancel(queue, id);
              admin.requeue(queue, id);
            });
    List<String> queues = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      freshQueue();
      queues.add(queue);
      settled(
          held(job("id").dedupKey("key").dedupFor(term.multipliedBy(2))), SettlementKind.FAILED);
    }
    advance(term);
    for (int i = 0; i < calls.size(); i++) {
      queue = queues.get(i);
      Instant until = find("id").dedupUntil();
      calls.get(i).accept("id");
      assertThat(find("id").dedupUntil()).as("dedupUntil after call %s", i).isEqualTo(until);
    }
    advance(Duration.ofMillis(2));
    for (String each : queues) {
      queue = each;
      settled(claimed().lease(), SettlementKind.DONE);
      assertTakenBy("id", "that lived twice");
    }
    advance(term);
    for (int i = 0; i < calls.size(); i++) {
      queue = queues.get(i);
      assertFree("that lived twice, once the time for its key is over, after call " + i);
    }
  }

  @Test
  @DisplayName("Q82 a cancelled job keeps its key for its time")
  void cancelled() {
    String id = enqueued(job().dedupKey("key").dedupFor(DAY));
    admin.cancel(queue, id);
    assertThat(stateOf(id)).as("state").isEqualTo(JobState.CANCELLED);
    assertTakenBy(id, "that was cancelled");
  }

  @Test
  @DisplayName("Q81 a requeue takes the deadline away")
  void requeueWithoutDeadline() throws Exception {
    String id = enqueued(job().notAfter(Due.after(term)));
    advance(term.multipliedBy(2));
    assertThat(claim(1)).as("claim after the deadline").isEmpty();
    assertThat(stateOf(id)).as("state").isEqualTo(JobState.CANCELLED);

    assertThat(admin.requeue(queue, id)).as("requeue").isEqualTo(Requeue.REQUEUED);

    assertThat(find(id).notAfter()).as("notAfter").isNull();
    assertThat(ids(claim(1))).as("claim after the requeue").containsExactly(id);
  }

  @Test
  @DisplayName("Q81 a deadline is no failed attempt; the crash before it is one")
  void noFailedAttempt() throws Exception {
    String waited = enqueued(job().notAfter(Due.after(term)));
    String crashed = enqueued(job().priority(9).notAfter(Due.after(term)));
    assertThat(ids(claim(1))).as("claim").containsExactly(crashed);
    expireLeases();
    advance(term);
    assertThat(claim(10)).as("claim after the deadline").isEmpty();

    assertThat(admin.failedAttempts(queue, waited)).as("of the job that waited").isEmpty();
    assertThat(admin.failedAttempts(queue, crashed)).as("of the job that crashed").hasSize(1);
  }

  @Test
  @DisplayName("Q81 a reset ends an expired job whose deadline has passed, and no waiting one")
  void reset() throws Exception {
    String waited = enqueued(job().notAfter(Due.after(term)));
    String crashed = enqueued(job().priority(9).notAfter(Due.after(term)));
    assertThat(ids(claim(1))).as("claim").containsExactly(crashed);
    expireLeases();
    advance(term);

    assertThat(admin.resetExpired(queue, 10).count()).as("resetExpired").isEqualTo(1);

    assertThat(stateOf(crashed)).as("state").isEqualTo(JobState.CANCELLED);
    assertThat(find(crashed).error()).as("error").isEqualTo(Limits.DEADLINE_PASSED);
    assertThat(stateOf(waited)).as("state of the waiting job").isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("Q81 a request to cancel goes before the deadline")
  void cancelledBeforeItsDeadline() throws Exception {
    JobLease lease = held(job().notAfter(Due.after(term)));
    admin.cancel(queue, lease.jobId());
    expireLeases();
    advance(term);
    assertThat(claim(1)).as("claim").isEmpty();
    assertThat(stateOf(lease.jobId())).as("state").isEqualTo(JobState.CANCELLED);
    assertThat(find(lease.jobId()).error()).as("error").isNull();
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName(
      "Q81 claim and reset end an expired job alike, whichever of the ways to end it come together")
  void endingsThatMeet() throws Exception {
    List<Expired> all = new ArrayList<>();
    for (boolean byReset : new boolean[] {false, true}) {
      for (int ways = 0; ways < 8; ways++) {
        freshQueue();
        var each = new Expired(queue, (ways & 1) > 0, (ways & 2) > 0, (ways & 4) > 0, byReset);
        NewJob.Builder job = job("id").maxCrashes(each.isLastCrash ? 1 : 2);
        JobLease lease = held(each.isOverdue ? job.notAfter(Due.after(term)) : job);
        if (each.isCancelled) {
          admin.cancel(queue, lease.jobId());
        }
        all.add(each);
      }
    }
    expireLeases();
    advance(term);
    for (Expired each : all) {
      if (each.byReset) {
        admin.resetExpired(each.queue, 10);
      } else {
        jobs.claim(ClaimRequest.of(each.queue, "worker", 10, term));
      }
      Job job = find(each.queue, "id");
      assertThat(job.state()).as("state after %s", each).isEqualTo(each.state());
      assertThat(job.error()).as("error after %s", each).isEqualTo(each.error());
    }
  }

  /** An expired job, alone in its queue, and what ends it. */
  private record Expired(
      String queue, boolean isLastCrash, boolean isOverdue, boolean isCancelled, boolean byReset) {

    JobState state() {
      if (isCancelled) {
        return JobState.CANCELLED;
      }
      if (isLastCrash) {
        return JobState.FAILED;
      }
      if (isOverdue) {
        return JobState.CANCELLED;
      }
      return byReset ? JobState.RETRY : JobState.PROCESSING;
    }

    @Nullable String error() {
      if (isCancelled) {
        return null;
      }
      if (isLastCrash) {
        return LEASE_EXPIRED;
      }
      return isOverdue ? Limits.DEADLINE_PASSED : null;
    }
  }

  @Test
  @DisplayName("Q56 the deadline can be changed")
  void changeOfTheDeadline() throws Exception {
    String id = enqueued(job().notAfter(Due.after(term)));
    change(id, JobChange.builder().notAfter(Due.after(term.multipliedBy(9))));
    advance(term.multipliedBy(2));
    assertThat(ids(claim(1))).as("claim after the first deadline").containsExactly(id);
  }
}
