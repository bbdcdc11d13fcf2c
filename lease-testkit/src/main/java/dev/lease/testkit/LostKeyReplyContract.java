package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Admission;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Loses each reply of the calls about limits in turn, and of those that give slots. */
abstract class LostKeyReplyContract extends LostAdminReplyContract {

  private static final String KEY = "key";

  /** A store may do it in many steps. */
  private static final int REPLIES_TO_APPLY = 48;

  /** Skips the test if the store comes without limits by key. */
  private void needsKeys() {
    if (lacks(Capability.KEYS)) {
      assertLacks(Capability.KEYS, backend::admission);
    }
  }

  private Admission admission() {
    return backend.admission();
  }

  private Admission otherAdmission() {
    return two.admission();
  }

  private KeyPage keys(String queue) {
    return otherAdmission().keys(queue, null, 10);
  }

  private KeyState key(String queue) {
    KeyPage page = keys(queue);
    assertThat(page.keys()).extracting(KeyState::key).containsExactly(KEY);
    return page.keys().get(0);
  }

  private static NewJob keyed(String queue, String id) {
    return NewJob.builder(queue, id, "kit", "payload").key(KEY).build();
  }

  /** A queue with jobs of a key. */
  private String enqueuedWithKey(String... ids) {
    String queue = unique("queue");
    for (String id : ids) {
      others.enqueue(List.of(keyed(queue, id)));
    }
    return queue;
  }

  private static List<ClaimedJob> claim(JobQueue by, String queue) {
    return by.claim(ClaimRequest.of(queue, "worker", 10, HELD)).jobs();
  }

  /** Claims until it gets something: what a cut connection began may end a moment later. */
  private List<String> claimedSoon(String queue) {
    long begin = System.nanoTime();
    List<ClaimedJob> claimed = claim(others, queue);
    while (claimed.isEmpty() && System.nanoTime() - begin < endless().toNanos()) {
      claimed = claim(others, queue);
    }
    return claimed.stream().map(job -> job.lease().jobId()).toList();
  }

  @Test
  @Since(3)
  @DisplayName("L22 Q68 if the reply to limit is lost, the outcome is unknown; it can be repeated")
  void lostReplyOfLimit() {
    needsKeys();
    loseReplies(
        () -> {
          String queue = enqueuedWithKey("one");
          Runnable call = () -> admission().limit(queue, KEY, KeyLimit.of(3));
          return new Attempt(
              call,
              () -> key(queue).limit() != null,
              () -> {
                call.run();
                assertThat(key(queue).limit()).isEqualTo(KeyLimit.of(3));
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName(
      "L22 Q94 if the reply to limitQueue is lost, the outcome is unknown; it can be repeated")
  void lostReplyOfLimitQueue() {
    needsKeys();
    loseReplies(
        () -> {
          String queue = enqueuedWithKey("one");
          Runnable call = () -> admission().limitQueue(queue, 3);
          return new Attempt(
              call,
              () -> keys(queue).queueSlots() != null,
              () -> {
                call.run();
                assertThat(keys(queue).queueSlots()).isEqualTo(3);
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName(
      "L22 Q95 if the reply to closeKey is lost, the outcome is unknown; it can be repeated")
  void lostReplyOfCloseKey() {
    needsKeys();
    loseReplies(
        () -> {
          String queue = enqueuedWithKey("one");
          Runnable call = () -> admission().closeKey(queue, KEY, HELD);
          return new Attempt(
              call,
              () -> key(queue).nextStart() != null,
              () -> {
                call.run();
                assertThat(claim(others, queue)).as("jobs of a key that is closed").isEmpty();
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName(
      "L22 Q68 if the reply to apply is lost, the outcome is unknown; repeating it tells the truth")
  void lostReplyOfApply() {
    needsKeys();
    loseReplies(
        REPLIES_TO_APPLY,
        () -> {
          String queue = enqueuedWithKey("one", "two");
          otherAdmission().limit(queue, null, KeyLimit.of(1));
          BooleanSupplier done = () -> key(queue).admitted() == 1;
          return new Attempt(
              () -> assertThat(admission().apply(queue, 10)).isEqualTo(1),
              done,
              () -> {
                // The server may commit the first call a moment later.
                int most = done.getAsBoolean() ? 0 : 1;
                assertThat(admission().apply(queue, 10)).isBetween(0, most);
                assertThat(key(queue).admitted()).isEqualTo(1);
                assertThat(key(queue).heldBack()).isEqualTo(1);
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName("L22 if the reply to keys is lost, it fails; it never leaves out keys")
  void lostReplyOfKeys() {
    needsKeys();
    String queue = enqueuedWithKey("one");
    loseRepliesOfRead(
        () ->
            assertThat(admission().keys(queue, null, 10).keys())
                .extracting(KeyState::key)
                .containsExactly(KEY));
  }

  @Test
  @Since(3)
  @DisplayName(
      "Q62 Q64 if the reply to an enqueue with a key is lost, its slots are given, and no more")
  void lostReplyOfEnqueueWithKey() {
    needsKeys();
    loseReplies(
        () -> {
          String queue = unique("queue");
          otherAdmission().limit(queue, null, KeyLimit.of(2));
          List<NewJob> three =
              List.of(keyed(queue, "one"), keyed(queue, "two"), keyed(queue, "three"));
          return new Attempt(
              () -> assertThat(jobs.enqueue(three)).allMatch(Enqueued::created),
              () -> others.find(queue, "one").isPresent(),
              () -> {
                jobs.enqueue(three);
                assertThat(claimedSoon(queue)).containsExactly("one", "two");
                assertThat(claim(others, queue)).as("jobs over the limit").isEmpty();
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName("Q62 Q63 Q64 if the reply to settle is lost, the job's slot is passed on, and once")
  void lostReplyOfSlot() {
    needsKeys();
    loseReplies(
        () -> {
          String queue = unique("queue");
          otherAdmission().limit(queue, null, KeyLimit.of(1));
          others.enqueue(List.of(keyed(queue, "one"), keyed(queue, "two"), keyed(queue, "three")));
          JobLease lease = claim(jobs, queue).get(0).lease();
          Settlement done = Settlement.done(lease);
          return new Attempt(
              () ->
                  assertThat(jobs.settle(List.of(done)))
                      .containsExactly(Settlement.Result.ACCEPTED),
              () -> others.find(queue, "one").orElseThrow().state() == JobState.DONE,
              () -> {
                settle(done);
                assertThat(claimedSoon(queue)).containsExactly("two");
                settle(done);
                assertThat(claim(others, queue)).as("jobs over the limit").isEmpty();
              });
        });
  }

  /** Repeats the call while the transaction of a cut connection still holds the job. */
  final void settle(Settlement settlement) {
    long begin = System.nanoTime();
    Settlement.Result result = jobs.settle(List.of(settlement)).get(0);
    while (result == Settlement.Result.BUSY && System.nanoTime() - begin < endless().toNanos()) {
      result = jobs.settle(List.of(settlement)).get(0);
    }
    assertThat(result).as("the repeated settlement").isNotEqualTo(Settlement.Result.BUSY);
  }
}
