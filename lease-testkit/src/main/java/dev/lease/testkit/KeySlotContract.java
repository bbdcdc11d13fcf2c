package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The slots of a key: who has one, what frees it, and who gets it. */
@Since(3)
abstract class KeySlotContract extends KeyContract {

  @Test
  @DisplayName("Q61 jobs whose keys have no limit are given like others")
  void noLimit() {
    List<String> ids = enqueuedOf("a", 3);
    ids.add(enqueued(job()));
    ids.add(enqueued(keyed("b")));

    List<ClaimedJob> claimed = claim(10);

    assertThat(ids(claimed)).as("claimed").containsExactlyElementsOf(ids);
    assertThat(claimed)
        .as("keys of the claimed jobs")
        .extracting(ClaimedJob::key)
        .containsExactly("a", "a", "a", null, "b");
    assertThat(find(ids.get(4)).key()).as("key in a read").isEqualTo("b");
    assertThat(find(ids.get(3)).key()).as("key of a job without one").isNull();
  }

  @Test
  @DisplayName("Q61 a limit counts no job without a key")
  void noKey() {
    limit(KeyLimit.of(0));
    String keyed = enqueued(keyed("a"));
    String other = enqueued(job());

    assertThat(claimedIds()).as("claimed").containsExactly(other);
    assertHeldBack(keyed);
  }

  @Test
  @DisplayName("Q61 keys that look alike are apart")
  void keysThatLookAlike() {
    limit(KeyLimit.of(1));
    List<NewJob> first = new ArrayList<>();
    List<NewJob> second = new ArrayList<>();
    for (String key : Texts.ALIKE) {
      first.add(keyed(key).build());
      second.add(keyed(key).build());
    }
    jobs.enqueue(first);
    jobs.enqueue(second);

    assertThat(claim(1_000))
        .as("claimed, of two jobs of each key")
        .extracting(ClaimedJob::key)
        .containsExactlyInAnyOrderElementsOf(Texts.ALIKE);
  }

  @Test
  @DisplayName("Q62 no more jobs of a key are held than it has slots")
  void slots() {
    limit(KeyLimit.of(2));
    List<String> ids = enqueuedOf("a", 5);

    List<ClaimedJob> claimed = claim(10);

    assertThat(ids(claimed)).as("claimed").containsExactlyElementsOf(ids.subList(0, 2));
    assertHeldBack(ids.get(2), ids.get(3), ids.get(4));
    assertThat(claim(10)).as("a second claim").isEmpty();
    assertThat(claimByOthers(10)).as("a claim by others").isEmpty();

    settled(Settlement.done(claimed.get(1).lease()));
    assertThat(ids(claimByOthers(10))).as("after one ended").containsExactly(ids.get(2));
  }

