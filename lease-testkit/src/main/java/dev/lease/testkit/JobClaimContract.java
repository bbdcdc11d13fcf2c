package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which jobs a claim gives: how many, in which order, when, and to whom. */
abstract class JobClaimContract extends JobBatchContract {

  @Test
  @DisplayName(
      "Q11 a claimed job is PROCESSING with a token, an owner, an expiry and one more attempt")
  void claimedJob() {
    String id = enqueued(job().priority(3).maxCrashes(4).headers(Map.of("a", "b")));
    Instant before = storeNow();
    List<ClaimedJob> claimed = jobs.claim(ClaimRequest.of(queue, "the owner", 1, term)).jobs();
    Instant after = storeNow();

    assertThat(claimed).as("claim").hasSize(1);
    ClaimedJob job = claimed.get(0);
    JobLease lease = job.lease();
    assertThat(lease.queue()).as("queue").isEqualTo(queue);
    assertThat(lease.jobId()).as("job id").isEqualTo(id);
    assertThat(lease.owner()).as("owner").isEqualTo("the owner");
    assertThat(lease.token()).as("token").isPositive();
    assertThat(lease.expiresAt()).as("expiry").isBetween(before.plus(term), after.plus(term));
    assertThat(job.type()).as("type").isEqualTo("kit");
    assertThat(job.payload()).as("payload").isEqualTo("payload");
    assertThat(job.attempt()).as("attempt").isEqualTo(1);
    assertThat(job.maxCrashes()).as("maxCrashes").isEqualTo(4);
    assertThat(job.priority()).as("priority").isEqualTo(3);
    assertThat(job.headers()).as("headers").isEqualTo(Map.of("a", "b"));
    Job stored = find(id);
    assertThat(job.dueAt()).as("dueAt").isEqualTo(stored.dueAt());
    assertThat(stored.state()).as("stored state").isEqualTo(JobState.PROCESSING);
    assertThat(stored.lease()).as("stored lease").isEqualTo(lease);
    assertThat(stored.token()).as("stored token").isEqualTo(lease.token());
    assertThat(stored.attempts()).as("stored attempts").isEqualTo(1);
  }

  @Test
  @DisplayName("Q11 a claim gives min(limit, claimable) jobs")
  void claimGivesWhatThereIs() {
    enqueuedMany(5);

    assertThat(claim(3)).as("claim of 3 with 5 claimable").hasSize(3);
    assertThat(claim(3)).as("claim of 3 with 2 claimable").hasSize(2);
    assertThat(claim(3)).as("claim of 3 with none claimable").isEmpty();
  }

  @Test
  @DisplayName("Q11 a claim with limit 0 gives nothing and changes nothing")
  void claimOfNone() {
    String id = enqueued(job());

    Claim none = jobs.claim(ClaimRequest.of(queue, "worker", 0, term));
    assertThat(none.jobs()).as("claim").isEmpty();
    assertThat(none.more()).as("more, of a claim with limit 0").isFalse();

    assertThat(stateOf(id)).as("state").isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("Q11 bad limits, durations and names are refused, and nothing changes")
  void badClaims() {
    String id = enqueued(job());

    for (int limit : new int[] {-1, Integer.MIN_VALUE, 1_001, Integer.MAX_VALUE}) {
      assertRefused("claim, limit " + limit, () -> claim(limit));
    }
    for (Duration bad : badLeases()) {
      assertRefused(
          "claim, duration " + bad, () -> jobs.claim(ClaimRequest.of(queue, "worker", 1, bad)));
    }
    assertRefused(
        "claim, no duration", () -> jobs.claim(ClaimRequest.of(queue, "worker", 1, absent())));
    Texts.BAD_NAMES.forEach(
        (why, bad) -> {
          assertRefused(
              "claim, queue " + why, () -> jobs.claim(ClaimRequest.of(bad, "worker", 1, term)));
          assertRefused(
              "claim, owner " + why, () -> jobs.claim(ClaimRequest.of(queue, bad, 1, term)));
        });

    assertThat(stateOf(id)).as("state").isEqualTo(JobState.PENDING);
  }

  static List<Duration> badLeases() {
    return List.of(
        Duration.ZERO,
        Duration.ofSeconds(-1),
        Limits.MIN_LEASE.minusNanos(1),
        Limits.MAX_LEASE.plusNanos(1),
        Duration.ofSeconds(Long.MAX_VALUE));
  }

  @Test
  @DisplayName(
      "Q11 a claim stops before its payloads exceed maxBytes, and reports that there is more")
  void claimOfSomeBytes() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(enqueued(jobOfBytes(1_000)));
    }

