package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Settlements: done, retry, failed, cancelled, released; once, late, twice, in batches. */
abstract class JobSettleContract extends JobHoldContract {

  @Test
  @DisplayName("Q27 a job that is settled as done keeps its result and is never given again")
  void done() throws Exception {
    JobLease lease = held();
    Instant before = storeNow();
    settled(Settlement.done(lease, "result"));
    Instant after = storeNow();

    Job job = find(lease.jobId());
    assertThat(job.state()).as("state").isEqualTo(JobState.DONE);
    assertThat(job.result()).as("result").isEqualTo("result");
    assertThat(job.error()).as("error").isNull();
    assertThat(job.lease()).as("lease").isNull();
    assertThat(job.token()).as("token, which must stay").isEqualTo(lease.token());
    assertThat(job.attempts()).as("attempts").isEqualTo(1);
    assertThat(job.finishedAt()).as("finishedAt").isBetween(before, after);
    assertThat(job.keep()).as("keep, which a finished job must have").isNotNull();
    advance(term.multipliedBy(2));
    assertThat(claim(1)).as("claim after its lease would have expired").isEmpty();
  }

  @Test
  @DisplayName("Q27 the result is kept exactly, and may be empty or absent")
  void resultIsExact() {
    takeLongLeases();
    for (String result : Texts.EXACT) {
      JobLease lease = held();
      settled(Settlement.done(lease, result));
      assertThat(result.equals(find(lease.jobId()).result())).as("result is exact").isTrue();
    }
    JobLease lease = held();
    settled(Settlement.done(lease));
    assertThat(find(lease.jobId()).result()).as("result").isNull();
  }

  @Test
  @DisplayName("Q27 a job that is done after failed attempts has no error")
  void doneAfterRetry() {
    String id = settledJob(SettlementKind.RETRY);
    settled(claimed().lease(), SettlementKind.DONE);

    assertThat(find(id).error()).as("error").isNull();
    assertThat(find(id).attempts()).as("attempts").isEqualTo(2);
  }

  @Test
  @DisplayName("Q28 after expiry but before a re-claim every settlement is accepted")
  void settledLate() throws Exception {
    Map<SettlementKind, JobLease> leases = heldForEachKind();
    advance(term.multipliedBy(3));

    leases.forEach(
        (kind, lease) -> {
          settled(lease, kind);
          assertThat(stateOf(lease.jobId()))
              .as("state after a late settlement as %s", kind)
              .isEqualTo(kind.state());
        });
  }

