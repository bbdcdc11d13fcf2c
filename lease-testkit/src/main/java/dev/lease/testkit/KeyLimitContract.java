package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Settlement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Limits that are set, changed, applied and read. */
@Since(3)
abstract class KeyLimitContract extends KeyOperatorContract {

  @Test
  @DisplayName("Q68 a limit of a key goes before that of every key, until it is removed")
  void ownLimit() {
    limit(KeyLimit.of(1));
    admission.limit(queue, "b", KeyLimit.of(3));
    enqueuedOf("a", 4);
    enqueuedOf("b", 4);

    List<ClaimedJob> claimed = claim(10);
    assertThat(claimed)
        .as("claimed")
        .extracting(ClaimedJob::key)
        .containsExactlyInAnyOrder("a", "b", "b", "b");

    admission.limit(queue, "b", null);
    claimed.forEach(job -> settled(Settlement.done(job.lease())));
    applied();
    assertThat(claim(10))
        .as("claimed after the limit of b was removed")
        .extracting(ClaimedJob::key)
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  @DisplayName("Q68 more slots let jobs go that were held back")
  void raised() {
    limit(KeyLimit.of(1));
    List<String> ids = enqueuedOf("a", 5);
    assertThat(claimedIds()).as("claimed").containsExactly(ids.get(0));

    admission.limit(queue, "a", KeyLimit.of(3));
    applied();
    assertThat(claimedIds()).as("claimed").containsExactlyElementsOf(ids.subList(1, 3));

    admission.limit(queue, "a", null);
    limit(null);
    applied();
    assertThat(claimedIds()).as("claimed").containsExactlyElementsOf(ids.subList(3, 5));
  }

  @Test
  @DisplayName("Q68 apply takes the slots of jobs that wait, the last ones first")
  void lowered() {
    List<String> ids = enqueuedOf("a", 5);
    List<ClaimedJob> claimed = claim(2);

    limit(KeyLimit.of(3));
    applied();

    assertHeldBack(ids.get(3), ids.get(4));
    List<ClaimedJob> third = claim(10);
    assertThat(ids(third)).as("claimed").containsExactly(ids.get(2));
    limit(KeyLimit.of(1));
    applied();
    assertThat(jobs.extend(List.of(claimed.get(0).lease()), term)).as("a held job").hasSize(1);
    settled(Settlement.done(claimed.get(0).lease()));
    settled(Settlement.done(claimed.get(1).lease()));
    assertThat(claim(10)).as("claimed while there are too many holders").isEmpty();
    settled(Settlement.done(third.get(0).lease()));
    assertThat(claimedIds()).as("claimed").containsExactly(ids.get(3));
  }

  @Test
  @DisplayName("Q68 a key with no slots stands still, and goes on when it gets some")
  void stopped() {
    List<String> ids = enqueuedOf("a", 3);
    JobLease lease = claim(1).get(0).lease();
    admission.limit(queue, "a", KeyLimit.of(0));
    applied();

    settled(Settlement.done(lease));
    assertThat(claim(10)).as("claimed").isEmpty();
    ids.add(enqueued(keyed("a")));
    assertThat(claim(10)).as("claimed after an enqueue").isEmpty();

    admission.limit(queue, "a", KeyLimit.of(10));
    applied();
    assertThat(claimedIds()).as("claimed").containsExactlyElementsOf(ids.subList(1, 4));
  }

  @Test
  @DisplayName("Q65 Q68 a job whose slot apply took is still before those that were behind it")
  void takenInOrder() throws Exception {
    limit(KeyLimit.of(1).inOrder());
    List<String> ids = enqueuedOf("a", 3);
    JobLease lease = claimed().lease();
    later();
    settled(Settlement.done(lease));

    limit(KeyLimit.of(0));
    applied();
    assertHeldBack(ids.get(1), ids.get(2));
    limit(KeyLimit.of(1).inOrder());
    applied();

    assertThat(claimedIds()).as("claimed").containsExactly(ids.get(1));
  }

  @Test
  @DisplayName(
      "Q66 Q68 a job in order that waits for its retry does so too if apply takes its slot")
  void takenWhilePutOff() throws Exception {
    limit(KeyLimit.of(1).inOrder());
    JobLease lease = holdsTheSlot("a");
    settled(Settlement.retry(lease, term, "later"));

    limit(KeyLimit.of(0));
    applied();
    limit(KeyLimit.of(1).inOrder());
    applied();

    assertThat(claim(10)).as("claimed before it is due").isEmpty();
    advance(term);
    assertThat(claimedIds()).as("claimed when it is due").containsExactly(lease.jobId());
  }

  @Test
  @DisplayName("Q68 apply goes in pieces, each as large as its limit at most")
  void pieces() {
    for (int i = 0; i < 10; i++) {
      enqueuedOf("key " + i, 3);
    }
    limit(KeyLimit.of(1));
    assertThat(admission.apply(queue, 3)).as("what a piece changed").isEqualTo(3);
    applied();
    assertThat(heldBack()).as("held back").isEqualTo(20);

    limit(KeyLimit.of(2));
    assertThat(admission.apply(queue, 3)).as("what a piece changed").isEqualTo(3);
    applied();
    assertThat(heldBack()).as("held back").isEqualTo(10);
    assertThat(admission.apply(queue, 3)).as("what is left").isZero();
  }

  @Test
  @DisplayName("Q68 limits outlive the backend object that set them")
  void outlive() throws Exception {
    Backend another = open();
    another.admission().limit(queue, null, KeyLimit.of(1));
    another.admission().limit(queue, "b", KeyLimit.of(0));
    close(another);
    enqueuedOf("a", 2);
    enqueuedOf("b", 2);

    assertThat(claim(10)).as("claimed").extracting(ClaimedJob::key).containsExactly("a");
  }

  @Test
  @DisplayName("Q68 a limit holds in its queue only")
  void otherQueue() {
    String first = queue;
    limit(KeyLimit.of(0));
    admission.limitQueue(queue, 0);
    freshQueue();
    enqueuedOf("a", 2);

    assertThat(claim(10)).as("claimed in a queue without limits").hasSize(2);
    applied();
    assertThat(admission.keys(first, null, 10).keys()).as("keys of the other queue").isEmpty();
  }

  @Test
  @DisplayName("Q68 keys tells limits, and how many jobs have a slot, are held and are held back")
  void keys() {
    limit(KeyLimit.of(2).withRate(5, LATER, 3));
    admission.limitQueue(queue, 7);
    admission.limit(queue, "own", KeyLimit.of(1).inOrder());
    admission.limit(queue, "b", KeyLimit.of(2));
    enqueuedOf("b", 4);
    claim(1);

    KeyPage page = otherAdmission.keys(queue, null, 10);

    assertThat(page.limit()).as("limit").isEqualTo(KeyLimit.of(2).withRate(5, LATER, 3));
    assertThat(page.queueSlots()).as("slots of the queue").isEqualTo(7);
    assertThat(page.next()).as("next").isNull();
    assertThat(page.keys())
        .as("keys")
        .containsExactly(
            KeyState.builder("b").limit(KeyLimit.of(2)).admitted(2).held(1).heldBack(2).build(),
            KeyState.builder("own").limit(KeyLimit.of(1).inOrder()).build());

    admission.limit(queue, "own", null);
    admission.limitQueue(queue, null);
    limit(null);
    page = otherAdmission.keys(queue, null, 10);
    assertThat(page.limit()).as("limit that was removed").isNull();
    assertThat(page.queueSlots()).as("slots that were removed").isNull();
    assertThat(page.keys()).extracting(KeyState::key).as("keys").containsExactly("b");
  }

  @Test
  @DisplayName("Q68 keys come in pages, in the order of their bytes")
  void pages() {
    List<String> names = new ArrayList<>(List.of("a", "B", "b", "ä", "z", "€"));
    for (String name : names) {
      enqueued(keyed(name));
    }
    enqueued(job());
    names.sort(Utf8.ORDER);

    List<String> listed = new ArrayList<>();
    @Nullable String after = null;
    do {
      KeyPage page = admission.keys(queue, after, 2);
      assertThat(page.keys()).as("a page").hasSizeBetween(1, 2);
      page.keys().forEach(state -> listed.add(state.key()));
      after = page.next();
    } while (after != null);

    assertThat(listed).as("listed").containsExactlyElementsOf(names);
    claim(10).forEach(job -> settled(Settlement.done(job.lease())));
    assertThat(admission.keys(queue, null, 10).keys()).as("keys of finished jobs").isEmpty();
  }

  @Test
  @DisplayName("Q94 at most so many jobs with a key are open as the queue has slots")
  void limitOfTheQueue() throws Exception {
    admission.limitQueue(queue, 2);
    limit(KeyLimit.of(1));
    List<String> ofA = enqueuedOf("a", 2);
    List<String> ofB = enqueuedOf("b", 2);
    String ofC = enqueued(keyed("c"));
    String none = enqueued(job());

    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactlyInAnyOrder(ofA.get(0), ofB.get(0), none);
    assertHeldBack(ofA.get(1), ofB.get(1), ofC);
    assertThat(claimByOthers(10)).as("claimed by others").isEmpty();

    later();
    settled(Settlement.done(leaseOf(claimed, ofA.get(0))));
    List<ClaimedJob> next = claim(10);
    assertThat(ids(next)).as("the first in the line of the queue").containsExactly(ofC);
    settled(Settlement.done(next.get(0).lease()));
    later();
    settled(Settlement.done(leaseOf(claimed, ofB.get(0))));
    assertThat(claimedIds()).as("claimed").containsExactly(ofA.get(1), ofB.get(1));
  }

  @Test
  @DisplayName("Q94 a job that is put off leaves the slot of the queue to others")
  void putOffInTheQueue() throws Exception {
    admission.limitQueue(queue, 1);
    limit(KeyLimit.of(1).inOrder());
    JobLease lease = holdsTheSlot("a");
    List<String> ofA = enqueuedOf("a", 1);
    String ofB = enqueued(keyed("b"));

    settled(Settlement.retry(lease, term, "later"));

    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactly(ofB);
    jobs.extend(List.of(claimed.get(0).lease()), term.multipliedBy(4));
    advance(term);
    assertThat(claim(10)).as("claimed when it is due, and the queue full").isEmpty();
    settled(Settlement.done(claimed.get(0).lease()));
    List<ClaimedJob> again = claim(10);
    assertThat(ids(again)).as("claimed").containsExactly(lease.jobId());
    settled(Settlement.done(again.get(0).lease()));
    assertThat(claimedIds()).as("claimed at last").containsExactlyElementsOf(ofA);
  }

  @Test
  @DisplayName("Q94 the limit of a queue is changed, applied and removed")
  void limitOfTheQueueChanges() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(enqueued(keyed("key " + i)));
    }
    JobLease lease = claim(1).get(0).lease();
    admission.limitQueue(queue, 2);
    applied();
    assertHeldBack(ids.get(2), ids.get(3), ids.get(4));
    assertThat(claimedIds()).as("claimed").containsExactly(ids.get(1));

