package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobState;
import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Checkpointed;
import dev.lease.testkit.Event.Enqueued;
import dev.lease.testkit.Event.Extended;
import dev.lease.testkit.Event.Found;
import dev.lease.testkit.Event.Granted;
import dev.lease.testkit.Event.Progressed;
import dev.lease.testkit.Event.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Hand-made histories: ones that just break a law, and good ones that look bad. Leases last 100.
 */
class JobHistoryCheckTest {

  private static final Duration LEASE = Duration.ofNanos(100);
  private static final Enqueued MADE = enqueued(0, 1, Answer.YES);

  @Test
  @DisplayName("one holder: a second grant is answered while the first holder may trust its lease")
  void oneHolder() {
    Granted first = granted(10, 20, 5, 1);
    assertBreaks(Law.ONE_HOLDER, first, granted(90, 109, 6, 2));
    assertKeeps(first, granted(90, 110, 6, 2));
  }

  @Test
  @DisplayName("one holder: the trusted time counts from before the last extension was sent")
  void oneHolderExtended() {
    Granted first = granted(10, 20, 5, 1);
    Extended extended = extended(50, 60, 5, Answer.YES);
    assertBreaks(Law.ONE_HOLDER, first, extended, granted(140, 149, 6, 2));
    assertKeeps(first, extended, granted(140, 150, 6, 2));
    assertBreaks(
        Law.ONE_HOLDER, first, extended(50, 60, 5, Answer.UNKNOWN), granted(100, 109, 6, 2));
    assertKeeps(first, extended(50, 60, 5, Answer.UNKNOWN), granted(100, 110, 6, 2));
    assertKeeps(first, extended(50, 60, 5, Answer.BUSY), granted(100, 110, 6, 2));
  }

  @Test
  @DisplayName("one holder: an extension may shorten the lease, even one without a reply")
  void oneHolderShortened() {
    Granted first = granted(10, 20, 5, 1);
    for (Answer answer : List.of(Answer.YES, Answer.UNKNOWN)) {
      var shorter = new Extended(span(30, 40), "j", answer, 5, Duration.ofNanos(10));
      assertBreaks(Law.ONE_HOLDER, first, shorter, granted(35, 39, 6, 2));
      assertKeeps(first, shorter, granted(35, 40, 6, 2));
    }
  }

  @Test
  @DisplayName("one holder: a move of the time may let leases expire from its beginning on")
  void oneHolderMoved() {
    Granted first = granted(10, 20, 5, 1);
    assertBreaks(Law.ONE_HOLDER, first, moved(40, 60, 100), granted(30, 39, 6, 2));
    assertKeeps(first, moved(40, 60, 100), granted(30, 40, 6, 2));
    assertBreaks(Law.ONE_HOLDER, first, moved(40, 60, 50), granted(30, 59, 6, 2));
    assertKeeps(first, moved(40, 60, 50), granted(30, 60, 6, 2));
    assertBreaks(Law.ONE_HOLDER, moved(2, 9, 100), first, granted(30, 109, 6, 2));
  }

  @Test
  @DisplayName(
      "one holder: a holder that gives the job back no longer trusts its lease, even"
          + " without a reply")
  void oneHolderReleased() {
    Granted first = granted(10, 20, 5, 1);
    for (Answer answer : List.of(Answer.YES, Answer.UNKNOWN)) {
      Settled released = settled(30, 50, 5, SettlementKind.RELEASED, answer);
      assertKeeps(first, released, granted(25, 40, 6, 1));
      assertBreaks(Law.ONE_HOLDER, first, released, granted(22, 29, 6, 1));
    }
    assertBreaks(
        Law.ONE_HOLDER,
        first,
        settled(30, 50, 5, SettlementKind.RELEASED, Answer.NOT_DONE),
        granted(25, 60, 6, 2));
  }

  @Test
  @DisplayName("tokens: a later claim has a larger token; overlapping claims may come in any order")
  void tokens() {
    Granted first = granted(10, 20, 5, 1);
    Settled released = settled(21, 22, 5, SettlementKind.RETRY, Answer.YES);
    assertBreaks(Law.TOKENS_GROW, first, released, granted(23, 30, 4, 2));
    assertBreaks(Law.TOKENS_GROW, first, released, granted(23, 30, 5, 2));
    assertBreaks(Law.TOKENS_GROW, first, granted(15, 30, 5, 2));
    assertKeeps(
        granted(10, 40, 6, 2, 1),
        granted(12, 20, 5, 1),
        settled(21, 35, 5, SettlementKind.RETRY, Answer.YES));
  }

