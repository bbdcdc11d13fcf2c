package dev.lease.examples.orderbot;

import static dev.lease.examples.orderbot.LogLine.Event.ASKED;
import static dev.lease.examples.orderbot.LogLine.Event.BOOKED;
import static dev.lease.examples.orderbot.LogLine.Event.KNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A verdict that cannot fail proves nothing. */
class VerdictTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final List<LogLine> log = new ArrayList<>();
  private final List<BookEntry> book = new ArrayList<>();
  private final List<Kill> kills = new ArrayList<>();

  @Test
  void ordersThatAreAskedForOnceAndBookedOnceAreGood() {
    log(1, ASKED, "a", "ann", 10);
    log(2, ASKED, "b", "ben", 10);
    log(3, BOOKED, "a", "ann", 10);
    log(4, BOOKED, "b", "ben", 10);
    book("a");
    book("b");

    Verdict verdict = judge("a", "b");

    assertThat(verdict.failures()).isEmpty();
    assertThat(verdict.orders()).isEqualTo(2);
    assertThat(verdict.repeats()).isZero();
    assertThat(verdict.recovery()).isZero();
  }

  @Test
  void aRepeatAfterTheWorkerWasKilledIsGood() {
    log(1, ASKED, "a", "ann", 10);
    kill(2, "ann", Map.of("a", 10L));
    log(3, BOOKED, "a", "ann", 10);
    log(5, ASKED, "a", "ben", 20);
    log(6, KNOWN, "a", "ben", 20);
    book("a");

    Verdict verdict = judge("a");

    assertThat(verdict.failures()).isEmpty();
    assertThat(verdict.repeats()).isEqualTo(1);
    assertThat(verdict.recovery()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void aRepeatWhileTheExchangeIsStillBusyForTheDeadIsNoOverlap() {
    log(1, ASKED, "a", "ann", 10);
    kill(2, "ann", Map.of("a", 10L));
    log(3, ASKED, "a", "ben", 20);
    log(4, BOOKED, "a", "ann", 10);
    log(5, KNOWN, "a", "ben", 20);
    book("a");

    assertThat(judge("a").failures()).isEmpty();
  }

  @Test
  void aLostOrderFails() {
    log(1, ASKED, "a", "ann", 10);

    Verdict verdict = judge("a");

    assertThat(verdict.lost()).isEqualTo(1);
    assertThat(verdict.failures()).containsExactly("a is not in the book");
  }

  @Test
  void aDoubledOrderFails() {
    log(1, ASKED, "a", "ann", 10);
    log(2, BOOKED, "a", "ann", 10);
    book("a");
    book("a");

    Verdict verdict = judge("a");

    assertThat(verdict.duplicates()).isEqualTo(1);
    assertThat(verdict.failures()).containsExactly("a is in the book 2 times");
  }

  @Test
  void aRepeatWithoutAKillFailsThoughTheBookIsRight() {
    log(1, ASKED, "a", "ann", 10);
    log(2, BOOKED, "a", "ann", 10);
    log(3, ASKED, "a", "ben", 20);
    log(4, KNOWN, "a", "ben", 20);
    book("a");

    Verdict verdict = judge("a");

    assertThat(verdict.repeats()).isEqualTo(1);
    assertThat(verdict.overlaps()).isZero();
    assertThat(verdict.failures()).hasSize(1).first().asString().contains("2 requests");
  }

  @Test
  void aRepeatIsNotExcusedByAKillWithAnotherOrderInFlight() {
    log(1, ASKED, "a", "ann", 10);
    log(2, BOOKED, "a", "ann", 10);
    kill(3, "ann", Map.of("b", 10L));
    log(4, ASKED, "a", "ben", 20);
    log(5, KNOWN, "a", "ben", 20);
    book("a");

    assertThat(judge("a").failures()).hasSize(1);
  }

  @Test
  void twoRepeatsAfterOneKillFail() {
    log(1, ASKED, "a", "ann", 10);
    kill(2, "ann", Map.of("a", 10L));
    log(5, ASKED, "a", "ben", 20);
    log(6, BOOKED, "a", "ben", 20);
    log(7, ASKED, "a", "cid", 30);
    log(8, KNOWN, "a", "cid", 30);
    book("a");

    assertThat(judge("a").failures()).hasSize(1);
  }

  @Test
  void aRepeatIsNotExcusedByAKillBeforeTheRequest() {
    kill(1, "ann", Map.of("a", 10L));
    log(5, ASKED, "a", "ben", 20);
    log(6, BOOKED, "a", "ben", 20);
    log(7, ASKED, "a", "cid", 30);
    log(8, KNOWN, "a", "cid", 30);
    book("a");

    assertThat(judge("a").failures()).hasSize(1).first().asString().contains("2 requests");
  }

  @Test
  void twoLiveWorkersInTheMiddleOfOneOrderFail() {
    log(1, ASKED, "a", "ann", 10);
    log(2, ASKED, "a", "ben", 20);
    log(3, BOOKED, "a", "ann", 10);
    log(4, KNOWN, "a", "ben", 20);
    book("a");

    Verdict verdict = judge("a");

    assertThat(verdict.overlaps()).isEqualTo(1);
    assertThat(verdict.failures())
        .anySatisfy(
            failure ->
                assertThat(failure)
                    .contains("live worker")
                    .containsSubsequence("ben at", "token 20", "ann at", "token 10"));
  }

  @Test
  void anOverlapIsNotExcusedByALaterKill() {
    log(1, ASKED, "a", "ann", 10);
    log(2, ASKED, "a", "ben", 20);
    kill(3, "ann", Map.of("a", 10L));
    log(4, BOOKED, "a", "ann", 10);
    log(5, KNOWN, "a", "ben", 20);
    book("a");

    Verdict verdict = judge("a");

    assertThat(verdict.overlaps()).isEqualTo(1);
    assertThat(verdict.failures()).hasSize(1);
  }

  @Test
  void recoveryIsTheLongestAndEndsAtTheNextHolderEvenIfThatIsKilledBeforeItAsks() {
    log(1, ASKED, "a", "ann", 10);
    kill(2, "ann", Map.of("a", 10L));
    kill(6, "ben", Map.of("a", 20L));
    log(9, ASKED, "a", "cid", 30);
    log(10, BOOKED, "a", "cid", 30);
    book("a");

    Verdict verdict = judge("a");

    assertThat(verdict.failures()).isEmpty();
    assertThat(verdict.recovery()).isEqualTo(Duration.ofSeconds(4));
  }

  @Test
  void whoLostAnOrderForAReasonAndHasItAgainIsAlive() {
    log(1, ASKED, "a", "ann", 10);
    kill(2, "ann", Map.of("a", 10L));
    log(5, ASKED, "a", "ann", 20);
    log(6, ASKED, "a", "ben", 30);
    log(7, BOOKED, "a", "ann", 10);
    book("a");

    assertThat(judge("a").overlaps()).isEqualTo(1);
  }

  @Test
  void whoLostAnOrderForAReasonAndIsKilledBeforeAnotherHasItExcusesOneRepeat() {
    log(1, ASKED, "a", "ann", 10);
    kill(2, "ann", Map.of("a", 10L));
    kill(3, "ann", Map.of("a", 10L));
    log(5, ASKED, "a", "ben", 20);
    log(6, BOOKED, "a", "ben", 20);
    log(7, ASKED, "a", "cid", 30);
    log(8, KNOWN, "a", "cid", 30);
    book("a");

    assertThat(judge("a").failures()).hasSize(1).first().asString().contains("3 requests");
  }

  private Verdict judge(String... orders) {
    return Verdict.of(List.of(orders), kills, log, book);
  }

  private void log(int second, LogLine.Event event, String order, String worker, long token) {
    log.add(
        new LogLine(
            START.plusSeconds(second),
            event,
            new OrderRequest("key-" + order, new Order(order, "COCOA", 1), worker, 1, token)));
  }

  private void kill(int second, String worker, Map<String, Long> inFlight) {
    kills.add(new Kill(worker, START.plusSeconds(second), inFlight));
  }

  private void book(String order) {
    book.add(new BookEntry("key-" + order, new Order(order, "COCOA", 1), BigDecimal.TEN, START));
  }
}
