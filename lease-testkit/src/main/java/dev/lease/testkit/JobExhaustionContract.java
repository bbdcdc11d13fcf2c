package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which jobs a claim finishes: those that have expired and have crashed too often. */
abstract class JobExhaustionContract extends JobClaimContract {

  @Test
  @DisplayName("Q20 a claim names the jobs that it finishes")
  void claimNamesWhatItEnds() throws Exception {
    String exhausted =
        enqueued(NewJob.builder(queue, unique("job"), "kit of it", "").maxCrashes(1));
    claimed();
    expireLeases();
    String waiting = enqueued(job());

    Claim claim = jobs.claim(ClaimRequest.of(queue, "worker", 10, term));

    assertThat(claim.finished())
        .as("finished jobs")
        .containsExactly(
            FinishedJob.builder(queue, exhausted, "kit of it", JobState.FAILED)
                .attempts(1)
                .error(LEASE_EXPIRED)
                .build());
    assertThat(ids(claim.jobs())).as("given").containsExactly(waiting);
    assertThat(jobs.claim(ClaimRequest.of(queue, "worker", 10, term)).finished())
        .as("jobs that the next claim finishes")
        .isEmpty();
  }

  @Test
  @DisplayName("Q20 settleAndClaim names the jobs that it finishes, even if it gives none")
  void settleAndClaimNamesWhatItEnds() throws Exception {
    JobLease held = held();
    List<String> exhausted = exhaustedMany(3);

    Claim claim =
        jobs.settleAndClaim(
                List.of(SettlementKind.DONE.of(held)), ClaimRequest.of(queue, "worker", 10, term))
            .claim();

    assertThat(claim.finished())
        .as("finished jobs")
        .extracting(FinishedJob::id)
        .containsExactlyInAnyOrderElementsOf(exhausted);
    assertThat(claim.jobs()).as("given").isEmpty();
  }

  @Test
  @DisplayName(
      "Q20 claims name each of thousands of jobs that they finish once, at most 1000 per call")
  void claimsNameManyThatTheyEnd() throws Exception {
    List<String> exhausted = exhaustedMany(2_100);
    List<String> named = new ArrayList<>();
    for (Claim claim : claimsWhileThereIsMore(10)) {
      assertThat(claim.finished()).as("finished by one call").hasSizeLessThanOrEqualTo(1_000);
      claim.finished().forEach(job -> named.add(job.id()));
    }

    assertThat(named).as("all finished jobs").containsExactlyInAnyOrderElementsOf(exhausted);
    assertExhausted(exhausted.subList(0, 10));
  }

  @Test
  @DisplayName("Q20 a job crashes at most maxCrashes times, and is then FAILED")
  void crashesRunOut() throws Exception {
    String id = enqueued(job().maxCrashes(2));
    for (int attempt = 1; attempt <= 2; attempt++) {
      assertThat(claimed().attempt()).as("attempt").isEqualTo(attempt);
      expireLeases();
    }

    assertThat(claim(1)).as("claim after the last attempt").isEmpty();

    Job job = find(id);
    assertThat(job.state()).as("state").isEqualTo(JobState.FAILED);
    assertThat(job.error()).as("error").isEqualTo(LEASE_EXPIRED);
    assertThat(job.attempts()).as("attempts").isEqualTo(2);
    assertThat(job.lease()).as("lease").isNull();
    assertThat(job.finishedAt()).as("finishedAt").isNotNull();
  }

  @Test
  @DisplayName(
      "Q20 exhausted jobs do not count towards the limit, and a claim below its limit has"
          + " finished all of them")
  void claimTopsUp() throws Exception {
    Due longAgo = Due.at(storeNow().minusSeconds(1_000));
    Set<String> exhausted = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      exhausted.add(enqueued(job().due(longAgo).maxCrashes(1)));
    }
    assertThat(claim(5)).as("the first claim").hasSize(5);
    expireLeases();
    List<String> fresh = enqueuedMany(4);

    assertThat(ids(claim(3))).as("a full claim").containsExactlyElementsOf(fresh.subList(0, 3));
    assertThat(ids(claim(3)))
        .as("a claim below its limit")
        .containsExactlyElementsOf(fresh.subList(3, 4));