  @Test
  @DisplayName("tokens: find never shows an older token; an overlapping find may")
  void tokensShown() {
    Granted first = granted(10, 20, 5, 1);
    assertBreaks(Law.TOKENS_GROW, first, found(21, 30, JobState.PROCESSING, 4, 1, null));
    assertKeeps(first, found(20, 30, JobState.PENDING, 0, 0, null));
  }

  @Test
  @DisplayName("stale: a call is accepted after a later grant; an overlapping call may come first")
  void stale() {
    Granted first = granted(10, 20, 5, 1);
    Granted second = granted(110, 120, 6, 2);
    for (Event write :
        List.<Event>of(
            extended(121, 130, 5, Answer.YES),
            settled(121, 130, 5, SettlementKind.RETRY, Answer.YES),
            new Progressed(span(121, 130), "j", Answer.YES, 5),
            stored(121, 130, 5, "v", "v"))) {
      assertBreaks(Law.NO_STALE_WRITE, first, second, write);
    }
    assertKeeps(
        first, granted(110, 120, 6, 2, 1), settled(120, 130, 5, SettlementKind.RETRY, Answer.YES));
    assertKeeps(first, second, settled(121, 130, 5, SettlementKind.RETRY, Answer.NO));
    assertKeeps(first, second, settled(121, 130, 5, SettlementKind.RETRY, Answer.UNKNOWN));
  }

  @Test
  @DisplayName("stale: a call is accepted after a settlement; the same settlement may be repeated")
  void staleAfterItsEnd() {
    Granted first = granted(10, 20, 5, 1);
    Settled done = settled(30, 40, 5, SettlementKind.DONE, Answer.YES);
    assertBreaks(Law.NO_STALE_WRITE, first, done, extended(41, 50, 5, Answer.YES));
    assertKeeps(first, done, extended(40, 50, 5, Answer.YES));
    assertKeeps(first, done, settled(41, 50, 5, SettlementKind.DONE, Answer.YES));
    assertKeeps(first, done, settled(41, 50, 5, SettlementKind.DONE, Answer.NO));
    assertBreaks(
        Law.NO_STALE_WRITE, first, done, settled(41, 50, 5, SettlementKind.FAILED, Answer.YES));
  }

  @Test
  @DisplayName("stale: an extension is accepted after expiry; a settlement may be")
  void staleAfterExpiry() {
    Granted first = granted(10, 20, 5, 1);
    assertBreaks(Law.NO_STALE_WRITE, first, moved(21, 30, 100), extended(31, 40, 5, Answer.YES));
    assertKeeps(first, moved(21, 30, 99), extended(31, 40, 5, Answer.YES));
    assertKeeps(first, moved(20, 30, 100), extended(31, 40, 5, Answer.YES));
    assertKeeps(first, moved(21, 31, 100), extended(31, 40, 5, Answer.YES));
    assertKeeps(first, moved(21, 30, 100), settled(31, 40, 5, SettlementKind.DONE, Answer.YES));
    assertKeeps(
        first,
        moved(21, 30, 60),
        extended(31, 40, 5, Answer.UNKNOWN),
        moved(41, 50, 60),
        extended(51, 60, 5, Answer.YES));
  }

  @Test
  @DisplayName(
      "heard: lost is answered to a holder that may trust its lease; not if the lease"
          + " may be over")
  void holderIsHeard() {
    Granted first = granted(10, 20, 5, 1);
    for (Event write :
        List.<Event>of(
            extended(100, 109, 5, Answer.NO),
            settled(100, 109, 5, SettlementKind.DONE, Answer.NO),
            new Progressed(span(100, 109), "j", Answer.NO, 5),
            new Checkpointed(span(100, 109), "j", Answer.NO, 5, "step", "v", ""))) {
      assertBreaks(Law.HOLDER_IS_HEARD, first, write);
    }
    assertKeeps(first, extended(100, 110, 5, Answer.NO));
    assertKeeps(
        first,
        settled(30, 90, 5, SettlementKind.DONE, Answer.UNKNOWN),
        extended(31, 40, 5, Answer.NO));
    assertKeeps(first, moved(30, 90, 100), extended(25, 31, 5, Answer.NO));
  }