  @Test
  @DisplayName("Q28 after a re-claim every settlement is lost, and the new holder settles")
  void settledTooLate() throws Exception {
    Map<SettlementKind, JobLease> leases = heldForEachKind();
    expireLeases();
    List<ClaimedJob> next = claim(10);
    assertThat(next).as("the jobs claimed again").hasSameSizeAs(leases.values());

    leases.forEach(
        (kind, lease) -> {
          Optional<Job> before = record(lease.jobId());
          assertThat(jobs.settle(List.of(kind.of(lease))))
              .as("settlement as %s by the previous holder", kind)
              .containsExactly(Settlement.Result.LOST);
          assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
        });
    next.forEach(job -> settled(job.lease(), SettlementKind.DONE));
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q28 the settlement of the previous holder is lost, even if the last one settled so")
  void settledAsTheLastHolderDid() throws Exception {
    Map<SettlementKind, JobLease> leases = heldForEachKind();
    expireLeases();
    Map<String, JobLease> next = new HashMap<>();
    claim(10).forEach(job -> next.put(job.lease().jobId(), job.lease()));

    leases.forEach(
        (kind, lease) -> {
          settled(Objects.requireNonNull(next.get(lease.jobId())), kind);
          Optional<Job> before = record(lease.jobId());
          assertThat(jobs.settle(List.of(kind.of(lease))))
              .as("settlement as %s by the previous holder", kind)
              .containsExactly(Settlement.Result.LOST);
          assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
        });
  }

  @Test
  @DisplayName("Q30 sending the same settlement again changes nothing")
  void settledTwice() {
    for (SettlementKind kind : SettlementKind.values()) {
      freshQueue();
      JobLease lease = held();
      settled(lease, kind);
      Optional<Job> before = record(lease.jobId());

      others.settle(List.of(kind.of(lease)));

      assertThat(record(lease.jobId()))
          .as("the record after a second settlement as %s", kind)
          .isEqualTo(before);
    }
  }

  @Test
  @DisplayName("Q30 a different settlement with the same token is lost")
  void settledInTwoWays() {
    for (SettlementKind first : SettlementKind.values()) {
      for (SettlementKind second : SettlementKind.values()) {
        freshQueue();
        JobLease lease = held();
        settled(lease, first);
        Optional<Job> before = record(lease.jobId());

        assertThat(jobs.settle(List.of(second.different(lease))))
            .as("settlement as %s after one as %s", second, first)
            .containsExactly(Settlement.Result.LOST);

        assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
      }
    }
  }

  @Test
  @DisplayName("Q30 of two settlements with one token in a batch the first wins and is stored")
  void settledTwiceInABatch() {
    for (SettlementKind first : SettlementKind.values()) {
      for (SettlementKind second : SettlementKind.values()) {
        freshQueue();
        JobLease lease = held();

        assertThat(jobs.settle(List.of(first.of(lease), second.different(lease))))
            .as("the answers to %s and then %s", first, second)
            .containsExactly(Settlement.Result.ACCEPTED, Settlement.Result.LOST);

        assertSettledOnce(lease, first);
      }
    }
  }

  @Test
  @DisplayName("Q30 the same settlement twice in a batch takes effect once")
  void sameSettlementTwiceInABatch() {
    for (SettlementKind kind : SettlementKind.values()) {
      freshQueue();
      JobLease lease = held();

      List<Settlement.Result> answers = others.settle(List.of(kind.of(lease), kind.of(lease)));

      assertThat(answers).as("the answers").hasSize(2);
      assertThat(answers.get(0)).as("the first").isEqualTo(Settlement.Result.ACCEPTED);
      assertSettledOnce(lease, kind);
    }
  }

  private void assertSettledOnce(JobLease lease, SettlementKind kind) {
    Job job = find(lease.jobId());
    assertThat(job.state()).as("state after %s", kind).isEqualTo(kind.state());
    assertThat(job.attempts()).as("attempts").isEqualTo(kind == SettlementKind.RELEASED ? 0 : 1);
    assertThat(ids(claim(10)))
        .as("claim after %s", kind)
        .isEqualTo(kind.state().isFinished() ? List.of() : List.of(lease.jobId()));
  }

  @Test
  @DisplayName(
      "Q32 a retry waits until the store's now + delay; the error is kept and the token is dead")
  void retry() throws Exception {
    JobLease lease = held();
    Instant before = storeNow();
    settled(Settlement.retry(lease, term, "why"));
    Instant after = storeNow();

    Job job = find(lease.jobId());
    assertThat(job.state()).as("state").isEqualTo(JobState.RETRY);
    assertThat(job.dueAt()).as("dueAt").isBetween(before.plus(term), after.plus(term));
    assertThat(job.error()).as("error").isEqualTo("why");
    assertThat(job.attempts()).as("attempts").isEqualTo(1);
    assertThat(job.lease()).as("lease").isNull();
    assertThat(job.token()).as("token, which must stay").isEqualTo(lease.token());
    assertThat(job.finishedAt()).as("finishedAt").isNull();
    assertAllLost(lease, "after a retry");
    advanceAlmost(term);
    assertThat(claim(1)).as("claim before the delay").isEmpty();
    advanceTheRest();
    assertThat(claimed().attempt()).as("attempt after the delay").isEqualTo(2);
    assertThat(find(lease.jobId()).error()).as("error, which must stay").isEqualTo("why");
  }

  @Test
  @Since(2)
  @DisplayName("Q32 a retry without a delay is due at the store's now, not as before")
  void retryAtOnce() {
    JobLease lease = held(job().due(Due.at(storeNow().minusSeconds(3_600))));
    Instant before = storeNow();
    settled(Settlement.retry(lease, Duration.ZERO, "why"));

    assertThat(find(lease.jobId()).dueAt()).as("dueAt").isBetween(before, storeNow());
  }

  @Test
  @DisplayName("Q32 a retry that is the last failure makes the job FAILED")
  void retryOfTheLastFailure() {
    JobLease lease = held(job().maxFailures(1));
    settled(Settlement.retry(lease, Duration.ZERO, "why"));

    Job job = find(lease.jobId());
    assertThat(job.failures()).as("failures").isEqualTo(1);
    assertThat(job.state()).as("state").isEqualTo(JobState.FAILED);
    assertThat(job.error()).as("error").isEqualTo("why");
    assertThat(job.finishedAt()).as("finishedAt").isNotNull();
    assertThat(claim(1)).as("claim").isEmpty();
  }

  @Test
  @DisplayName("Q32 failed finishes the job, however many failures it has left")
  void failed() {
    JobLease lease = held(job().maxFailures(9));
    settled(Settlement.failed(lease, "why"));

    Job job = find(lease.jobId());
    assertThat(job.state()).as("state").isEqualTo(JobState.FAILED);
    assertThat(job.error()).as("error").isEqualTo("why");
    assertThat(job.result()).as("result").isNull();
    assertThat(job.attempts()).as("attempts").isEqualTo(1);
    assertThat(job.failures()).as("failures").isEqualTo(1);
    assertThat(job.token()).as("token, which must stay").isEqualTo(lease.token());
    assertThat(job.finishedAt()).as("finishedAt").isNotNull();
    assertThat(job.keep()).as("keep, which a finished job must have").isNotNull();
  }

  @Test
  @Since(2)
  @DisplayName("Q27 cancelled finishes the job, with the reason as its error")
  void cancelled() throws Exception {
    for (int most : new int[] {1, 9}) {
      JobLease lease = held(job().maxCrashes(most).maxFailures(most));
      Instant before = storeNow();
      settled(Settlement.cancelled(lease, "why"));
      Instant after = storeNow();

      Job job = find(lease.jobId());
      assertThat(job.state()).as("state").isEqualTo(JobState.CANCELLED);
      assertThat(job.error()).as("error").isEqualTo("why");
      assertThat(job.result()).as("result").isNull();
      assertThat(job.lease()).as("lease").isNull();
      assertThat(job.cancelRequested()).as("cancelRequested").isFalse();
      assertThat(job.attempts()).as("attempts").isEqualTo(1);
      assertThat(job.failures()).as("failures").isZero();
      assertThat(job.token()).as("token, which must stay").isEqualTo(lease.token());
      assertThat(job.finishedAt()).as("finishedAt").isBetween(before, after);
      assertThat(job.keep()).as("keep, which a finished job must have").isNotNull();
    }
    advance(term.multipliedBy(2));
    assertThat(claim(2)).as("claim after their leases would have expired").isEmpty();
  }

  @Test
  @Since(2)
  @DisplayName("Q27 the reason of a cancelled job replaces the error of the attempt before")
  void cancelledAfterRetry() {
    String id = settledJob(SettlementKind.RETRY);
    settled(Settlement.cancelled(claimed().lease(), "why"));

    assertThat(find(id).error()).as("error").isEqualTo("why");
    assertThat(find(id).attempts()).as("attempts").isEqualTo(2);
  }

  @Test
  @Since(2)
  @DisplayName("Q33 any reason of a cancelled job is stored")
  void anyReason() {
    takeLongLeases();
    for (String reason : Texts.NASTY_ERRORS) {
      JobLease lease = held();
      settled(Settlement.cancelled(lease, reason));
      assertThat(find(lease.jobId()).error()).as("error").isEqualTo(Limits.errorText(reason));
    }
    JobLease lease = held();
    settled(Settlement.cancelled(lease, null));
    assertThat(stateOf(lease.jobId())).as("state without a reason").isEqualTo(JobState.CANCELLED);
  }

  @Test
  @DisplayName("Q33 any error text is stored, of a failure and of a retry")
  void anyErrorText() {
    takeLongLeases();
    for (String error : Texts.NASTY_ERRORS) {
      JobLease lease = held(job().maxCrashes(2));
      settled(Settlement.retry(lease, Duration.ZERO, error));
      assertThat(find(lease.jobId()).error()).as("error").isEqualTo(Limits.errorText(error));
      settled(Settlement.failed(claimed().lease(), error));
      assertThat(find(lease.jobId()).error()).as("error").isEqualTo(Limits.errorText(error));
    }
    JobLease lease = held();
    settled(Settlement.failed(lease, null));
    assertThat(stateOf(lease.jobId())).as("state without an error").isEqualTo(JobState.FAILED);
  }

  @Test
  @DisplayName("Q34 after a retry or release with a delay of zero or less the job is claimable now")
  void noDelay() {
    JobLease lease = held(job().maxCrashes(9));
    for (Duration delay : List.of(Duration.ZERO, Duration.ofSeconds(Long.MIN_VALUE))) {
      settled(Settlement.retry(lease, delay, "why"));
      lease = claimed().lease();
      settled(Settlement.released(lease, delay));
      lease = claimed().lease();
    }
  }

  @Test
  @DisplayName(
      "Q34 a huge delay of a retry or release is clamped, and the job is due in the future")
  void hugeDelay() {
    var forEver = Duration.ofSeconds(Long.MAX_VALUE);
    JobLease retried = held();
    settled(Settlement.retry(retried, forEver, "why"));
    JobLease released = held();
    settled(Settlement.released(released, forEver));

    Instant nearlyTheLongest = storeNow().plus(Limits.MAX_DELAY).minus(Duration.ofDays(1));
    assertThat(find(retried.jobId()).dueAt()).as("due").isAfter(nearlyTheLongest);
    assertThat(find(released.jobId()).dueAt()).as("due").isAfter(nearlyTheLongest);
    assertThat(claim(10)).as("claim").isEmpty();
  }

  @Test
  @DisplayName("Q35 release of the first attempt gives the job back as it was")
  void releaseOfTheFirstAttempt() {
    String id = enqueued(job().due(Due.at(storeNow().minusSeconds(60))));
    Job before = find(id);
    JobLease lease = claimed().lease();

    settled(Settlement.released(lease, Duration.ZERO));

    Job after = find(id);
    assertThat(after.state()).as("state").isEqualTo(JobState.PENDING);
    assertThat(after.attempts()).as("attempts").isZero();
    assertThat(after)
        .as("the rest of the record")
        .usingRecursiveComparison()
        .ignoringFields("token", "claimedAt", "asOf")
        .isEqualTo(before);
    assertAllLost(lease, "after a release");
  }

  @Test
  @DisplayName(
      "Q35 release of a later attempt gives the job back to RETRY, and its attempt does not count")
  void releaseOfALaterAttempt() {
    String id = settledJob(SettlementKind.RETRY);
    Job before = find(id);

    settled(claimed().lease(), SettlementKind.RELEASED);

    Job after = find(id);
    assertThat(after.state()).as("state").isEqualTo(JobState.RETRY);
    assertThat(after.attempts()).as("attempts").isEqualTo(1);
    assertThat(after.dueAt()).as("dueAt").isEqualTo(before.dueAt());
    assertThat(after.error()).as("error").isEqualTo(before.error());
    assertThat(claimed().attempt()).as("the next attempt").isEqualTo(2);
  }

  @Test
  @DisplayName("Q35 after a release with a delay the job is claimable once the delay is over")
  void releaseWithDelay() throws Exception {
    JobLease lease = held();
    Instant before = storeNow();
    settled(Settlement.released(lease, term));
    Instant after = storeNow();

    Job job = find(lease.jobId());
    assertThat(job.state()).as("state").isEqualTo(JobState.PENDING);
    assertThat(job.dueAt()).as("dueAt").isBetween(before.plus(term), after.plus(term));
    advanceAlmost(term);
    assertThat(claim(1)).as("claim before the delay").isEmpty();
    advanceTheRest();
    assertThat(claimed().attempt()).as("attempt after the delay").isEqualTo(1);
  }

  @Test
  @DisplayName("Q37 the token of one job does not work for another job")
  void tokenOfAnotherJob() {
    JobLease one = held();
    JobLease equal = held();
    settled(equal, SettlementKind.RELEASED);
    JobLease two = claimed().lease();
    assertThat(two.token()).as("token of another job").isNotEqualTo(one.token());

    assertAllLost(
        JobLease.of(queue, two.jobId(), two.owner(), one.token(), two.expiresAt())
            .withPlace(two.place()),
        "with the token of another job");
  }

  @Test
  @DisplayName("Q37 calls for one job leave the other jobs of the queue unchanged")
  void neighboursAreUnchanged() {
    JobLease neighbour = held(job("neighbour"));
    enqueued(job("waiting").due(Due.after(term)));
    JobLease lease = held(job("mine").maxCrashes(9));
    Optional<Job> held = record(neighbour.jobId());
    Optional<Job> waiting = record("waiting");

    jobs.extend(List.of(lease), term.multipliedBy(2));
    jobs.progress(lease, Progress.of(1, "mine"));
    jobs.checkpoint(lease, "step", "mine");
    for (SettlementKind kind :
        List.of(SettlementKind.RETRY, SettlementKind.RELEASED, SettlementKind.FAILED)) {
      settled(lease, kind);
      lease = claim(1).stream().map(ClaimedJob::lease).findFirst().orElse(lease);
    }

    assertThat(record(neighbour.jobId())).as("another job, which is held").isEqualTo(held);
    assertThat(record("waiting")).as("another job, which waits").isEqualTo(waiting);
    assertThat(jobs.checkpoints(neighbour)).as("its checkpoints").contains(Map.of());
  }

  @Test
  @DisplayName("Q39 a batch over several queues is settled per element, and answered by position")
  void settleOfABatch() {
    JobLease done = held();
    JobLease stale = held();
    settled(stale, SettlementKind.DONE);
    JobLease failed = held();
    String first = queue;
    freshQueue();
    JobLease retried = held();
    JobLease released = held();

    List<Settlement.Result> answers =
        jobs.settle(
            List.of(
                SettlementKind.DONE.of(done),
                SettlementKind.FAILED.of(stale),
                SettlementKind.RETRY.of(retried),
                SettlementKind.FAILED.of(failed),
                SettlementKind.DONE.of(JobLease.of(queue, "unknown", "worker", 1, Instant.EPOCH)),
                SettlementKind.RELEASED.of(released)));

    assertThat(answers)
        .as("the answers")
        .containsExactly(
            Settlement.Result.ACCEPTED,
            Settlement.Result.LOST,
            Settlement.Result.ACCEPTED,
            Settlement.Result.ACCEPTED,
            Settlement.Result.LOST,
            Settlement.Result.ACCEPTED);
    assertThat(find(first, done.jobId()).state()).as("done").isEqualTo(JobState.DONE);
    assertThat(find(first, stale.jobId()).state()).as("stale").isEqualTo(JobState.DONE);
    assertThat(find(first, failed.jobId()).state()).as("failed").isEqualTo(JobState.FAILED);
    assertThat(stateOf(retried.jobId())).as("retried").isEqualTo(JobState.RETRY);
    assertThat(stateOf(released.jobId())).as("released").isEqualTo(JobState.PENDING);
    assertThat(jobs.settle(List.of())).as("the answers to an empty batch").isEmpty();
  }

  @Test
  @DisplayName("Q39 a bad batch is refused, and none of its jobs is settled")
  void badSettlements() {
    JobLease lease = held();
    Optional<Job> before = record(lease.jobId());
    Settlement good = SettlementKind.DONE.of(lease);

    assertRefused("settle of no list", () -> jobs.settle(absent()));
    assertRefused("settle of null", () -> jobs.settle(Collections.singletonList(absent())));
    assertRefused("settle of 1001", () -> jobs.settle(Collections.nCopies(1_001, good)));
    assertRefused(
        "settleAndClaim with a bad limit",
        () -> jobs.settleAndClaim(List.of(good), ClaimRequest.of(queue, "worker", -1, term)));
    assertRefused(
        "settleAndClaim with a bad queue",
        () -> jobs.settleAndClaim(List.of(good), ClaimRequest.of("", "worker", 1, term)));
    assertRefused(
        "settleAndClaim with a bad duration",
        () ->
            jobs.settleAndClaim(List.of(good), ClaimRequest.of(queue, "worker", 1, Duration.ZERO)));

    assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
  }

  @Test
  @DisplayName("Q39 settleAndClaim settles first and then claims")
  void settleAndClaim() {
    JobLease released = held(job().priority(9));
    JobLease done = held();
    JobLease stale = held();
    settled(stale, SettlementKind.DONE);
    String waiting = enqueued(job());

    SettledAndClaimed answer =
        jobs.settleAndClaim(
            List.of(
                SettlementKind.RELEASED.of(released),
                SettlementKind.FAILED.of(stale),
                SettlementKind.DONE.of(done)),
            ClaimRequest.of(queue, "next worker", 5, term));

    assertThat(answer.settled())
        .as("settled")
        .containsExactly(
            Settlement.Result.ACCEPTED, Settlement.Result.LOST, Settlement.Result.ACCEPTED);
    assertThat(ids(answer.claim().jobs())).as("claimed").containsExactly(released.jobId(), waiting);
    assertThat(answer.claim().jobs().get(0).lease().owner()).as("owner").isEqualTo("next worker");
  }

  @Test
  @DisplayName("Q49 extend, progress and checkpoint that are sent twice take effect once")
  void holdCallsTwice() {
    JobLease lease = held();
    for (JobQueue each : List.of(jobs, others)) {
      assertThat(each.extend(List.of(lease), term).get(0))
          .as("extend")
          .isInstanceOf(Extension.Held.class);
      assertThat(each.progress(lease, Progress.of(5, "five"))).as("progress").isTrue();
      assertThat(each.checkpoint(lease, "step", "value")).as("checkpoint").contains("value");
    }

    Job job = find(lease.jobId());
    assertThat(job.attempts()).as("attempts").isEqualTo(1);
    assertThat(job.token()).as("token").isEqualTo(lease.token());
    assertThat(job.progress()).as("progress").isEqualTo(Progress.of(5, "five"));
    assertThat(jobs.checkpoints(lease)).as("checkpoints").contains(Map.of("step", "value"));
  }

  @Test
  @DisplayName("Q49 a settlement that is sent again after the next claim changes nothing")
  void settledAgainInTheNextHold() {
    for (SettlementKind kind : List.of(SettlementKind.RETRY, SettlementKind.RELEASED)) {
      freshQueue();
      JobLease lease = held();
      settled(lease, kind);
      claimed();
      Optional<Job> before = record(lease.jobId());

      jobs.settle(List.of(kind.of(lease)));
      others.settle(List.of(kind.of(lease)));

      assertThat(record(lease.jobId()))
          .as("the record under the next claim, after a second settlement as %s", kind)
          .isEqualTo(before);
    }
  }

  @Test
  @DisplayName("Q30 sending the same settlement again later changes nothing")
  void settledTwiceAfterAWhile() throws Exception {
    Map<SettlementKind, JobLease> leases = heldForEachKind();
    leases.forEach((kind, lease) -> settled(lease, kind));
    advance(term.dividedBy(2));
    Map<SettlementKind, Optional<Job>> before = new EnumMap<>(SettlementKind.class);
    leases.forEach((kind, lease) -> before.put(kind, record(lease.jobId())));

    leases.forEach((kind, lease) -> jobs.settle(List.of(kind.of(lease))));

    leases.forEach(
        (kind, lease) ->
            assertThat(record(lease.jobId()))
                .as("the record after a second settlement as %s", kind)
                .isEqualTo(before.get(kind)));
  }

  @Test
  @DisplayName("Q37 calls for a job leave the job with the same id in another queue unchanged")
  void sameIdInAnotherQueueIsUnchanged() {
    JobLease elsewhere = held(job("id"));
    String otherQueue = queue;
    freshQueue();
    JobLease lease = held(job("id"));
    Job before = JobContract.withoutAsOf(find(otherQueue, "id"));

    jobs.extend(List.of(lease), term.multipliedBy(2));
    jobs.progress(lease, Progress.of(50, "half"));
    settled(lease, SettlementKind.DONE);

    assertThat(JobContract.withoutAsOf(find(otherQueue, "id")))
        .as("the job with the same id")
        .isEqualTo(before);
    settled(elsewhere, SettlementKind.DONE);
  }

  @Test
  @DisplayName("Q39 a batch with null as a later element settles no job")
  void badSettlementAfterAGoodOne() {
    JobLease lease = held();
    Optional<Job> before = record(lease.jobId());
    List<Settlement> batch = new ArrayList<>(List.of(SettlementKind.DONE.of(lease)));
    batch.add(absent());

    assertRefused("settle of a list with null", () -> jobs.settle(batch));

    assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
  }
}