    for (String id : exhausted) {
      assertThat(stateOf(id)).as("state of an exhausted job").isEqualTo(JobState.FAILED);
    }
  }

  @Test
  @DisplayName(
      "Q20 a claim that does not report more has finished every exhausted job, even thousands")
  void claimMeetsThousands() throws Exception {
    List<String> exhausted = exhaustedMany(2_500);
    String fresh = enqueued(job());
    List<String> given = new ArrayList<>();
    claimsWhileThereIsMore(2).forEach(claim -> given.addAll(ids(claim.jobs())));

    assertThat(given).as("the jobs given").containsExactly(fresh);
    assertExhausted(exhausted);
  }

  @Test
  @DisplayName("Q20 a job that may crash once is given once, and a released attempt does not count")
  void releasedClaimsDoNotCount() throws Exception {
    JobLease lease = held(job().maxCrashes(1));
    for (int i = 0; i < 3; i++) {
      settled(lease, SettlementKind.RELEASED);
      ClaimedJob again = claimed();
      assertThat(again.attempt()).as("attempt after a release").isEqualTo(1);
      lease = again.lease();
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q18 a claim finishes exhausted jobs of its queue only")
  void endsOnlyInItsQueue() throws Exception {
    String asked = queue;
    Map<String, List<String>> exhausted = new LinkedHashMap<>();
    for (int i = 0; i < 3; i++) {
      // In turn, so that jobs of other queues lie before, between and behind its own.
      freshQueue();
      exhausted.put(queue, heldForTheLastTime(3));
      queue = asked;
      heldForTheLastTime(3);
    }
    expireLeases();

    List<FinishedJob> finished =
        claimsWhileThereIsMore(2).stream().flatMap(claim -> claim.finished().stream()).toList();
    assertThat(finished).as("finished jobs").hasSize(9).allMatch(job -> job.queue().equals(asked));

    exhausted.forEach(
        (other, ids) ->
            ids.forEach(
                id ->
                    assertThat(find(other, id).state())
                        .as("state of an exhausted job of another queue")
                        .isEqualTo(JobState.PROCESSING)));
  }

  private List<String> heldForTheLastTime(int count) {
    jobs.enqueue(Stream.generate(() -> job().maxCrashes(1).build()).limit(count).toList());
    return ids(claim(count));
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q28 a claim leaves an expired job that it neither gives nor finishes to its holder")
  void leavesWhatItDoesNotTake() throws Exception {
    heldForTheLastTime(3);
    enqueuedMany(3);
    List<ClaimedJob> late = claim(3);
    expireLeases();

    assertThat(ids(claim(1))).as("claim").containsExactly(ids(late).get(0));

    for (ClaimedJob job : late.subList(1, 3)) {
      assertThat(stateOf(job.lease().jobId())).as("state").isEqualTo(JobState.PROCESSING);
      settled(job.lease(), SettlementKind.DONE);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q11 a job that a claim finishes takes nothing of its maxBytes")
  void bytesOfWhatItEnds() throws Exception {
    enqueued(NewJob.builder(queue, "exhausted", "kit", "0123456789").maxCrashes(1).priority(9));
    claimed();
    expireLeases();
    for (String id : List.of("a", "b")) {
      enqueued(NewJob.builder(queue, id, "kit", "0123456789"));
    }

    Claim claim = jobs.claim(ClaimRequest.of(queue, "worker", 3, term).withMaxBytes(20));

    assertThat(claim.finished()).as("finished jobs").hasSize(1);
    assertThat(ids(claim.jobs())).as("jobs of twenty bytes together").containsExactly("a", "b");
  }

  @Test
  @Since(3)
  @DisplayName("Q11 expired jobs that a claim gives count towards its maxBytes")
  void bytesOfExpired() throws Exception {
    for (String id : List.of("a", "b")) {
      enqueued(NewJob.builder(queue, id, "kit", "0123456789"));
    }
    claim(2);
    expireLeases();

    Claim claim = jobs.claim(ClaimRequest.of(queue, "worker", 3, term).withMaxBytes(19));

    assertThat(ids(claim.jobs())).as("jobs of nineteen bytes together").containsExactly("a");
    assertThat(claim.more()).as("more").isTrue();
    assertThat(find("b").attempts()).as("attempts of the other").isEqualTo(1);
  }

  private List<Claim> claimsWhileThereIsMore(int limit) {
    List<Claim> claims = new ArrayList<>();
    do {
      Claim claim = jobs.claim(ClaimRequest.of(queue, "worker", limit, term));
      assertThat(claim.more() && claim.jobs().isEmpty() && claim.finished().isEmpty())
          .as("more, of a claim that neither gave nor finished a job")
          .isFalse();
      claims.add(claim);
      assertThat(claims)
          .as("successive claims that report that there is more")
          .hasSizeLessThan(100);
    } while (claims.get(claims.size() - 1).more());
    return claims;
  }
}