  @Test
  @DisplayName(
      "heard: a settlement that was sent twice may be lost because its first send was"
          + " accepted")
  void holderIsHeardTwice() {
    Granted first = granted(10, 20, 5, 1);
    var twice = new Span("c", 30, 40, true);
    assertKeeps(
        first,
        new Settled(twice, "j", Answer.NO, 5, SettlementKind.DONE, Duration.ZERO, "DONE"),
        found(50, 60, JobState.DONE, 5, 1, "DONE"));
    assertBreaks(Law.HOLDER_IS_HEARD, first, new Extended(twice, "j", Answer.NO, 5, LEASE));
  }

  @Test
  @DisplayName("settled once: a claim is settled in one way, however its settlements overlap")
  void oneEndOfAClaim() {
    Granted first = granted(10, 20, 5, 1);
    Settled done = settled(30, 50, 5, SettlementKind.DONE, Answer.YES);
    assertBreaks(
        Law.SETTLED_ONCE, first, done, settled(30, 50, 5, SettlementKind.FAILED, Answer.YES));
    assertKeeps(first, done, settled(30, 50, 5, SettlementKind.FAILED, Answer.NO));
    assertKeeps(first, done, settled(30, 50, 5, SettlementKind.FAILED, Answer.UNKNOWN));
    assertKeeps(first, done, settled(30, 50, 5, SettlementKind.DONE, Answer.YES));
  }

  @Test
  @DisplayName("settled once: a finished job is not given again; with an unknown outcome it may be")
  void oneEndOfAJob() {
    Granted first = granted(10, 20, 5, 1);
    Granted second = granted(120, 130, 6, 2);
    for (SettlementKind how :
        List.of(SettlementKind.DONE, SettlementKind.FAILED, SettlementKind.CANCELLED)) {
      assertBreaks(Law.SETTLED_ONCE, first, settled(110, 140, 5, how, Answer.YES), second);
      assertKeeps(first, settled(110, 140, 5, how, Answer.UNKNOWN), second);
    }
    assertKeeps(
        first, settled(110, 140, 5, SettlementKind.RETRY, Answer.YES), granted(120, 130, 6, 2, 1));
    assertBreaks(
        Law.SETTLED_ONCE,
        granted(10, 20, 5, 1),
        settled(21, 22, 5, SettlementKind.RETRY, Answer.YES),
        granted(23, 24, 6, 2, 1),
        settled(25, 26, 6, SettlementKind.RETRY, Answer.YES),
        granted(27, 28, 7, 3, 2),
        settled(29, 30, 7, SettlementKind.RETRY, Answer.YES),
        granted(31, 32, 8, 4, 3));
  }

  @Test
  @DisplayName(
      "settled once: find shows a finished job as it was settled, with its result or" + " error")
  void oneEndIsShown() {
    Granted first = granted(10, 20, 5, 1);
    Settled done = settled(30, 40, 5, SettlementKind.DONE, Answer.YES);
    assertKeeps(first, done, found(41, 50, JobState.DONE, 5, 1, "DONE"));
    assertBreaks(Law.SETTLED_ONCE, first, done, found(41, 50, JobState.DONE, 5, 1, "other"));
    assertBreaks(Law.SETTLED_ONCE, first, done, found(41, 50, JobState.PROCESSING, 5, 1, null));
    assertKeeps(first, done, found(40, 50, JobState.PROCESSING, 5, 1, null));
    Settled cancelled = settled(30, 40, 5, SettlementKind.CANCELLED, Answer.YES);
    assertKeeps(first, cancelled, found(41, 50, JobState.CANCELLED, 5, 1, "CANCELLED"));
    assertBreaks(
        Law.SETTLED_ONCE, first, cancelled, found(41, 50, JobState.FAILED, 5, 1, "CANCELLED"));
  }

  @Test
  @DisplayName(
      "settled once: a job is finished only if somebody may have settled it, or no"
          + " attempts are left")
  void oneEndIsExplained() {
    Granted first = granted(10, 20, 5, 1);
    Found done = found(41, 50, JobState.DONE, 5, 1, "DONE");
    assertBreaks(Law.SETTLED_ONCE, first, done);
    assertBreaks(
        Law.SETTLED_ONCE, first, settled(30, 40, 5, SettlementKind.DONE, Answer.NOT_DONE), done);
    assertBreaks(
        Law.SETTLED_ONCE, first, settled(51, 60, 5, SettlementKind.DONE, Answer.UNKNOWN), done);
    assertKeeps(first, settled(30, 40, 5, SettlementKind.DONE, Answer.UNKNOWN), done);
    assertBreaks(Law.SETTLED_ONCE, first, found(141, 150, JobState.FAILED, 5, 1, "lease expired"));
    assertKeeps(
        first,
        granted(110, 120, 6, 2),
        granted(220, 230, 7, 3),
        found(341, 350, JobState.FAILED, 7, 3, "lease expired"));
    assertBreaks(Law.SETTLED_ONCE, first, found(41, 50, JobState.CANCELLED, 5, 1, null));
  }