    admission.limitQueue(queue, 0);
    settled(Settlement.done(lease));
    assertThat(claim(10)).as("claimed from a queue without slots").isEmpty();

    admission.limitQueue(queue, null);
    applied();
    assertThat(claimedIds()).as("claimed").containsExactlyElementsOf(ids.subList(2, 5));
  }

  @Test
  @DisplayName("Q94 expiry, crash and delete of a job keep and free the slot of the queue")
  void slotOfTheQueue() throws Exception {
    admission.limitQueue(queue, 1);
    enqueued(keyed("a").maxCrashes(2));
    JobLease lease = claimed().lease();
    String next = enqueued(keyed("b"));
    String last = enqueued(keyed("c"));
    expireLeases();
    assertThat(claimedIds()).as("claimed after the expiry").containsExactly(lease.jobId());
    expireLeases();
    assertThat(claimedIds()).as("claimed after the last crash").containsExactly(next);
    admin.delete(queue, next);
    assertThat(claimedIds()).as("claimed after a delete").containsExactly(last);
  }

  private static JobLease leaseOf(List<ClaimedJob> claimed, String id) {
    return claimed.stream()
        .map(ClaimedJob::lease)
        .filter(lease -> lease.jobId().equals(id))
        .findFirst()
        .orElseThrow();
  }
}