    Claim first = claimOf(3, 2_999);
    assertThat(ids(first.jobs())).as("claim of 2,999 bytes").isEqualTo(ids.subList(0, 2));
    assertThat(first.more()).as("more").isTrue();
    assertThat(find(ids.get(2)).attempts()).as("attempts of the job that was left out").isZero();
    assertThat(stateOf(ids.get(2))).as("its state").isEqualTo(JobState.PENDING);

    assertThat(ids(claimOf(10, 2_000).jobs()))
        .as("claim of exactly the bytes of two jobs")
        .isEqualTo(ids.subList(2, 4));
    Claim last = claimOf(10, 1_000);
    assertThat(ids(last.jobs())).as("claim of the last").isEqualTo(ids.subList(4, 5));
    assertThat(last.more()).as("more, after the last job").isFalse();
  }

  @Test
  @DisplayName(
      "Q11 the first job is given whatever its size, but no job after it that exceeds maxBytes")
  void claimOfOneLargeJob() {
    List<String> ids = List.of(enqueued(jobOfBytes(50_000)), enqueued(jobOfBytes(1)));

    Claim claim = claimOf(10, 1);

    assertThat(ids(claim.jobs())).as("claim of 1 byte").isEqualTo(ids.subList(0, 1));
    assertThat(claim.more()).as("more").isTrue();
    assertThat(ids(claimOf(10, 1).jobs())).as("the next claim").isEqualTo(ids.subList(1, 2));
  }

  @Test
  @Since(3)
  @DisplayName("Q11 a first job without a payload leaves the next one no more than maxBytes")
  void claimOfAnEmptyJob() {
    List<String> ids = List.of(enqueued(jobOfBytes(0)), enqueued(jobOfBytes(2)));

    Claim claim = claimOf(10, 1);

    assertThat(ids(claim.jobs())).as("claim of 1 byte").isEqualTo(ids.subList(0, 1));
    assertThat(claim.more()).as("more").isTrue();
    assertThat(ids(claimOf(10, 1).jobs())).as("the next claim").isEqualTo(ids.subList(1, 2));
  }

  @Test
  @DisplayName("Q11 settleAndClaim respects maxBytes too")
  void settleAndClaimOfSomeBytes() {
    JobLease held = held();
    String given = enqueued(jobOfBytes(600));
    String left = enqueued(jobOfBytes(600));

    Claim claim =
        jobs.settleAndClaim(
                List.of(SettlementKind.DONE.of(held)),
                ClaimRequest.of(queue, "worker", 10, term).withMaxBytes(1_000))
            .claim();

    assertThat(ids(claim.jobs())).as("claimed").containsExactly(given);
    assertThat(claim.more()).as("more").isTrue();
    assertThat(stateOf(left)).as("state of the other").isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("Q11 a claim that gives all jobs does not report that there is more")
  void claimOfAllThereIs() {
    enqueuedMany(3);
    enqueued(job().due(Due.after(Duration.ofDays(1))));

    assertThat(claimOf(10, 1_000_000).more()).as("more, after all jobs were given").isFalse();
    assertThat(claimOf(10, 1_000_000).more()).as("more, of an empty queue").isFalse();
  }

  @Test
  @Since(2)
  @DisplayName("Q11 claims that search only a part of the queue find all within a hundred claims")
  void claimsOfParts() {
    List<String> ids = enqueuedMany(12);
    claim(8);

    Claim rest = claimOf(10, 1_000_000);
    assertThat(ids(rest.jobs())).as("the rest").isEqualTo(ids.subList(8, 12));
    assertThat(rest.partial()).as("partial, after a hundred claims").isFalse();
    assertThat(claimOf(10, 1_000_000).partial())
        .as("partial, after a hundred claims without jobs")
        .isFalse();
  }

  @Test
  @DisplayName("Q11 a bad maxBytes is refused")
  void badBytes() {
    ClaimRequest request = ClaimRequest.of(queue, "worker", 1, term);
    for (int bad : new int[] {0, -1, Integer.MIN_VALUE, Limits.MAX_CLAIM_BYTES + 1}) {
      assertRefused("claim, maxBytes " + bad, () -> request.withMaxBytes(bad));
    }
    assertRefused("claim, no request", () -> jobs.claim(absent()));
  }

  private Claim claimOf(int limit, int bytes) {
    return jobs.claim(ClaimRequest.of(queue, "worker", limit, term).withMaxBytes(bytes));
  }

  /** A payload of that many bytes, in fewer characters. */
  private NewJob.Builder jobOfBytes(int bytes) {
    String text = "é".repeat(bytes / 4) + "€".repeat(bytes / 6);
    int used = bytes / 4 * 2 + bytes / 6 * 3;
    return NewJob.builder(queue, unique("job"), "kit", text + "x".repeat(bytes - used));
  }

  @Test
  @DisplayName("Q12 a claim never gives more than its limit, and no job twice")
  void neverMoreThanTheLimit() {
    takeLongLeases();
    List<String> expected = enqueuedMany(100);
    List<String> given = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      List<ClaimedJob> some = claim(7);
      assertThat(some).as("claim of 7").hasSizeLessThanOrEqualTo(7);
      given.addAll(ids(some));
    }

    assertThat(given).as("the jobs given").containsExactlyElementsOf(expected);
  }

  /** Enqueues jobs whose order of claim is neither that of enqueueing nor that of their ids. */
  private List<String> enqueuedInDisorder() {
    Instant now = storeNow();
    jobs.enqueue(
        List.of(
            job("e").priority(5).due(Due.at(now.minusSeconds(20))).build(),
            job("c").priority(9).due(Due.at(now.minusSeconds(10))).build(),
            job("g").priority(0).due(Due.at(now.minusSeconds(60))).build(),
            job("b").priority(9).due(Due.at(now.minusSeconds(30))).build(),
            job("f").priority(5).due(Due.at(now.minusSeconds(20))).build()));
    jobs.enqueue(
        List.of(
            job("d").priority(5).due(Due.at(now.minusSeconds(40))).build(),
            job("a").priority(9).due(Due.at(now.minusSeconds(50))).build()));
    return List.of("a", "b", "c", "d", "e", "f", "g");
  }

  @Test
  @DisplayName("Q13 the order is priority, due time, enqueue: within one claim")
  void orderInsideOneClaim() {
    List<String> order = enqueuedInDisorder();

    assertThat(ids(claim(10))).as("the jobs").containsExactlyElementsOf(order);
  }

  @Test
  @DisplayName("Q13 the order is priority, due time, enqueue: over successive claims")
  void orderOverSuccessiveClaims() {
    List<String> order = enqueuedInDisorder();
    List<String> given = new ArrayList<>();
    for (int limit : new int[] {1, 2, 1, 3}) {
      given.addAll(ids(claim(limit)));
    }

    assertThat(given).as("the jobs").containsExactlyElementsOf(order);
  }

  @Test
  @DisplayName(
      "Q13 jobs of the same priority and due time come in order of enqueue, within and across"
          + " batches")
  void orderOfEnqueue() {
    List<String> order = new ArrayList<>();
    Due due = Due.at(storeNow().minusSeconds(1));
    for (int batch = 0; batch < 4; batch++) {
      List<NewJob> some = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        some.add(job().due(due).build());
      }
      (batch % 2 == 0 ? jobs : others).enqueue(some);
      some.forEach(job -> order.add(job.id()));
    }

    assertThat(ids(claim(60)))
        .as("the first 60 jobs")
        .containsExactlyElementsOf(order.subList(0, 60));
    assertThat(ids(claim(60))).as("the rest").containsExactlyElementsOf(order.subList(60, 100));
  }

  @Test
  @DisplayName("Q13 a job that comes back keeps its place: a released and an expired job go first")
  void orderAfterComingBack() throws Exception {
    Due longAgo = Due.at(storeNow().minusSeconds(1_000));
    String expired = enqueued(job().due(longAgo));
    claimed();
    enqueued(job().due(longAgo));
    JobLease released = claimed().lease();
    expireLeases();
    settled(released, SettlementKind.RELEASED);
    enqueuedMany(2);

    assertThat(ids(claim(2))).as("the first jobs").containsExactly(expired, released.jobId());
  }

  @Test
  @Since(3)
  @Tag(Tags.RULE)
  @DisplayName("Q13 the order is the same whether jobs are new, released, retried or expired")
  void orderWhateverTheirPast() throws Exception {
    assertOrderWhateverTheirPast(10, 1);
    assertOrderWhateverTheirPast(1, 1);
    // All are due at one time, so they go by the order of their enqueueing.
    assertOrderWhateverTheirPast(10, 0);
  }

  private void assertOrderWhateverTheirPast(int limit, int secondsApart) throws Exception {
    freshQueue();
    Instant start = storeNow().minusSeconds(100);
    List<String> past = List.of("b released", "c expired", "e expired", "h retried");
    for (String id : past) {
      enqueued(dueInTheirOrder(id, start, secondsApart));
    }
    List<ClaimedJob> held = claim(10);
    expireLeases();
    settled(held.get(0).lease(), SettlementKind.RELEASED);
    settled(held.get(3).lease(), SettlementKind.RETRY);
    List<String> fresh = List.of("a new", "d new", "f new", "g new");
    for (String id : fresh) {
      enqueued(dueInTheirOrder(id, start, secondsApart));
    }

    List<String> given = new ArrayList<>();
    for (int i = 0; i < 8; i += limit) {
      given.addAll(ids(claim(limit)));
    }
    List<String> order = new ArrayList<>(past.subList(0, 3));
    order.addAll(fresh);
    if (secondsApart > 0) {
      Collections.sort(order);
    }
    order.add("h retried");
    assertThat(given)
        .as("the jobs, due %s s apart, given by claims of %s", secondsApart, limit)
        .isEqualTo(order);
  }

  private NewJob.Builder dueInTheirOrder(String id, Instant start, int secondsApart) {
    return job(id).due(Due.at(start.plusSeconds((long) secondsApart * (id.charAt(0) - 'a'))));
  }

  @Test
  @DisplayName("Q14 a job is not given before its due time, set as a delay or as an instant")
  void notBeforeDue() throws Exception {
    enqueued(job().due(Due.after(term)));
    enqueued(job().due(Due.at(storeNow().plus(term).plusMillis(1))));

    advanceAlmost(term);

    assertThat(claim(2)).as("claim before the due time").isEmpty();
  }

  @Test
  @DisplayName("Q14 a job is claimable at its due time")
  void claimableWhenDue() throws Exception {
    String id = enqueued(job().due(Due.after(term)));

    advanceAlmost(term);
    assertThat(claim(1)).as("claim before the due time").isEmpty();
    advanceTheRest();

    assertThat(ids(claim(1))).as("claim at the due time").containsExactly(id);
  }

  @Test
  @DisplayName("Q14 a due time with nanoseconds never lets a job start early")
  void dueWithNanoseconds() {
    Instant due = storeNow().plusSeconds(60).plusNanos(1);

    assertThat(find(enqueued(job().due(Due.at(due)))).dueAt())
        .as("the stored due time")
        .isAfterOrEqualTo(due)
        .isBeforeOrEqualTo(due.plusMillis(1));
  }

  @Test
  @DisplayName("Q14 a delay with nanoseconds is rounded up: of a new job, a retry and a release")
  void delaysAreRoundedUp() {
    takeLongLeases();
    Duration delay = Duration.ofSeconds(60).plusNanos(1);
    Instant before = storeNow();

    String delayed = enqueued(job().due(Due.after(delay)));
    JobLease retried = held();
    settled(Settlement.retry(retried, delay, "kit"));
    JobLease released = held();
    settled(Settlement.released(released, delay));

    for (String id : List.of(delayed, retried.jobId(), released.jobId())) {
      assertThat(find(id).dueAt()).as("the stored due time").isAfterOrEqualTo(before.plus(delay));
    }
  }

  /** Not more, however many rounds, since all claims share one queue. */
  private static final int JOBS_OF_ALL_ROUNDS = Math.min(10_000, 10 * Race.ROUNDS);

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q15 with 16 threads and two backend objects every job is given exactly once")
  void concurrentClaims() throws Exception {
    takeLongLeases();
    List<String> expected = new ArrayList<>();
    for (int left = JOBS_OF_ALL_ROUNDS; left > 0; left -= Limits.MAX_BATCH) {
      expected.addAll(enqueuedMany(Math.min(left, Limits.MAX_BATCH)));
    }

    var count = new AtomicInteger();
    List<List<String>> given =
        Together.run(
            16,
            i -> {
              JobQueue mine = (i % 2 == 0 ? bare.one : bare.two).jobQueue();
              List<String> ids = new ArrayList<>();
              while (count.get() <= expected.size()) {
                List<String> some =
                    ids(mine.claim(ClaimRequest.of(queue, "worker-" + i, 50, term)).jobs());
                if (some.isEmpty()) {
                  break;
                }
                ids.addAll(some);
                count.addAndGet(some.size());
              }
              return ids;
            });

    Map<String, Integer> times = new HashMap<>();
    expected.forEach(id -> times.put(id, 0));
    given.forEach(ids -> ids.forEach(id -> times.merge(id, 1, Integer::sum)));
    times.values().removeIf(often -> often == 1);
    assertThat(times).as("how often each job was given that was not given exactly once").isEmpty();
  }

  @Test
  @DisplayName("Q15 a held job is not given again before its expiry")
  void heldJobIsNotGiven() throws Exception {
    held();

    assertThat(others.claim(ClaimRequest.of(queue, "rival", 1, term)).jobs())
        .as("a rival's claim")
        .isEmpty();
    advanceAlmost(term);
    assertThat(others.claim(ClaimRequest.of(queue, "rival", 1, term)).jobs())
        .as("a rival's late claim")
        .isEmpty();
  }

  @Test
  @DisplayName("Q17 the next claim gives an expired job, as a new grant")
  void expiredJobIsGiven() throws Exception {
    JobLease lease = held();
    advanceAlmost(term);
    advanceTheRest();

    Instant before = storeNow();
    List<ClaimedJob> claimed = others.claim(ClaimRequest.of(queue, "rival", 1, term)).jobs();
    Instant after = storeNow();

    assertThat(ids(claimed)).as("the rival's claim").containsExactly(lease.jobId());
    ClaimedJob job = claimed.get(0);
    assertThat(job.lease().token()).as("token").isGreaterThan(lease.token());
    assertThat(job.lease().owner()).as("owner").isEqualTo("rival");
    assertThat(job.lease().expiresAt()).as("expiry").isBetween(before.plus(term), after.plus(term));
    assertThat(job.attempt()).as("attempt").isEqualTo(2);
    assertThat(find(lease.jobId()).attempts()).as("stored attempts").isEqualTo(2);
  }

  @Test
  @DisplayName(
      "Q17 once an expired job is claimed again, the old token is dead, even for the same owner")
  void oldTokenIsDead() throws Exception {
    JobLease lease = held();
    expireLeases();
    JobLease next = claimed().lease();

    assertAllLost(lease, "with the previous token");

    assertThat(jobs.extend(List.of(next), term).get(0))
        .as("extend with the new token")
        .isInstanceOf(Extension.Held.class);
  }

  @Test
  @DisplayName("Q18 a claim gives jobs of its queue only, and an unknown queue is empty")
  void onlyTheQueueAskedFor() {
    enqueued(job());

    for (String twin :
        List.of(queue.toUpperCase(Locale.ROOT), queue + " ", queue + "x", unique("queue"), "%")) {
      assertThat(jobs.claim(ClaimRequest.of(twin, "worker", 1, term)).jobs())
          .as("claim of queue '%s'", twin)
          .isEmpty();
      assertThat(jobs.find(twin, "id")).as("find in queue '%s'", twin).isEmpty();
    }
    assertThat(claim(1)).as("claim of the queue itself").hasSize(1);
  }

  @Test
  @DisplayName("Q19 finished jobs are never given")
  void finishedJobsAreNotGiven() throws Exception {
    settledJob(SettlementKind.DONE);
    settledJob(SettlementKind.FAILED);

    assertThat(claim(10)).as("claim").isEmpty();
    advance(term.multipliedBy(2));
    assertThat(claim(10)).as("claim at the time when their leases would have expired").isEmpty();
  }

  @Test
  @DisplayName(
      "Q36 tokens of a job grow over release, retry and expiry, even if these follow immediately")
  void jobTokensGrow() throws Exception {
    enqueued(job().maxCrashes(1_000));
    long last = 0;
    for (int i = 0; i < 30; i++) {
      JobLease lease = claimed().lease();
      assertThat(lease.token()).as("token of claim %s", i).isGreaterThan(last);
      last = lease.token();
      switch (i % 10) {
        case 9 -> expireLeases();
        case 0, 2, 4, 6, 8 -> settled(lease, SettlementKind.RELEASED);
        default -> settled(lease, SettlementKind.RETRY);
      }
    }
  }

  @Test
  @DisplayName("Q49 an enqueue that is sent twice creates one job")
  void enqueueTwice() {
    List<NewJob> batch = List.of(job("a").build(), job("b").dedupKey("key").build());
    jobs.enqueue(batch);

    assertThat(jobs.enqueue(batch))
        .as("the second answer")
        .containsExactly(Enqueued.of("a", false), Enqueued.of("b", false));
    assertThat(ids(claim(10))).as("the jobs").containsExactly("a", "b");
  }

  @Test
  @DisplayName("Q11 a claim's lease lasts as long as requested: an hour or a year")
  void claimsOfSeveralLengths() {
    for (Duration duration : List.of(Duration.ofHours(1), Limits.MAX_LEASE)) {
      enqueued(job());
      Instant before = storeNow();
      List<ClaimedJob> claimed = jobs.claim(ClaimRequest.of(queue, "worker", 1, duration)).jobs();
      Instant after = storeNow();

      assertThat(claimed).as("claim for %s", duration).hasSize(1);
      assertThat(claimed.get(0).lease().expiresAt())
          .as("expiry of a claim for %s", duration)
          .isBetween(before.plus(duration), after.plus(duration));
    }
  }

  @Test
  @DisplayName("Q11 a claim reports since when its job is due")
  void claimTellsTheDueTime() {
    Instant due = storeNow().minusSeconds(60).truncatedTo(ChronoUnit.MILLIS);
    enqueued(job().due(Due.at(due)));

    assertThat(claimed().dueAt()).as("dueAt").isEqualTo(due);
  }

  @Test
  @DisplayName("Q13 jobs that are due a millisecond apart come in the order of their due times")
  void orderOfCloseDueTimes() {
    Instant due = storeNow().minusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
    String second = enqueued(job().due(Due.at(due.plusMillis(1))));
    String first = enqueued(job().due(Due.at(due)));

    assertThat(ids(claim(2))).as("the jobs").containsExactly(first, second);
  }

  @Test
  @Since(2)
  @DisplayName("Q13 a claim gives the jobs of each priority, the highest first")
  void eachPriority() {
    List<NewJob> batch = new ArrayList<>();
    for (int priority : new int[] {3, 0, 7, 1, 9, 4, 2, 8, 6, 5}) {
      batch.add(job("priority-" + priority).priority(priority).build());
    }
    jobs.enqueue(batch);
    List<String> order = IntStream.rangeClosed(0, 9).mapToObj(i -> "priority-" + (9 - i)).toList();

    assertThat(ids(claim(4))).as("the first jobs").containsExactlyElementsOf(order.subList(0, 4));
    assertThat(ids(claim(10))).as("the rest").containsExactlyElementsOf(order.subList(4, 10));
  }
}