  @Test
  @DisplayName("settled once: a retry is no crash of which a job could become FAILED")
  void aRetryUsesNoCrashUp() {
    Granted first = granted(10, 20, 5, 1);
    Settled retried = settled(30, 40, 5, SettlementKind.RETRY, Answer.YES);
    Granted second = granted(120, 130, 6, 2, 1);
    Granted third = granted(230, 240, 7, 3, 1);
    Found failed = found(341, 350, JobState.FAILED, 7, 3, "lease expired");
    assertBreaks(Law.SETTLED_ONCE, first, retried, second, third, failed);
    Granted fourth = granted(340, 350, 8, 4, 1);
    Found later = found(451, 460, JobState.FAILED, 8, 4, "lease expired");
    assertKeeps(first, retried, second, third, fourth, later);
    Settled unheard = settled(30, 40, 5, SettlementKind.RETRY, Answer.UNKNOWN);
    assertKeeps(first, unheard, granted(120, 130, 6, 2), granted(230, 240, 7, 3), failed);
  }

  @Test
  @DisplayName(
      "due: a job is given only when its delay may be over, counted from before the"
          + " settlement")
  void notBeforeDue() {
    Granted first = granted(10, 20, 5, 1);
    for (SettlementKind how : List.of(SettlementKind.RETRY, SettlementKind.RELEASED)) {
      var delayed =
          new Settled(span(30, 40), "j", Answer.YES, 5, how, Duration.ofNanos(50), "note");
      int failures = how == SettlementKind.RETRY ? 1 : 0;
      assertBreaks(Law.NOT_BEFORE_DUE, first, delayed, granted(60, 79, 6, 1 + failures, failures));
      assertKeeps(first, delayed, granted(60, 80, 6, 1 + failures, failures));
      assertKeeps(first, delayed, moved(45, 70, 50), granted(41, 46, 6, 1 + failures, failures));
      var again = new Settled(span(55, 58), "j", Answer.YES, 5, how, Duration.ofNanos(50), "note");
      assertKeeps(first, delayed, again, granted(60, 80, 6, 1 + failures, failures));
      assertBreaks(
          Law.NOT_BEFORE_DUE, first, delayed, again, granted(60, 79, 6, 1 + failures, failures));
    }
  }

  @Test
  @DisplayName("attempts: each claim counts once")
  void attempts() {
    Granted first = granted(10, 20, 5, 1);
    assertBreaks(Law.ATTEMPTS_EXACT, first, granted(120, 130, 6, 1));
    assertKeeps(first, granted(120, 130, 6, 2));
    assertBreaks(Law.ATTEMPTS_EXACT, first, granted(120, 130, 6, 3));
    assertBreaks(Law.ATTEMPTS_EXACT, granted(10, 20, 5, 2));
    assertBreaks(Law.ATTEMPTS_EXACT, first, found(30, 40, JobState.PROCESSING, 5, 2, null));
  }

  @Test
  @DisplayName("attempts: a retry is a failure, and an expiry is a crash")
  void failures() {
    Granted first = granted(10, 20, 5, 1);
    Settled retried = settled(30, 40, 5, SettlementKind.RETRY, Answer.YES);
    Settled unheard = settled(30, 40, 5, SettlementKind.RETRY, Answer.UNKNOWN);
    assertKeeps(first, retried, granted(120, 130, 6, 2, 1));
    assertBreaks(Law.ATTEMPTS_EXACT, first, retried, granted(120, 130, 6, 2, 0));
    assertBreaks(Law.ATTEMPTS_EXACT, first, granted(120, 130, 6, 2, 1));
    assertKeeps(first, unheard, granted(120, 130, 6, 2, 1));
    assertKeeps(first, unheard, granted(120, 130, 6, 2, 0));
    Granted second = granted(120, 130, 6, 2);
    Granted third = granted(230, 240, 7, 3);
    assertKeeps(first, second, third);
    assertBreaks(Law.ATTEMPTS_EXACT, first, second, third, granted(340, 350, 8, 4));
  }

