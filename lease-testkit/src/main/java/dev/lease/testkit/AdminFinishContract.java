package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import dev.lease.StepValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The ways in which a job finishes, by a rule: whatever holds for a finished job holds whichever
 * way it got there. A store has a statement of its own for each way.
 */
@Since(2)
abstract class AdminFinishContract extends AdminFilterContract {

  private static final Progress PROGRESS = Progress.of(42, "on its way");

  /** Finishes a job whose lease has expired in its only attempt. */
  @FunctionalInterface
  private interface Way {
    void finish(AdminFinishContract test, JobLease lease) throws Exception;
  }

  /**
   * A way to finish, the state that it leads to, and the error and the failed attempt that it
   * leaves, if any.
   */
  private record Ending(
      String name, JobState state, @Nullable String error, @Nullable String failure, Way way) {}

  private static final List<Ending> ENDINGS =
      List.of(
          new Ending(
              "done",
              JobState.DONE,
              null,
              null,
              (test, lease) -> test.settled(lease, SettlementKind.DONE)),
          new Ending(
              "failed",
              JobState.FAILED,
              "of the kit",
              "of the kit",
              (test, lease) -> test.settled(lease, SettlementKind.FAILED)),
          new Ending(
              "retried for the last time",
              JobState.FAILED,
              "of the kit",
              "of the kit",
              (test, lease) -> test.settled(lease, SettlementKind.RETRY)),
          new Ending(
              "expired and met by a claim",
              JobState.FAILED,
              LEASE_EXPIRED,
              LEASE_EXPIRED,
              (test, lease) -> {
                assertThat(test.claim(1)).as("claim of an exhausted job").isEmpty();
              }),
          new Ending(
              "expired and met by a reset",
              JobState.FAILED,
              LEASE_EXPIRED,
              LEASE_EXPIRED,
              (test, lease) -> {
                test.otherAdmin.resetExpired(test.queue, 1);
              }),
          new Ending(
              "cancelled while it waited",
              JobState.CANCELLED,
              null,
              null,
              (test, lease) -> {
                test.settled(lease, SettlementKind.RELEASED);
                test.admin.cancel(test.queue, lease.jobId());
              }),
          new Ending(
              "cancelled and released",
              JobState.CANCELLED,
              null,
              null,
              (test, lease) -> {
                test.admin.cancel(test.queue, lease.jobId());
                test.settled(lease, SettlementKind.RELEASED);
              }),
          new Ending(
              "cancelled and retried",
              JobState.CANCELLED,
              "of the kit",
              "of the kit",
              (test, lease) -> {
                test.admin.cancel(test.queue, lease.jobId());
                test.settled(lease, SettlementKind.RETRY);
              }),
          new Ending(
              "cancelled and met by a claim",
              JobState.CANCELLED,
              null,
              LEASE_EXPIRED,
              (test, lease) -> {
                test.admin.cancel(test.queue, lease.jobId());
                assertThat(test.claim(1)).as("claim of a cancelled job").isEmpty();
              }),
          new Ending(
              "cancelled and met by a reset",
              JobState.CANCELLED,
              null,
              LEASE_EXPIRED,
              (test, lease) -> {
                test.admin.cancel(test.queue, lease.jobId());
                test.otherAdmin.resetExpired(test.queue, 1);
              }),
          new Ending(
              "cancelled and done",
              JobState.DONE,
              null,
              null,
              (test, lease) -> {
                test.admin.cancel(test.queue, lease.jobId());
                test.settled(lease, SettlementKind.DONE);
              }),
          new Ending(
              "cancelled and failed",
              JobState.FAILED,
              "of the kit",
              "of the kit",
              (test, lease) -> {
                test.admin.cancel(test.queue, lease.jobId());
                test.settled(lease, SettlementKind.FAILED);
              }),
          new Ending(
              "waiting past its deadline and met by a claim",
              JobState.CANCELLED,
              Limits.DEADLINE_PASSED,
              null,
              (test, lease) -> {
                test.settled(lease, SettlementKind.RELEASED);
                JobChange overdue = JobChange.builder().notAfter(Due.at(Instant.EPOCH)).build();
                test.admin.change(test.queue, lease.jobId(), overdue);
                assertThat(test.claim(1)).as("claim of an overdue job").isEmpty();
              }),
          new Ending(
              "cancelled by its holder",
              JobState.CANCELLED,
              "of the kit",
              null,
              (test, lease) -> test.settled(lease, SettlementKind.CANCELLED)));

  /** After which the job can be requeued. */
  private static final List<Ending> NOT_DONE =
      ENDINGS.stream().filter(ending -> ending.state != JobState.DONE).toList();

  /** A job, alone in its queue. */
  private record Finished(String queue, JobLease lease, Ending ending) {
    @Override
    public String toString() {
      return "of a job that was " + ending.name;
    }
  }

  /** A job for each way, finished in that way since the time was moved last. */
  private List<Finished> finished() throws Exception {
    return finished(ENDINGS, job -> job.keep(term));
  }

