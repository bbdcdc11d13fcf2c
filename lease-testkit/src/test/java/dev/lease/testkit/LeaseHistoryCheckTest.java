package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Extended;
import dev.lease.testkit.Event.Found;
import dev.lease.testkit.Event.Granted;
import dev.lease.testkit.Event.Settled;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Hand-made histories: ones that just break a law, and good ones that look bad. Leases last 100.
 */
class LeaseHistoryCheckTest {

  private static final Duration DURATION = Duration.ofNanos(100);

  @Test
  @DisplayName("one holder: a second grant is answered while the first holder may trust its lease")
  void oneHolder() {
    Granted first = granted(10, 20, 5);
    assertBreaks(Law.ONE_HOLDER, first, granted(90, 109, 6));
    assertKeeps(first, granted(90, 110, 6));
    assertKeeps(first, released(30, 50, 5, Answer.UNKNOWN), granted(25, 40, 6));
    assertBreaks(Law.ONE_HOLDER, first, released(30, 50, 5, Answer.NOT_DONE), granted(25, 40, 6));
    assertKeeps(first, moved(30, 50, 100), granted(25, 40, 6));
  }

  @Test
  @DisplayName("tokens: a later grant has a larger token; overlapping grants may come in any order")
  void tokens() {
    Granted first = granted(10, 20, 5);
    assertBreaks(Law.TOKENS_GROW, first, released(21, 22, 5, Answer.YES), granted(23, 30, 5));
    assertBreaks(Law.TOKENS_GROW, first, released(21, 22, 5, Answer.YES), granted(23, 30, 4));
    assertKeeps(granted(10, 40, 6), granted(12, 20, 5), released(21, 35, 5, Answer.YES));
  }

  @Test
  @DisplayName(
      "stale: a renewal or release is accepted after a later grant, a release or the" + " expiry")
  void stale() {
    Granted first = granted(10, 20, 5);
    for (Event write :
        List.<Event>of(extended(121, 130, 5, Answer.YES), released(121, 130, 5, Answer.YES))) {
      assertBreaks(Law.NO_STALE_WRITE, first, granted(110, 120, 6), write);
      assertBreaks(Law.NO_STALE_WRITE, first, released(110, 120, 5, Answer.YES), write);
      assertBreaks(Law.NO_STALE_WRITE, first, moved(21, 30, 100), write);
      assertKeeps(first, moved(20, 30, 100), write);
      assertKeeps(first, extended(21, 22, 5, Answer.UNKNOWN), moved(22, 30, 100), write);
    }
    assertKeeps(first, granted(110, 121, 6), released(121, 130, 5, Answer.YES));
    assertKeeps(first, released(110, 121, 5, Answer.YES), extended(121, 130, 5, Answer.YES));
  }

  @Test
  @DisplayName(
      "heard: lost is answered to a holder that may trust its lease; a repeated release"
          + " may be lost")
  void holderIsHeard() {
    Granted first = granted(10, 20, 5);
    assertBreaks(Law.HOLDER_IS_HEARD, first, extended(100, 109, 5, Answer.NO));
    assertKeeps(first, extended(100, 110, 5, Answer.NO));
    assertBreaks(Law.HOLDER_IS_HEARD, first, released(30, 40, 5, Answer.NO));
    assertKeeps(first, releasedTwice(30, 40, 5));
    assertBreaks(Law.HOLDER_IS_HEARD, first, keptTwice(30, 40, 5), moved(20, 29, 30));
    assertKeeps(first, keptTwice(30, 40, 5), moved(20, 31, 30));
    assertKeeps(first, released(30, 40, 5, Answer.UNKNOWN), extended(50, 60, 5, Answer.NO));
  }

  @Test
  @DisplayName("settled once: no grant is released twice, however the releases overlap")
  void oneEnd() {
    Granted first = granted(10, 20, 5);
    Settled released = released(30, 50, 5, Answer.YES);
    assertBreaks(Law.SETTLED_ONCE, first, released, released(30, 50, 5, Answer.YES));
    assertKeeps(first, released, released(30, 50, 5, Answer.NO));
    assertKeeps(first, released, released(30, 50, 5, Answer.UNKNOWN));
  }

