package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin.Change;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How operators change waiting jobs, and what they can read about failed attempts. */
abstract class AdminChangeContract extends AdminRequeueContract {

  Change change(String id, JobChange.Builder change) {
    return admin.change(queue, id, change.build());
  }

  @Test
  @DisplayName("Q56 a change sets the given fields of a waiting job, and keeps the others")
  void changed() {
    String id =
        enqueued(
            job()
                .priority(2)
                .headers(Map.of("a", "b"))
                .dedupKey("key")
                .due(Due.after(Duration.ofHours(7))));
    Job before = find(id);
    Instant due = storeNow().plusSeconds(3_600);

    assertThat(change(id, JobChange.builder().priority(8))).as("change").isEqualTo(Change.CHANGED);
    assertThat(record(id))
        .as("after a change of the priority")
        .contains(withoutAsOf(before).toBuilder().priority(8).build());
    change(id, JobChange.builder().due(Due.at(due)));
    change(id, JobChange.builder().payload("new"));
    change(id, JobChange.builder().crashesLeft(7));
    change(id, JobChange.builder().failuresLeft(6));
    change(id, JobChange.builder().notAfter(Due.at(due)));
    Job expected =
        withoutAsOf(before).toBuilder()
            .priority(8)
            .dueAt(((Due.At) Due.at(due)).instant())
            .maxCrashes(7)
            .maxFailures(6)
            .notAfter(((Due.At) Due.at(due)).instant())
            .build();
    assertThat(find(id).payload()).as("payload").isEqualTo("new");
    assertThat(record(id))
        .as("after changes of everything but the payload")
        .map(job -> job.toBuilder().payload(before.payload()).build())
        .contains(expected);

    assertThat(change(id, JobChange.builder()))
        .as("change with an empty JobChange")
        .isEqualTo(Change.CHANGED);
    assertThat(claim(1)).as("claim before the new due time").isEmpty();
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q56 a due time that is changed to a delay counts from the change")
  void changedToADelay() throws Exception {
    String id = enqueued(job());
    change(id, JobChange.builder().due(Due.after(term)));

    advanceAlmost(term);
    assertThat(claim(1)).as("claim before the delay is over").isEmpty();
    advanceTheRest();
    assertThat(ids(claim(1))).as("claim once it is over").containsExactly(id);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q14 a delay with nanoseconds is rounded up: of a change, and of a new deadline")
  void changedDelaysAreRoundedUp() {
    Duration delay = Duration.ofSeconds(60).plusNanos(1);
    String id = enqueued(job());
    Instant before = storeNow();
    change(id, JobChange.builder().due(Due.after(delay)).notAfter(Due.after(delay)));

    Instant last = storeNow().plus(delay).plusMillis(1);
    Job job = find(id);
    assertThat(job.dueAt()).as("due time").isBetween(before.plus(delay), last);
    assertThat(job.notAfter()).as("deadline").isBetween(before.plus(delay), last);
  }

  @Test
  @DisplayName("Q56 claims go by the changed priority and due time, and give the changed payload")
  void claimsGoByWhatWasChanged() {
    String later = enqueued(job().due(Due.after(Duration.ofDays(1))));
    enqueued(job());
    String last = enqueued(job().priority(3));

    admin.change(queue, later, JobChange.runNow());
    change(last, JobChange.builder().priority(9).payload("é changed"));

    List<ClaimedJob> claimed = claim(3);
    assertThat(claimed).as("claim").hasSize(3);
    assertThat(claimed.get(0).lease().jobId()).as("first job").isEqualTo(last);
    assertThat(claimed.get(0).payload()).as("its payload").isEqualTo("é changed");
    assertThat(claimed.get(0).priority()).as("its priority").isEqualTo(9);
    assertThat(ids(claimed)).as("all jobs").contains(later);
  }

  @Test
  @DisplayName("Q56 crashesLeft and failuresLeft count from what there was, and the state stays")
  void countsFromWhatThereWas() throws Exception {
    JobLease lease = held(job().maxCrashes(2).maxFailures(3));
    settled(Settlement.retry(lease, Duration.ZERO, "first"));
    settled(Settlement.retry(claimed().lease(), Duration.ZERO, "second"));
    claimed();
    expireLeases();
    assertThat(admin.resetExpired(queue, 1).count()).as("reset").isEqualTo(1);

    change(lease.jobId(), JobChange.builder().crashesLeft(3));
    change(lease.jobId(), JobChange.builder().failuresLeft(5));

    Job job = find(lease.jobId());
    assertThat(job.state()).as("state").isEqualTo(JobState.RETRY);
    assertThat(job.attempts()).as("attempts").isEqualTo(3);
    assertThat(job.failures()).as("failures").isEqualTo(2);
    assertThat(job.maxCrashes()).as("maxCrashes, after one crash").isEqualTo(4);
    assertThat(job.maxFailures()).as("maxFailures, after two failures").isEqualTo(7);
    assertThat(claimed().attempt()).as("next attempt").isEqualTo(4);
  }

  @Test
  @DisplayName("Q56 the largest crashesLeft and failuresLeft do not overflow")
  void leftWithoutEnd() throws Exception {
    JobLease lease = held();
    settled(Settlement.retry(lease, Duration.ZERO, "first"));
    claimed();
    expireLeases();
    assertThat(admin.resetExpired(queue, 1).count()).as("reset").isEqualTo(1);

    change(lease.jobId(), JobChange.builder().crashesLeft(Integer.MAX_VALUE));
    change(lease.jobId(), JobChange.builder().failuresLeft(Integer.MAX_VALUE));

    Job job = find(lease.jobId());
    assertThat(job.maxCrashes()).as("maxCrashes").isEqualTo(Integer.MAX_VALUE);
    assertThat(job.maxFailures()).as("maxFailures").isEqualTo(Integer.MAX_VALUE);
    assertThat(claimed().attempt()).as("next attempt").isEqualTo(3);
  }

  @Test
  @DisplayName("Q56 a job that is held, finished or unknown is not changed")
  void notChanged() throws Exception {
    JobChange.Builder change = JobChange.builder().priority(9).payload("new");
    JobLease held = held();
    Optional<Job> before = record(held.jobId());
    assertThat(change(held.jobId(), change)).as("change of a held job").isEqualTo(Change.HELD);
    assertThat(record(held.jobId())).as("the held job").isEqualTo(before);

    String done = settledJob(SettlementKind.DONE);
    Optional<Job> finished = record(done);
    assertThat(change(done, change)).as("change of a finished job").isEqualTo(Change.FINISHED);
    assertThat(record(done)).as("the finished job").isEqualTo(finished);

    assertThat(change(unique("job"), change))
        .as("change of an unknown job")
        .isEqualTo(Change.NOT_FOUND);

    expireLeases();
    assertThat(change(held.jobId(), change))
        .as("change of a job whose lease expired unnoticed")
        .isEqualTo(Change.HELD);
  }

  @Test
  @DisplayName("Q56 a bad change is refused")
  void badChanges() {
    String id = enqueued(job());
    Optional<Job> before = record(id);
    for (int bad : new int[] {-1, 10, Integer.MAX_VALUE}) {
      assertRefused("change, priority " + bad, () -> change(id, JobChange.builder().priority(bad)));
    }
    for (int bad : new int[] {0, -1}) {
      assertRefused(
          "change, crashesLeft " + bad, () -> change(id, JobChange.builder().crashesLeft(bad)));
      assertRefused(
          "change, failuresLeft " + bad, () -> change(id, JobChange.builder().failuresLeft(bad)));
    }
    assertRefused(
        "change, payload with U+0000", () -> change(id, JobChange.builder().payload("a\0")));
    assertRefused("change without a JobChange", () -> admin.change(queue, id, absent()));
    assertRefused("change, no queue", () -> admin.change(absent(), id, JobChange.runNow()));
    assertThat(record(id)).as("the job").isEqualTo(before);
  }

  @Test
  @DisplayName(
      "Q57 each failed attempt is recorded: a retry, a failure, and an expiry that a claim or"
          + " reset found")
  void failedAttempts() throws Exception {
    String id = enqueued(job().maxCrashes(4));
    assertThat(otherAdmin.failedAttempts(queue, id)).as("before a failure").isEmpty();
    settled(Settlement.retry(claimedBy("first").lease(), Duration.ZERO, "of the first"));
    claimedBy("second");
    expireLeases();
    Instant earliest = storeNow();
    claimedBy("third");
    assertThat(admin.failedAttempts(queue, id).get(1).at())
        .as("the time of an expiry, which is that of the claim that found it")
        .isBetween(earliest, storeNow());
    expireLeases();
    assertThat(admin.resetExpired(queue, 10).count()).as("reset").isEqualTo(1);
    settled(Settlement.released(claimedBy("nobody").lease(), Duration.ZERO));
    JobLease last = claimedBy("fourth").lease();
    Instant before = storeNow();
    settled(Settlement.failed(last, "of the fourth"));

    List<FailedAttempt> failed = otherAdmin.failedAttempts(queue, id);
    assertThat(failed)
        .as("the errors")
        .extracting(FailedAttempt::error)
        .containsExactly("of the first", LEASE_EXPIRED, LEASE_EXPIRED, "of the fourth");
    assertThat(failed)
        .as("the attempts")
        .extracting(FailedAttempt::attempt)
        .containsExactly(1, 2, 3, 4);
    assertThat(failed)
        .as("the owners of the failed attempts")
        .extracting(FailedAttempt::owner)
        .containsExactly("first", "second", "third", "fourth");
    assertThat(failed.get(3).at()).as("the last time").isBetween(before, storeNow());
  }

  private ClaimedJob claimedBy(String worker) {
    List<ClaimedJob> claimed = jobs.claim(ClaimRequest.of(queue, worker, 1, term)).jobs();
    assertThat(claimed).as("claim by %s", worker).hasSize(1);
    return claimed.get(0);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q57 the failed attempt of a job is not one of a job with the same id elsewhere")
  void failedAttemptsOfOthers() throws Exception {
    String otherQueue = queue;
    JobLease other = held(job("id"));
    JobLease beside = held(job("beside"));
    freshQueue();
    settled(held(job("id")), SettlementKind.RETRY);
    JobLease expired = claimed().lease();
    expireLeases();
    assertThat(admin.resetExpired(queue, 10).count()).as("reset").isEqualTo(1);

    assertThat(admin.failedAttempts(queue, expired.jobId())).as("its own").hasSize(2);
    for (JobLease each : List.of(other, beside)) {
      assertThat(admin.failedAttempts(otherQueue, each.jobId()))
          .as("those of job %s of the other queue", each.jobId())
          .isEmpty();
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q57 a claim that takes an expired job records no failed attempt of another")
  void failedAttemptsOfOthersByClaim() throws Exception {
    String otherQueue = queue;
    String other = held(job("id")).jobId();
    freshQueue();
    held(job("id"));
    String beside = held(job("beside")).jobId();
    expireLeases();
    assertThat(claim(1))
        .as("claimed again")
        .extracting(job -> job.lease().jobId())
        .containsExactly("id");

    assertThat(admin.failedAttempts(queue, "id")).as("its own").hasSize(1);
    assertThat(admin.failedAttempts(queue, beside)).as("those of the job behind it").isEmpty();
    assertThat(admin.failedAttempts(otherQueue, other)).as("those of another queue").isEmpty();
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q57 when the failed attempts of a job exceed ten, those of other jobs stay")
  void failedAttemptsBeyondTen() {
    String otherQueue = queue;
    failed("id");
    freshQueue();
    failed("beside");
    enqueued(job("id").maxCrashes(100));
    for (int i = 0; i < 12; i++) {
      settled(claimed().lease(), SettlementKind.RETRY);
    }
    assertThat(admin.failedAttempts(queue, "id")).as("its own").hasSize(10);
    admin.cancel(queue, "id");

    assertThat(admin.failedAttempts(queue, "beside")).as("those of another job").hasSize(1);
    failed("beside");
    assertThat(admin.failedAttempts(queue, "beside")).as("once it has failed again").hasSize(2);
    queue = otherQueue;
    assertThat(admin.failedAttempts(queue, "id")).as("those of another queue").hasSize(1);
    failed("id");
    assertThat(admin.failedAttempts(queue, "id")).as("once it has failed again").hasSize(2);
  }

  /** Lets a job fail, which may have failed before. */
  private void failed(String id) {
    jobs.enqueue(List.of(job(id).build()));
    admin.requeue(queue, id);
    settled(claimed().lease(), SettlementKind.FAILED);
  }

  @Test
  @DisplayName("Q57 an attempt that was done or released is not recorded as failed")
  void noFailedAttempts() {
    String done = settledJob(SettlementKind.DONE);
    String released = settledJob(SettlementKind.RELEASED);

    assertThat(admin.failedAttempts(queue, done)).as("of a job that is done").isEmpty();
    assertThat(admin.failedAttempts(queue, released)).as("of a released job").isEmpty();
    assertThat(admin.failedAttempts(queue, unique("job"))).as("of an unknown job").isEmpty();
  }

  @Test
  @Since(2)
  @DisplayName("Q57 an attempt whose holder cancelled the job is not recorded as failed")
  void noFailedAttemptOfACancelledJob() {
    String id = enqueued(job());
    settled(Settlement.retry(claimed().lease(), Duration.ZERO, "once"));
    settled(claimed().lease(), SettlementKind.CANCELLED);

    assertThat(admin.failedAttempts(queue, id))
        .as("the failed attempts")
        .extracting(FailedAttempt::error)
        .containsExactly("once");
  }

  @Test
  @DisplayName("Q57 the last 10 failed attempts are kept, oldest first, and long errors are cut")
  void lastFailedAttempts() {
    String id = enqueued(job().maxCrashes(100));
    for (int i = 1; i <= 12; i++) {
      settled(Settlement.retry(claimed().lease(), Duration.ZERO, i + "x".repeat(5_000)));
    }

    List<FailedAttempt> failed = admin.failedAttempts(queue, id);
    assertThat(failed)
        .as("the attempts")
        .extracting(FailedAttempt::attempt)
        .containsExactlyElementsOf(IntStream.rangeClosed(3, 12).boxed().toList());
    assertThat(failed)
        .as("the errors")
        .allSatisfy(
            attempt ->
                assertThat(attempt.error())
                    .startsWith(attempt.attempt() + "xx")
                    .hasSizeLessThanOrEqualTo(Limits.MAX_ATTEMPT_ERROR_CHARS));
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q57 the longest error of a failed attempt is exact, in characters of many bytes")
  void longestErrorOfAnAttempt() {
    String error = "€".repeat(Limits.MAX_ATTEMPT_ERROR_CHARS);
    String id = enqueued(job());
    settled(Settlement.retry(claimed().lease(), Duration.ZERO, error));
    settled(Settlement.failed(claimed().lease(), error));

    assertThat(otherAdmin.failedAttempts(queue, id))
        .as("the errors of its attempts")
        .extracting(FailedAttempt::error)
        .containsExactly(error, error);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q57 the last 10 failed attempts are kept, oldest first, over requeues too")
  void lastFailedAttemptsOverRequeues() {
    List<Tuple> expected = new ArrayList<>();
    String id = enqueued(job());
    for (int life = 1; life <= 3; life++) {
      for (int attempt = 1; attempt <= 5; attempt++) {
        String error = "attempt " + attempt + " of life " + life;
        expected.add(tuple(attempt, error));
        JobLease lease = claimed().lease();
        settled(
            attempt == 5
                ? Settlement.failed(lease, error)
                : Settlement.retry(lease, Duration.ZERO, error));
        assertThat(otherAdmin.failedAttempts(queue, id))
            .as("the numbers and errors after %s", error)
            .extracting(FailedAttempt::attempt, FailedAttempt::error)
            .isEqualTo(expected.subList(Math.max(0, expected.size() - 10), expected.size()));
      }
      assertThat(admin.requeue(queue, id)).as("requeue").isEqualTo(Requeue.REQUEUED);
    }
  }

  @Test
  @DisplayName("Q57 failed attempts outlive a requeue, and go when the job is removed")
  void failedAttemptsStayAndGo() {
    String id = enqueued(job("id"));
    settled(Settlement.failed(claimed().lease(), "once"));
    admin.requeue(queue, id);
    settled(Settlement.failed(claimed().lease(), "twice"));
    assertThat(admin.failedAttempts(queue, id))
        .as("after a requeue")
        .extracting(FailedAttempt::error)
        .containsExactly("once", "twice");

    assertThat(admin.delete(queue, id)).as("delete").isTrue();
    assertThat(admin.failedAttempts(queue, id)).as("after delete").isEmpty();
    enqueued(job("id"));
    assertThat(admin.failedAttempts(queue, id)).as("of the next job with that id").isEmpty();

    settled(Settlement.failed(claimed().lease(), "again"));
    admin.purge(queue, Duration.ZERO, 10);
    enqueued(job("id"));
    assertThat(admin.failedAttempts(queue, id)).as("of the job after a purge").isEmpty();
  }

  @Test
  @Since(3)
  @DisplayName("Q57 failed attempts go when the keep of their job is over")
  void failedAttemptsGoWithTheKeep() throws Exception {
    String id = enqueued(job("id").keep(term));
    settled(Settlement.failed(claimed().lease(), "kept"));
    advance(offered("keep of a job that FAILED", find(id).keep()));
    assertPurged(queue, id, "once its keep is over");
    // Longer than most stores remember an id.
    advance(Duration.ofDays(2));
    admin.purge(queue, 10);
    others.enqueue(List.of(job("id").build()));
    assertThat(admin.failedAttempts(queue, id)).as("of the next job with that id").isEmpty();
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q57 whichever way a job goes, its failed attempts and steps go with it")
  void goesWithAll() throws Exception {
    Map<Removal, String> queues = new EnumMap<>(Removal.class);
    for (Removal each : Removal.values()) {
      freshQueue();
      queues.put(each, queue);
      JobLease lease = held(job("id").keep(term));
      jobs.checkpoint(lease, "step", "of the old job");
      settled(lease, SettlementKind.FAILED);
    }
    advance(offered("keep of a job that FAILED", find("id").keep()));
    for (Map.Entry<Removal, String> each : queues.entrySet()) {
      queue = each.getValue();
      remove("id", each.getKey());
      assertNothingOf("id", each.getKey() + ", of a job that is gone");
      others.enqueue(List.of(job("id").build()));
      assertNothingOf("id", each.getKey() + ", of the next job with that id");
    }
  }

  private void assertNothingOf(String id, String after) {
    assertThat(otherAdmin.failedAttempts(queue, id))
        .as("failed attempts after %s", after)
        .isEmpty();
    assertThat(otherAdmin.steps(queue, id)).as("steps after %s", after).isEmpty();
  }
}