  @Test
  @DisplayName(
      "attempts: a release gives one attempt back; a release without a reply may or may" + " not")
  void attemptsReleased() {
    Granted first = granted(10, 20, 5, 1);
    Settled released = settled(30, 40, 5, SettlementKind.RELEASED, Answer.YES);
    assertBreaks(Law.ATTEMPTS_EXACT, first, released, granted(50, 60, 6, 2));
    assertKeeps(first, released, granted(50, 60, 6, 1));
    Settled unknown = settled(30, 40, 5, SettlementKind.RELEASED, Answer.UNKNOWN);
    assertKeeps(first, unknown, granted(150, 160, 6, 1));
    assertKeeps(first, unknown, granted(150, 160, 6, 2));
    Settled lost = settled(130, 140, 5, SettlementKind.RELEASED, Answer.NO);
    assertBreaks(Law.ATTEMPTS_EXACT, first, lost, granted(150, 160, 6, 1));
  }

  @Test
  @DisplayName("attempts: a claim without a reply may count if it was in between")
  void attemptsUnheard() {
    Granted first = granted(10, 20, 5, 1);
    Granted third = granted(320, 330, 7, 3);
    assertKeeps(first, unheard(150, 160), third);
    assertKeeps(first, unheard(150, 160), granted(320, 330, 7, 2));
    assertBreaks(Law.ATTEMPTS_EXACT, first, unheard(150, 160), granted(320, 330, 7, 4));
    assertBreaks(Law.ATTEMPTS_EXACT, first, third, unheard(331, 340));
    assertBreaks(Law.ATTEMPTS_EXACT, unheard(2, 9), first, third);
    var late = new Granted(new Span("c", 2, Span.NEVER, false), "", Answer.UNKNOWN, LEASE, 0, 0);
    assertKeeps(late, first, third);
  }

  @Test
  @DisplayName("attempts: never more than maxCrashes")
  void attemptsEnd() {
    assertBreaks(
        Law.ATTEMPTS_EXACT,
        granted(10, 20, 5, 1),
        granted(120, 130, 6, 2),
        granted(240, 250, 7, 3),
        granted(360, 370, 8, 4));
  }

  @Test
  @DisplayName("lost: a created job exists; one with an unknown enqueue may exist")
  void nothingLost() {
    Found gone = found(10, 20, Answer.NO);
    assertBreaksAlone(Law.NOTHING_LOST, MADE, gone);
    assertKeepsAlone(enqueued(0, 10, Answer.YES), gone);
    assertKeepsAlone(enqueued(0, 1, Answer.UNKNOWN), gone);
    assertKeepsAlone(enqueued(0, 1, Answer.NOT_DONE), gone);
    assertBreaksAlone(
        Law.NOTHING_LOST, enqueued(0, 1, Answer.UNKNOWN), enqueued(2, 3, Answer.NO), gone);
    assertBreaksAlone(Law.NOTHING_LOST, enqueued(0, 1, Answer.UNKNOWN), granted(2, 3, 5, 1), gone);
  }

  @Test
  @DisplayName("lost: a job is created once, and exists only if somebody may have created it")
  void nothingInvented() {
    assertBreaksAlone(Law.NOTHING_LOST, MADE, enqueued(2, 3, Answer.YES));
    assertKeepsAlone(MADE, enqueued(2, 3, Answer.NO));
    assertBreaksAlone(Law.NOTHING_LOST, enqueued(2, 3, Answer.NO));
    assertKeepsAlone(enqueued(2, 5, Answer.YES), enqueued(0, 3, Answer.NO));
    assertKeepsAlone(enqueued(0, 1, Answer.UNKNOWN), enqueued(2, 3, Answer.NO));
    assertKeepsAlone(enqueued(0, 1, Answer.UNKNOWN), enqueued(2, 3, Answer.YES));
    assertKeepsAlone(new Enqueued(new Span("c", 2, 3, true), "j", Answer.NO, 3, 3));
    assertBreaksAlone(Law.NOTHING_LOST, enqueued(0, 1, Answer.NOT_DONE), granted(2, 3, 5, 1));
    assertBreaksAlone(
        Law.NOTHING_LOST,
        enqueued(0, 1, Answer.NOT_DONE),
        found(2, 150, JobState.FAILED, 0, 3, null));
  }

  @Test
  @DisplayName("lost: a job that is unfinished when all due jobs are done is never given again")
  void nothingStuck() {
    assertBreaks(Law.NOTHING_LOST, found(20, 30, JobState.PENDING, 0, 0, null));
    assertKeeps(found(20, 30, JobState.PENDING, 0, 0, null), granted(30, 40, 5, 1));
  }