  private List<Finished> finished(List<Ending> endings, UnaryOperator<NewJob.Builder> with)
      throws Exception {
    List<Finished> all = new ArrayList<>();
    for (Ending ending : endings) {
      freshQueue();
      JobLease lease = held(with.apply(job().maxCrashes(1).maxFailures(1)));
      assertThat(jobs.progress(lease, PROGRESS)).as("progress").isTrue();
      assertThat(jobs.checkpoint(lease, "step", "kept")).as("checkpoint").contains("kept");
      all.add(new Finished(queue, lease, ending));
    }
    expireLeases();
    for (Finished one : all) {
      queue = one.queue;
      one.ending.way.finish(this, one.lease);
      assertThat(stateOf(one.lease.jobId())).as("state %s", one).isEqualTo(one.ending.state);
    }
    return all;
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q23 however a job finished, every call of its last holder is lost")
  void lostAfterEachEnding() throws Exception {
    for (Finished one : finished()) {
      queue = one.queue;
      assertAllLost(one.lease, one.toString());
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q23 however a job finished, its last holder does not settle it after a requeue")
  void lostAfterARequeue() throws Exception {
    for (Finished one : finished(NOT_DONE, job -> job)) {
      queue = one.queue;
      assertThat(admin.requeue(queue, one.lease.jobId())).isEqualTo(Requeue.REQUEUED);
      assertThat(jobs.settle(List.of(SettlementKind.DONE.of(one.lease))))
          .as("done after a requeue %s", one)
          .containsExactly(Settlement.Result.LOST);
      assertThat(stateOf(one.lease.jobId())).as("state %s", one).isEqualTo(JobState.PENDING);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q05 however a job finished, its dedup key is free")
  void keyAfterEachEnding() throws Exception {
    for (Finished one : finished(ENDINGS, job -> job.dedupKey("key"))) {
      queue = one.queue;
      NewJob next = job().dedupKey("key").build();
      assertThat(others.enqueue(List.of(next)))
          .as("enqueue of the dedup key %s", one)
          .containsExactly(Enqueued.of(next.id(), true));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q25 however a job finished, its progress stays")
  void progressAfterEachEnding() throws Exception {
    for (Finished one : finished()) {
      assertThat(find(one.queue, one.lease.jobId()).progress())
          .as("progress %s", one)
          .isEqualTo(PROGRESS);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q87 however a job finished, its steps can be read")
  void stepsAfterEachEnding() throws Exception {
    for (Finished one : finished()) {
      assertThat(otherAdmin.steps(one.queue, one.lease.jobId()))
          .as("steps %s", one)
          .extracting(StepValue::name, StepValue::value)
          .containsExactly(tuple("step", "kept"));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q38 however a job finished, it has its last error, no holder and no open request")
  void recordAfterEachEnding() throws Exception {
    for (Finished one : finished()) {
      Job job = find(one.queue, one.lease.jobId());
      assertThat(job.error()).as("error %s", one).isEqualTo(one.ending.error);
      assertThat(job.lease()).as("lease %s", one).isNull();
      assertThat(job.cancelRequested()).as("cancelRequested %s", one).isFalse();
      assertThat(job.finishedAt()).as("finishedAt %s", one).isNotNull();
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q46 however a job finished, a purge removes it once its keep is over, not before")
  void purgeAfterEachEnding() throws Exception {
    List<Finished> all = finished();
    Finished any = all.get(0);
    Duration keep = offered("keep " + any, find(any.queue, any.lease.jobId()).keep());
    advanceAlmost(keep);
    for (Finished one : all) {
      assertThat(admin.purge(one.queue, 10)).as("purge before that time %s", one).isZero();
      // Of DONE jobs a store may keep a number only [Q43].
      if (one.ending.state != JobState.DONE) {
        assertThat(record(one.queue, one.lease.jobId()))
            .as("the record before that time %s", one)
            .isPresent();
      }
    }
    advanceTheRest();
    for (Finished one : all) {
      assertPurged(one.queue, one.lease.jobId(), "after that time " + one);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q57 however a job finished, its attempt is recorded as failed if it failed")
  void failedAttemptAfterEachEnding() throws Exception {
    for (Finished one : finished()) {
      assertThat(otherAdmin.failedAttempts(one.queue, one.lease.jobId()))
          .as("errors of the failed attempts %s", one)
          .extracting(FailedAttempt::error)
          .isEqualTo(Stream.ofNullable(one.ending.failure).toList());
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName(
      "Q45 however a job finished, it lives after a requeue as one that never finished before")
  void secondLifeAfterEachEnding() throws Exception {
    List<SettlementKind> kinds =
        List.of(SettlementKind.DONE, SettlementKind.FAILED, SettlementKind.CANCELLED);
    List<Finished> all = finished(NOT_DONE, job -> job.notAfter(Due.after(Duration.ofDays(9))));
    advance(term);
    for (int i = 0; i < all.size(); i++) {
      Finished one = all.get(i);
      queue = one.queue;
      String id = one.lease.jobId();
      assertThat(admin.requeue(queue, id)).as("requeue %s", one).isEqualTo(Requeue.REQUEUED);
      assertThat(find(id).notAfter()).as("deadline after the requeue %s", one).isNull();
      assertThat(find(id).finishedAt()).as("finishedAt after the requeue %s", one).isNull();
      String twin = enqueued(job().maxCrashes(1).maxFailures(1));
      SettlementKind kind = kinds.get(i % kinds.size());
      Instant before = storeNow();
      for (ClaimedJob job : claim(2)) {
        assertThat(jobs.extend(List.of(job.lease()), term))
            .as("extension after the requeue %s", one)
            .singleElement()
            .isInstanceOfSatisfying(
                Extension.Held.class,
                held -> assertThat(held.cancelRequested()).as("cancelRequested").isFalse());
        settled(job.lease(), kind);
      }
      assertThat(life(find(id)))
          .as("state, attempts, failures, error, result and keep after the second life %s", one)
          .isEqualTo(life(find(twin)));
      assertThat(find(id).finishedAt())
          .as("the second finishedAt %s", one)
          .isBetween(before, storeNow());
    }
  }

  /** What a life leaves of a job, whatever its id. */
  private static List<@Nullable Object> life(Job job) {
    return Arrays.asList(
        job.state(), job.attempts(), job.failures(), job.error(), job.result(), job.keep());
  }

  /** Jobs that have not finished, each with another past. */
  private List<String> unfinished() throws Exception {
    JobLease requeued = held(job().keep(term));
    settled(requeued, SettlementKind.FAILED);
    JobLease reset = held(job().keep(term));
    JobLease retried = held(job().keep(term).maxCrashes(1).maxFailures(2));
    JobLease released = held(job().keep(term).maxCrashes(1));
    JobLease cancelled = held(job().keep(term).priority(9));
    // Before its keep is over: then a store may remove it by itself.
    assertThat(admin.requeue(queue, requeued.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);
    expireLeases();
    settled(retried, SettlementKind.RETRY);
    settled(released, SettlementKind.RELEASED);
    assertThat(admin.resetExpired(queue, 4).count()).as("reset").isEqualTo(2);
    assertThat(ids(claim(1))).as("claim").containsExactly(cancelled.jobId());
    assertThat(admin.cancel(queue, cancelled.jobId()))
        .as("cancel of a held job")
        .isEqualTo(Cancellation.REQUESTED);
    return Stream.of(requeued, reset, retried, released, cancelled).map(JobLease::jobId).toList();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q46 no purge removes a job that has not finished, whatever happened to it before")
  void purgeOfUnfinishedJobs() throws Exception {
    JobLease finished = held(job().keep(term));
    settled(finished, SettlementKind.DONE);
    Duration keep = offered("keep of a job that is DONE", find(finished.jobId()).keep());
    List<String> unfinished = unfinished();
    advance(keep);

    assertPurged(queue, finished.jobId(), "by retention");
    assertThat(admin.purge(queue, Duration.ZERO, 10)).as("purge by age").isZero();

    for (String id : unfinished) {
      assertThat(record(id)).as("the record of a job that has not finished").isPresent();
    }
  }

  /** A call of an operator for one job. */
  private record Call(String name, Consumer<JobLease> call) {}

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q51 an operator's call for a job changes no other, by its id or in its queue")
  void callsBesideOthers() {
    List<Call> calls =
        List.of(
            new Call("cancel", job -> admin.cancel(job.queue(), job.jobId())),
            new Call("requeue", job -> admin.requeue(job.queue(), job.jobId())),
            new Call(
                "change",
                job ->
                    admin.change(
                        job.queue(),
                        job.jobId(),
                        JobChange.builder()
                            .due(Due.after(LEASE))
                            .priority(9)
                            .crashesLeft(9)
                            .failuresLeft(9)
                            .notAfter(Due.after(LEASE))
                            .payload("changed")
                            .build())),
            new Call("delete", job -> admin.delete(job.queue(), job.jobId())));
    takeLongLeases();
    for (Call call : calls) {
      assertThatOthersStay(call, lease -> {});
      for (SettlementKind kind : SettlementKind.values()) {
        assertThatOthersStay(call, lease -> settled(lease, kind));
      }
    }
  }

  private void assertThatOthersStay(Call call, Consumer<JobLease> before) {
    List<JobLease> leases = neighbours();
    leases.forEach(before);
    List<JobLease> others = leases.subList(1, leases.size());
    List<Job> records = records(others);
    call.call.accept(leases.get(0));
    assertThat(records(others)).as("the other jobs after %s", call.name).isEqualTo(records);
  }

  private List<Job> records(List<JobLease> leases) {
    return leases.stream().map(lease -> withoutAsOf(find(lease.queue(), lease.jobId()))).toList();
  }
}