  @Test
  @DisplayName(
      "free: an acquire is refused, though nobody can hold the name; a grant without a"
          + " reply may be live")
  void freeIsGranted() {
    Granted first = granted(10, 20, 5);
    assertBreaks(Law.FREE_IS_GRANTED, refused(2, 5));
    assertBreaks(Law.FREE_IS_GRANTED, refused(2, 9), first);
    assertKeeps(refused(2, 10), first);
    assertBreaks(Law.FREE_IS_GRANTED, first, released(30, 40, 5, Answer.YES), refused(41, 50));
    assertKeeps(first, released(30, 40, 5, Answer.YES), refused(40, 50));
    assertKeeps(first, released(30, 40, 5, Answer.UNKNOWN), refused(41, 50));
    assertBreaks(Law.FREE_IS_GRANTED, first, moved(21, 30, 100), refused(31, 40));
    assertKeeps(first, moved(21, 30, 99), refused(31, 40));
    assertKeeps(first, extended(21, 22, 5, Answer.UNKNOWN), moved(22, 30, 100), refused(31, 40));
    assertKeeps(unheard(10, 20), refused(31, 40));
    assertBreaks(Law.FREE_IS_GRANTED, unheard(10, 20), moved(21, 30, 100), refused(31, 40));
    var late =
        new Granted(new Span("c", 10, Span.NEVER, false), "n", Answer.UNKNOWN, DURATION, 0, 0);
    assertKeeps(late, moved(21, 30, 100), refused(31, 40));
  }

  @Test
  @DisplayName("reads: find shows the holder, and nobody if the name is free")
  void reads() {
    Granted first = granted(10, 20, 5);
    assertBreaks(Law.READS_ARE_TRUE, first, free(100, 109));
    Event moved = moved(61, 76, 60);
    assertBreaks(Law.READS_ARE_TRUE, first, extended(60, 69, 5, Answer.YES), moved, free(70, 74));
    assertKeeps(first, extended(60, 75, 5, Answer.YES), moved, free(70, 74));
    assertKeeps(first, free(100, 110));
    assertKeeps(first, free(20, 30));
    assertKeeps(first, released(50, 60, 5, Answer.UNKNOWN), free(40, 50));
    assertKeeps(first, shown(40, 50, 5));
    assertBreaks(Law.READS_ARE_TRUE, first, shown(40, 50, 4));
    assertBreaks(Law.READS_ARE_TRUE, first, moved(21, 30, 100), shown(31, 40, 5));
    assertKeeps(first, moved(21, 31, 100), shown(31, 40, 5));
    assertBreaks(Law.READS_ARE_TRUE, first, released(30, 40, 5, Answer.YES), shown(41, 50, 5));
    assertKeeps(unheard(10, 20), shown(31, 40, 7));
    assertBreaks(Law.READS_ARE_TRUE, shown(2, 5, 5), granted(6, 10, 5));
  }

  private static Span span(long sent, long done) {
    return new Span("c", sent, done, false);
  }

  private static Granted granted(long sent, long done, long token) {
    return new Granted(span(sent, done), "n", Answer.YES, DURATION, token, 0);
  }

  private static Granted refused(long sent, long done) {
    return new Granted(span(sent, done), "n", Answer.NO, DURATION, 0, 0);
  }

  private static Granted unheard(long sent, long done) {
    return new Granted(span(sent, done), "n", Answer.UNKNOWN, DURATION, 0, 0);
  }

  private static Extended extended(long sent, long done, long token, Answer answer) {
    return new Extended(span(sent, done), "n", answer, token, DURATION);
  }

  /** A renewal for 30 that was sent twice; the second send was answered lost. */
  private static Extended keptTwice(long sent, long done, long token) {
    var twice = new Span("c", sent, done, true);
    return new Extended(twice, "n", Answer.NO, token, Duration.ofNanos(30));
  }

  private static Settled released(long sent, long done, long token, Answer answer) {
    return new Settled(
        span(sent, done), "n", answer, token, SettlementKind.RELEASED, Duration.ZERO, "");
  }

  private static Settled releasedTwice(long sent, long done, long token) {
    var twice = new Span("c", sent, done, true);
    return new Settled(twice, "n", Answer.NO, token, SettlementKind.RELEASED, Duration.ZERO, "");
  }

  private static Found shown(long sent, long done, long token) {
    return new Found(span(sent, done), "n", Answer.YES, token, null, 0, null);
  }

  private static Found free(long sent, long done) {
    return new Found(span(sent, done), "n", Answer.NO, 0, null, 0, null);
  }

  private static Event moved(long sent, long done, long by) {
    return new Event.Advanced(span(sent, done), Duration.ofNanos(by));
  }

  private static void assertBreaks(Law law, Event... history) {
    assertThat(lawsBrokenBy(history)).contains(law);
  }

  private static void assertKeeps(Event... history) {
    assertThat(lawsBrokenBy(history)).isEmpty();
  }

  private static List<Law> lawsBrokenBy(Event... history) {
    return LeaseHistoryCheck.check(List.of(history)).stream().map(Violation::law).toList();
  }
}
