package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.GraphPart;
import dev.lease.JobState;
import dev.lease.OnFailure;
import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Operated.Act;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Hand-made histories: ones that just break a law of graphs, and good ones that look bad. The graph
 * has two jobs, one after them that is cancelled if they fail, and one after that which runs then.
 */
class GraphHistoryCheckTest {

  private static final HistoryGraph GRAPH =
      new HistoryGraph(
          "g",
          List.of(
              GraphPart.of("a"),
              GraphPart.of("b").after("a", OnFailure.CANCEL),
              GraphPart.of("none").after("b", OnFailure.RUN),
              GraphPart.of("c").after("none", OnFailure.RUN)),
          List.of(2, 1, 0, 1));

  private static final Event COMPLETE = added(0, 5, Answer.YES, true);

  @Test
  @DisplayName("after parents: a job is given, and one before it cannot have ended")
  void afterParents() {
    Event one = settled("g/a/0", 10, 20, SettlementKind.DONE, Answer.YES);
    Event other = settled("g/a/1", 10, 20, SettlementKind.FAILED, Answer.YES);
    assertKeeps(COMPLETE, one, other, granted("g/b/0", 15, 30));
    assertBreaks(Law.AFTER_PARENTS, COMPLETE, one, granted("g/b/0", 15, 30));
    assertBreaks(Law.AFTER_PARENTS, COMPLETE, one, other, granted("g/b/0", 5, 9));
    for (Answer answer : List.of(Answer.UNKNOWN, Answer.NO)) {
      Event unsure = settled("g/a/1", 10, Span.NEVER, SettlementKind.CANCELLED, answer);
      boolean isKept = answer == Answer.UNKNOWN;
      assertThat(lawsBrokenBy(COMPLETE, one, unsure, granted("g/b/0", 15, 30)).isEmpty())
          .as("kept, where the answer was %s", answer)
          .isEqualTo(isKept);
    }
    assertBreaks(
        Law.AFTER_PARENTS,
        COMPLETE,
        one,
        settled("g/a/1", 10, 20, SettlementKind.RETRY, Answer.YES),
        granted("g/b/0", 15, 30));
  }

  @Test
  @DisplayName("after parents: what an operator cancels or deletes has ended, or will have")
  void afterOperators() {
    Event one = settled("g/a/0", 10, 20, SettlementKind.DONE, Answer.YES);
    for (Act act : Act.values()) {
      Event operated = operated("g/a/1", 10, 20, act);
      boolean isKept = act != Act.REQUEUE;
      assertThat(lawsBrokenBy(COMPLETE, one, operated, granted("g/b/0", 15, 30)).isEmpty())
          .as("kept after %s", act)
          .isEqualTo(isKept);
    }
  }

  @Test
  @DisplayName("after parents: through a part without jobs, and one that was cancelled for another")
  void afterPartsWithoutJobs() {
    Event failed = settled("g/a/0", 10, 20, SettlementKind.FAILED, Answer.YES);
    assertKeeps(COMPLETE, failed, granted("g/c/0", 15, 30));
    Event done = settled("g/a/0", 10, 20, SettlementKind.DONE, Answer.YES);
    assertBreaks(Law.AFTER_PARENTS, COMPLETE, done, granted("g/c/0", 15, 30));
  }

  @Test
  @DisplayName("after parents: nothing runs before the graph may be complete")
  void afterTheLastPiece() {
    assertBreaks(Law.AFTER_PARENTS, granted("g/a/0", 15, 30));
    assertBreaks(Law.AFTER_PARENTS, added(0, 5, Answer.YES, false), granted("g/a/0", 15, 30));
    assertKeeps(added(0, 5, Answer.UNKNOWN, true), granted("g/a/0", 15, 30));
  }

  @Test
  @DisplayName("starts once: a job is given after its result was accepted")
  void startsOnce() {
    Event first = granted("g/a/0", 6, 9);
    Event done = settled("g/a/0", 10, 20, SettlementKind.DONE, Answer.YES);
    assertBreaks(Law.STARTS_ONCE, COMPLETE, first, done, granted("g/a/0", 21, 30));
    assertKeeps(COMPLETE, first, done, granted("g/a/0", 19, 30));
  }

  @Test
  @DisplayName("nothing waits: in the end each job has ended, or was deleted")
  void nothingWaits() {
    assertBreaks(Law.NOTHING_WAITS, COMPLETE, found("g/b/0", JobState.PENDING));
    assertKeeps(COMPLETE, found("g/b/0", JobState.CANCELLED));
    assertBreaks(Law.NOTHING_WAITS, COMPLETE, found("g/b/0", null));
    assertKeeps(COMPLETE, operated("g/b/0", 10, 20, Act.DELETE), found("g/b/0", null));
    assertKeeps(found("g/b/0", JobState.PENDING), added(990, 995, Answer.YES, true));
  }

  @Test
  @DisplayName("pieces fit: a piece is refused")
  void piecesFit() {
    assertBreaks(Law.PIECES_FIT, COMPLETE, added(10, 20, Answer.NO, false));
  }

  @Test
  @DisplayName("a store that lets jobs go early, twice or never is found")
  void brokenStores() throws Exception {
    for (BrokenStore store : BrokenGraphs.ALL) {
      if (store.how().startsWith("a part goes when the first of those before it")) {
        assertThat(lawsBrokenBy(store)).contains(Law.AFTER_PARENTS);
      } else if (store.how().startsWith("what comes after a job that was deleted waits")) {
        assertThat(lawsBrokenBy(store)).contains(Law.NOTHING_WAITS);
      } else if (store.how().startsWith("a job that has failed for good lets nothing go")) {
        assertThat(lawsBrokenBy(store)).contains(Law.NOTHING_WAITS);
      }
    }
  }

  /** Threads interleave by chance, so the laws of several histories are put together. */
  private static List<Law> lawsBrokenBy(BrokenStore store) throws Exception {
    List<Law> laws = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      var fixture = new KitRun.Fixture(store.parts());
      HistoryRun.ofGraphs(
              fixture, List.of(fixture.open(), fixture.open()), "queue", Duration.ofMinutes(1))
          .violations()
          .forEach(violation -> laws.add(violation.law()));
    }
    return laws;
  }

  private static Span span(long sent, long done) {
    return new Span("c", sent, done, false);
  }

  private static Event added(long sent, long done, Answer answer, boolean last) {
    return new Event.Added(span(sent, done), "g", answer, last);
  }

  private static Event operated(String id, long sent, long done, Act act) {
    return new Event.Operated(span(sent, done), id, Answer.YES, act);
  }

  private static Event granted(String id, long sent, long done) {
    return new Event.Granted(span(sent, done), id, Answer.YES, Duration.ofNanos(100), 5, 1);
  }

  private static Event settled(String id, long sent, long done, SettlementKind how, Answer answer) {
    return new Event.Settled(span(sent, done), id, answer, 5, how, Duration.ZERO, "");
  }

  private static Event found(String id, @Nullable JobState state) {
    return new Event.Found(
        span(900, 901), id, state == null ? Answer.NO : Answer.YES, 5, state, 1, "");
  }

  private static void assertBreaks(Law law, Event... history) {
    assertThat(lawsBrokenBy(history)).contains(law);
  }

  private static void assertKeeps(Event... history) {
    assertThat(lawsBrokenBy(history)).isEmpty();
  }

  private static List<Law> lawsBrokenBy(Event... history) {
    return GraphHistoryCheck.check(List.of(GRAPH), List.of(history)).stream()
        .map(Violation::law)
        .distinct()
        .toList();
  }
}