  @Test
  @DisplayName("checkpoint: a step has one value, and somebody may have stored it")
  void checkpoints() {
    Granted first = granted(10, 20, 5, 1);
    Checkpointed one = stored(30, 40, 5, "v1", "v1");
    assertKeeps(first, one, stored(50, 60, 5, "v2", "v1"));
    assertBreaks(Law.FIRST_CHECKPOINT, first, one, stored(50, 60, 5, "v2", "v2"));
    assertBreaks(Law.FIRST_CHECKPOINT, first, stored(50, 60, 5, "v2", "v1"));
    assertKeeps(first, unheardCheckpoint(30, 40, "v1"), stored(50, 60, 5, "v2", "v1"));
    assertKeeps(first, unheardCheckpoint(30, 40, "v1"), stored(50, 60, 5, "v2", "v2"));
    assertBreaks(
        Law.FIRST_CHECKPOINT,
        first,
        unheardCheckpoint(61, 70, "v1"),
        stored(50, 60, 5, "v2", "v1"));
    assertBreaks(
        Law.FIRST_CHECKPOINT,
        first,
        granted(110, 120, 6, 2),
        new Checkpointed(span(121, 130), "j", Answer.NO, 5, "step", "stale", ""),
        stored(131, 140, 6, "v", "stale"));
  }

  @Test
  @DisplayName("each job is checked by itself")
  void otherJobs() {
    assertKeeps(
        granted(10, 20, 5, 1),
        new Enqueued(span(0, 1), "other", Answer.YES, 3, 3),
        new Granted(span(10, 20), "other", Answer.YES, LEASE, 5, 1));
  }

  private static Span span(long sent, long done) {
    return new Span("c", sent, done, false);
  }

  private static Enqueued enqueued(long sent, long done, Answer answer) {
    return new Enqueued(span(sent, done), "j", answer, 3, 3);
  }

  private static Granted granted(long sent, long done, long token, int attempt) {
    return new Granted(span(sent, done), "j", Answer.YES, LEASE, token, attempt);
  }

  private static Granted granted(long sent, long done, long token, int attempt, int failures) {
    return new Granted(span(sent, done), "j", Answer.YES, LEASE, token, attempt, failures);
  }

  private static Granted unheard(long sent, long done) {
    return new Granted(span(sent, done), "", Answer.UNKNOWN, LEASE, 0, 0);
  }

  private static Extended extended(long sent, long done, long token, Answer answer) {
    return new Extended(span(sent, done), "j", answer, token, LEASE);
  }

  private static Settled settled(
      long sent, long done, long token, SettlementKind how, Answer answer) {
    return new Settled(span(sent, done), "j", answer, token, how, Duration.ZERO, how.name());
  }

  private static Checkpointed stored(
      long sent, long done, long token, String value, String extended) {
    return new Checkpointed(span(sent, done), "j", Answer.YES, token, "step", value, extended);
  }

  private static Checkpointed unheardCheckpoint(long sent, long done, String value) {
    return new Checkpointed(span(sent, done), "j", Answer.UNKNOWN, 5, "step", value, "");
  }

  private static Found found(
      long sent, long done, JobState state, long token, int attempts, @Nullable String note) {
    return new Found(span(sent, done), "j", Answer.YES, token, state, attempts, note);
  }

  private static Found found(long sent, long done, Answer answer) {
    return new Found(span(sent, done), "j", answer, 0, null, 0, null);
  }

  private static Event moved(long sent, long done, long by) {
    return new Event.Advanced(span(sent, done), Duration.ofNanos(by));
  }

  /** A history that begins with the job's creation. */
  private static void assertBreaks(Law law, Event... history) {
    assertThat(lawsBrokenBy(withJob(history))).contains(law);
  }

  private static void assertKeeps(Event... history) {
    assertThat(lawsBrokenBy(withJob(history))).isEmpty();
  }

  private static void assertBreaksAlone(Law law, Event... history) {
    assertThat(lawsBrokenBy(List.of(history))).contains(law);
  }

  private static void assertKeepsAlone(Event... history) {
    assertThat(lawsBrokenBy(List.of(history))).isEmpty();
  }

  private static List<Event> withJob(Event... history) {
    List<Event> all = new ArrayList<>(List.of(history));
    all.add(MADE);
    return all;
  }

  private static List<Law> lawsBrokenBy(List<Event> history) {
    return JobHistoryCheck.check(history).stream().map(Violation::law).toList();
  }
}
