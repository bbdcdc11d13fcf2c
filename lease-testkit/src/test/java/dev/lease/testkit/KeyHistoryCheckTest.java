package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobState;
import dev.lease.testkit.Event.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Hand-made histories: ones that just break a law of keys, and good ones that look bad. Leases last
 * 100.
 */
class KeyHistoryCheckTest {

  private static final Duration LEASE = Duration.ofNanos(100);

  @Test
  @DisplayName(
      "at most slots: two jobs of a key are held while both holders may trust their leases")
  void atMostSlots() {
    assertBreaks(Law.AT_MOST_SLOTS, granted("alone/1", 10, 20, 5), granted("alone/2", 90, 109, 6));
    assertKeeps(granted("alone/1", 10, 20, 5), granted("alone/2", 90, 110, 6));
    assertKeeps(granted("alone/1", 10, 20, 5), granted("else/2", 30, 40, 6));
    assertKeeps(granted("two/1", 10, 20, 5), granted("two/2", 30, 40, 6));
    assertBreaks(
        Law.AT_MOST_SLOTS,
        granted("two/1", 10, 20, 5),
        granted("two/2", 30, 40, 6),
        granted("two/3", 50, 60, 7));
  }

  @Test
  @DisplayName("at most slots: a settlement that was sent ends the hold, also without a reply")
  void atMostSlotsSettled() {
    for (Answer answer : List.of(Answer.YES, Answer.UNKNOWN)) {
      assertKeeps(
          granted("alone/1", 10, 20, 5),
          settled("alone/1", 30, 50, 5, answer),
          granted("alone/2", 25, 40, 6));
      assertBreaks(
          Law.AT_MOST_SLOTS,
          granted("alone/1", 10, 20, 5),
          settled("alone/1", 30, 50, 5, answer),
          granted("alone/2", 22, 29, 6));
    }
    assertBreaks(
        Law.AT_MOST_SLOTS,
        granted("alone/1", 10, 20, 5),
        settled("alone/1", 30, 50, 5, Answer.NOT_DONE),
        granted("alone/2", 60, 70, 6));
  }

  @Test
  @DisplayName("a slot returns: the last job of a key is done in the end")
  void slotReturns() {
    assertBreaks(Law.SLOT_RETURNS, found("alone/last", JobState.PENDING));
    assertKeeps(found("alone/last", JobState.DONE));
    assertKeeps(found("alone/1", JobState.PENDING));
  }

  @Test
  @DisplayName("order: a job is given after one that was certainly enqueued later")
  void order() {
    Event one = enqueued("order/1", 0, 1, Answer.YES);
    Event two = enqueued("order/2", 2, 3, Answer.YES);
    Event late = granted("order/1", 300, 310, 6);
    assertBreaks(Law.ORDER_IN_KEY, one, two, granted("order/2", 10, 20, 5), late);
    assertKeeps(one, two, granted("order/2", 10, 300, 5), late);
    assertKeeps(one, enqueued("order/2", 1, 3, Answer.YES), granted("order/2", 10, 20, 5), late);
    assertKeeps(
        one,
        enqueued("order/2", 0, 3, Answer.UNKNOWN),
        enqueued("order/2", 5, 6, Answer.NO),
        granted("order/2", 10, 20, 5),
        late);
    assertKeeps(
        enqueued("alone/1", 0, 1, Answer.YES),
        enqueued("alone/2", 2, 3, Answer.YES),
        granted("alone/2", 10, 20, 5),
        granted("alone/1", 300, 310, 6));
  }

  @Test
  @DisplayName("turns: two jobs of a key come, and none of another key that has one")
  void turns() {
    Event first = granted("turn-a/0", 0, 1, 5);
    Event other = granted("turn-b/0", 200, 201, 6);
    Event second = granted("turn-a/1", 400, 401, 7);
    assertKeeps(first, other, second, granted("turn-b/1", 600, 601, 8));
    assertKeeps(first, other, second);
    assertKeeps(first, second);
    assertBreaks(Law.EVERY_KEY_GETS_ITS_TURN, first, second, granted("turn-b/0", 600, 601, 8));
  }

  @Test
  @DisplayName("a store that frees the slot of an expired job, or holds one too many, is found")
  void brokenStores() throws Exception {
    for (BrokenStore store : BrokenKeys.ALL) {
      if (store.how().startsWith("held jobs are counted")) {
        assertThat(lawsBrokenBy(store)).contains(Law.AT_MOST_SLOTS);
      } else if (store.how().startsWith("a job that has crashed too often does not free")) {
        assertThat(lawsBrokenBy(store)).contains(Law.SLOT_RETURNS);
      } else if (store.how().startsWith("in order, a job that is put off gives")) {
        assertThat(lawsBrokenBy(store)).contains(Law.ORDER_IN_KEY);
      } else if (store.how().startsWith("an admitted job stands in the queue by its due")) {
        assertThat(lawsBrokenBy(store)).contains(Law.EVERY_KEY_GETS_ITS_TURN);
      }
    }
  }

  /** Threads interleave by chance, so the laws of several histories are put together. */
  private static List<Law> lawsBrokenBy(BrokenStore store) throws Exception {
    List<Law> laws = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      var fixture = new KitRun.Fixture(store.parts());
      HistoryRun.ofKeys(
              fixture, List.of(fixture.open(), fixture.open()), "queue", Duration.ofMinutes(1))
          .violations()
          .forEach(violation -> laws.add(violation.law()));
    }
    return laws;
  }

  private static Span span(long sent, long done) {
    return new Span("c", sent, done, false);
  }

  private static Event enqueued(String id, long sent, long done, Answer answer) {
    return new Event.Enqueued(span(sent, done), id, answer, 3, 3);
  }

  private static Event granted(String id, long sent, long done, long token) {
    return new Event.Granted(span(sent, done), id, Answer.YES, LEASE, token, 1);
  }

  private static Event settled(String id, long sent, long done, long token, Answer answer) {
    return new Event.Settled(
        span(sent, done), id, answer, token, SettlementKind.DONE, Duration.ZERO, "");
  }

  private static Event found(String id, JobState state) {
    return new Event.Found(span(900, 901), id, Answer.YES, 5, state, 1, "");
  }

  private static void assertBreaks(Law law, Event... history) {
    assertThat(lawsBrokenBy(history)).contains(law);
  }

  private static void assertKeeps(Event... history) {
    assertThat(lawsBrokenBy(history)).isEmpty();
  }

  private static List<Law> lawsBrokenBy(Event... history) {
    return KeyHistoryCheck.check(List.of(history)).stream().map(Violation::law).distinct().toList();
  }
}