  @Test
  @DisplayName("Q62 a limit of one object holds for what another one enqueues")
  void otherObjects() {
    otherAdmission.limit(queue, "a", KeyLimit.of(1));
    others.enqueue(List.of(keyed("a").build(), keyed("a").build(), keyed("b").build()));
    jobs.enqueue(List.of(keyed("a").build()));

    assertThat(claim(10))
        .as("claimed")
        .extracting(ClaimedJob::key)
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  @DisplayName("Q62 Q63 an expired job keeps its slot")
  void expired() throws Exception {
    limit(KeyLimit.of(1));
    JobLease lost = holdsTheSlot("a");
    String next = enqueued(keyed("a"));
    expireLeases();

    List<ClaimedJob> again = claimByOthers(10);

    assertThat(ids(again)).as("claimed after the expiry").containsExactly(lost.jobId());
    assertThat(jobs.settle(List.of(Settlement.done(lost))))
        .as("a settlement by the one that lost it")
        .containsExactly(Settlement.Result.LOST);
    assertThat(claim(10)).as("claimed while that one is held").isEmpty();
    settled(Settlement.done(again.get(0).lease()));
    assertThat(claimedIds()).as("claimed after it has ended").containsExactly(next);
  }

  @Test
  @DisplayName("Q63 what finishes a job frees its slot")
  void finished() {
    limit(KeyLimit.of(1));
    for (SettlementKind kind : SettlementKind.values()) {
      freshQueue();
      limit(KeyLimit.of(1));
      JobLease lease = holdsTheSlot("a");
      String next = enqueued(keyed("a"));

      settled(lease, kind);

      assertThat(claimedIds())
          .as("claimed after a settlement as %s without a delay", kind)
          .containsExactly(kind.hasDelay() ? lease.jobId() : next);
    }
  }

  @Test
  @DisplayName("Q63 a job that is put off frees its slot, and comes back when it is due")
  void putOff() throws Exception {
    for (SettlementKind kind : List.of(SettlementKind.RETRY, SettlementKind.RELEASED)) {
      freshQueue();
      limit(KeyLimit.of(1));
      JobLease lease = holdsTheSlot("a");
      String next = enqueued(keyed("a"));

      settled(kind.of(lease, "later", term));

      List<ClaimedJob> claimed = claim(10);
      assertThat(ids(claimed)).as("claimed after %s with a delay", kind).containsExactly(next);
      advance(term.dividedBy(2));
      jobs.extend(List.of(claimed.get(0).lease()), term.multipliedBy(2));
      advance(term);
      assertThat(claim(10)).as("claimed while the other is held").isEmpty();
      assertHeldBack(lease.jobId());
      settled(Settlement.done(claimed.get(0).lease()));
      assertThat(claimedIds()).as("claimed after it").containsExactly(lease.jobId());
    }
  }

  @Test
  @DisplayName("Q63 the last failure of a job frees its slot")
  void lastFailure() {
    limit(KeyLimit.of(1));
    enqueued(keyed("a").maxFailures(1));
    JobLease lease = claimed().lease();
    String next = enqueued(keyed("a"));

    settled(lease, SettlementKind.RETRY);

    assertThat(stateOf(lease.jobId())).as("state").isEqualTo(JobState.FAILED);
    assertThat(claimedIds()).as("claimed").containsExactly(next);
  }

  @Test
  @DisplayName("Q63 a claim that meets the last crash of a job gives the slot on, and tops up")
  void lastCrash() throws Exception {
    limit(KeyLimit.of(1));
    enqueued(keyed("a").maxCrashes(1));
    JobLease lease = claimed().lease();
    String next = enqueued(keyed("a"));
    expireLeases();

    Claim claim = jobs.claim(ClaimRequest.of(queue, "worker", 10, term));

    assertThat(claim.finished()).as("finished").hasSize(1);
    assertThat(stateOf(lease.jobId())).as("state").isEqualTo(JobState.FAILED);
    assertThat(ids(claim.jobs())).as("given").containsExactly(next);
  }

  @Test
  @DisplayName("Q63 a reset keeps the slot of a job that may run again, and frees that of another")
  void reset() throws Exception {
    limit(KeyLimit.of(1));
    enqueued(keyed("a").maxCrashes(2));
    JobLease lease = claimed().lease();
    String next = enqueued(keyed("a"));
    expireLeases();
    assertThat(admin.resetExpired(queue, 10).count()).as("reset").isEqualTo(1);

    List<ClaimedJob> again = claim(10);
    assertThat(ids(again)).as("claimed after a reset").containsExactly(lease.jobId());
    expireLeases();
    assertThat(admin.resetExpired(queue, 10).finished()).as("finished by a reset").hasSize(1);
    assertThat(claimedIds()).as("claimed after the last crash").containsExactly(next);
  }

  @Test
  @DisplayName("Q63 a settlement that is sent again frees no second slot")
  void sentAgain() {
    limit(KeyLimit.of(2));
    List<String> ids = enqueuedOf("a", 6);
    List<ClaimedJob> claimed = claim(10);
    Settlement done = Settlement.done(claimed.get(0).lease(), "result");

    jobs.settle(List.of(done));
    others.settle(List.of(done));
    jobs.settle(List.of(done, done));

    assertThat(claimedIds()).as("claimed").containsExactly(ids.get(2));
  }

  @Test
  @DisplayName("Q63 each settlement of a batch frees its own slot")
  void batchOfSettlements() {
    limit(KeyLimit.of(2));
    List<String> ids = enqueuedOf("a", 5);
    List<String> ofOther = enqueuedOf("b", 3);
    List<Settlement> batch = new ArrayList<>();
    claim(10).forEach(job -> batch.add(Settlement.done(job.lease())));
    assertThat(batch).as("held").hasSize(4);

    assertThat(jobs.settle(batch)).as("answers").containsOnly(Settlement.Result.ACCEPTED);

    assertThat(claimedIds())
        .as("claimed after the batch")
        .containsExactlyInAnyOrder(ids.get(2), ids.get(3), ofOther.get(2));
  }

  @Test
  @DisplayName("Q63 a settlement and a claim in one call pass the slot on in between")
  void settleAndClaim() {
    limit(KeyLimit.of(1));
    JobLease lease = holdsTheSlot("a");
    String next = enqueued(keyed("a"));

    var answer =
        jobs.settleAndClaim(
            List.of(Settlement.done(lease)), ClaimRequest.of(queue, "worker", 10, term));

    assertThat(ids(answer.claim().jobs())).as("claimed").containsExactly(next);
  }

  @Test
  @DisplayName("Q64 a job that becomes due is given when its key has a slot")
  void becomesDue() throws Exception {
    limit(KeyLimit.of(1));
    String early = enqueued(keyed("a").due(Due.after(term.multipliedBy(2))));
    String now = enqueued(keyed("a"));
    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactly(now);
    assertThat(find(early).heldBack()).as("held back before it is due").isFalse();
    jobs.extend(List.of(claimed.get(0).lease()), term.multipliedBy(4));

    advance(term.multipliedBy(2));

    assertThat(claim(10)).as("claimed when it is due, and the slot taken").isEmpty();
    assertHeldBack(early);
    settled(Settlement.done(claimed.get(0).lease()));
    assertThat(claimedIds()).as("claimed").containsExactly(early);
  }

  @Test
  @DisplayName("Q64 the last job of a key that ends leaves the key open for the next enqueue")
  void afterTheLast() {
    limit(KeyLimit.of(1));
    for (int i = 0; i < 3; i++) {
      String id = enqueued(keyed("a"));
      assertThat(run()).as("job %s of a key", i).containsExactly(id);
    }
  }

  @Test
  @DisplayName("Q65 within a key jobs come by priority, due time and order of enqueueing")
  void order() throws Exception {
    limit(KeyLimit.of(1));
    JobLease first = holdsTheSlot("a");
    Due past = Due.at(storeNow().minus(Duration.ofHours(1)));
    String low = enqueued(keyed("a").priority(1));
    String middle = enqueued(keyed("a").priority(5));
    String later = enqueued(keyed("a").priority(5));
    String high = enqueued(keyed("a").priority(9));
    String early = enqueued(keyed("a").priority(5).due(past));
    later();

    settled(Settlement.done(first));

    assertThat(runOneByOne()).as("order").containsExactly(high, early, middle, later, low);
  }

  @Test
  @DisplayName("Q65 of the jobs of a batch the first by priority gets the slot")
  void orderInABatch() {
    limit(KeyLimit.of(1));
    NewJob low = keyed("a").priority(1).build();
    NewJob high = keyed("a").priority(9).build();
    NewJob other = keyed("b").priority(1).build();

    jobs.enqueue(List.of(low, high, other));

    assertThat(claimedIds()).as("claimed").containsExactly(high.id(), other.id());
  }

  @Test
  @DisplayName("Q65 between two jobs of a key each other key comes to its turn")
  void shares() throws Exception {
    limit(KeyLimit.of(1));
    List<String> ofA = enqueuedOf("a", 4);
    List<String> ofB = enqueuedOf("b", 2);
    List<String> ofC = enqueuedOf("c", 1);
    List<String> order = new ArrayList<>();
    for (List<ClaimedJob> next = claim(1); !next.isEmpty(); next = claim(1)) {
      order.add(next.get(0).lease().jobId());
      later();
      settled(Settlement.done(next.get(0).lease()));
    }

    assertThat(order)
        .as("order")
        .containsExactly(
            ofA.get(0), ofB.get(0), ofC.get(0), ofA.get(1), ofB.get(1), ofA.get(2), ofA.get(3));
  }

  @Test
  @DisplayName("Q66 in order: the next job begins when the one before has finished")
  void inOrder() throws Exception {
    limit(KeyLimit.of(1).inOrder());
    List<String> ids = enqueuedOf("a", 2);
    String other = enqueued(keyed("b"));
    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactly(ids.get(0), other);
    settled(Settlement.done(claimed.get(1).lease()));

    settled(Settlement.retry(claimed.get(0).lease(), term, "again"));
    assertThat(claim(10)).as("claimed while the first waits for its retry").isEmpty();
    advance(term);
    JobLease again = claimed().lease();
    assertThat(again.jobId()).as("the first, again").isEqualTo(ids.get(0));
    settled(Settlement.released(again, term));
    assertThat(claim(10)).as("claimed while the first is put off").isEmpty();
    advance(term);
    settled(Settlement.failed(claimed().lease(), "why"));

    assertThat(claimedIds()).as("claimed after the first has ended").containsExactly(ids.get(1));
  }

  @Test
  @DisplayName("Q69 a claim finishes a job whose deadline passed while it was held back")
  void deadline() throws Exception {
    limit(KeyLimit.of(1));
    JobLease lease = holdsTheSlot("a");
    String late = enqueued(keyed("a").notAfter(Due.after(term)));
    String next = enqueued(keyed("a"));
    jobs.extend(List.of(lease), term.multipliedBy(4));
    advance(term.multipliedBy(2));
    settled(Settlement.done(lease));

    Claim claim = jobs.claim(ClaimRequest.of(queue, "worker", 10, term));

    assertThat(stateOf(late)).as("state").isEqualTo(JobState.CANCELLED);
    assertThat(ids(claim.jobs())).as("given").containsExactly(next);
  }

  @Test
  @DisplayName("Q69 a dedup key is taken by a job that is held back")
  void dedupKey() {
    limit(KeyLimit.of(0));
    String id = enqueued(keyed("a").dedupKey("once"));

    assertThat(jobs.enqueue(List.of(keyed("b").dedupKey("once").build())))
        .as("a second job with the dedup key")
        .allMatch(answer -> !answer.created() && answer.id().equals(id));
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q64 the last settlement of a key and an enqueue at once leave nobody waiting")
  void enqueueAgainstSettle() throws Exception {
    takeLongLeases();
    new Race<>(this::held)
        .run(
            lease -> bare.one.jobQueue().settle(List.of(Settlement.done(lease))).get(0),
            lease ->
                bare.two
                    .jobQueue()
                    .enqueue(
                        List.of(NewJob.builder(lease.queue(), "next", "kit", "").key("a").build())),
            (lease, settled, enqueued) ->
                assertThat(
                        bare.one
                            .jobQueue()
                            .claim(ClaimRequest.of(lease.queue(), "worker", 10, LEASE))
                            .jobs())
                    .as("claimed after both")
                    .extracting(job -> job.lease().jobId())
                    .containsExactly("next"));
  }

  private List<JobLease> held(int count) {
    List<JobLease> leases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = Names.unique("race");
      bare.one.admission().limit(name, null, KeyLimit.of(1));
      bare.one
          .jobQueue()
          .enqueue(List.of(NewJob.builder(name, "first", "kit", "").key("a").build()));
      leases.add(
          bare.one
              .jobQueue()
              .claim(ClaimRequest.of(name, "worker", 1, LEASE))
              .jobs()
              .get(0)
              .lease());
    }
    return leases;
  }
}
