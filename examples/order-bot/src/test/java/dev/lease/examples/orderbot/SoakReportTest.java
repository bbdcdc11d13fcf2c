package dev.lease.examples.orderbot;

import static dev.lease.examples.orderbot.LogLine.Event.ASKED;
import static dev.lease.examples.orderbot.LogLine.Event.BOOKED;
import static dev.lease.examples.orderbot.LogLine.Event.KNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.examples.shared.StoreName;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A report that cannot fail proves nothing. */
class SoakReportTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LEASE = Duration.ofSeconds(6);
  private static final Duration BOUND = Duration.ofMinutes(1);

  private final List<LogLine> log = new ArrayList<>();
  private final List<BookEntry> book = new ArrayList<>();
  private final List<Trouble> troubles = new ArrayList<>();
  private final List<LostLease> lost = new ArrayList<>();
  private Duration oldestDue = Duration.ofSeconds(5);
  private long done = 1;
  private final KeyBounds bounds = new KeyBounds();
  private Duration idle = Duration.ZERO;
  private List<String> leftOver = List.of();

  @Test
  void anOrderThatIsPlacedOnceIsGood() {
    placedOnce();

    SoakReport report = judge();

    assertThat(report.failures()).isEmpty();
    assertThat(report.counts().verdict()).isEqualTo("good");
    assertThat(report.counts().orders()).isEqualTo(1);
    assertThat(report.counts().oldestDueMaxS()).isEqualTo(5);
    assertThat(report.counts().oldestDueByQueueS()).isEqualTo(Map.of("busy", 2.0, "few", 5.0));
  }

  @Test
  void aLeaseThatIsLostThoughNothingBefellItsWorkerFails() {
    placedOnce();
    lost.add(new LostLease("ann", "a", 10, at(2)));
    befalls(Fault.SUSPEND, "ben", Trouble.ANY, -20, 20);

    SoakReport report = judge();

    assertThat(report.counts().leasesLostUnexplained()).isEqualTo(1);
    assertThat(report.counts().verdict()).isEqualTo("bad");
    assertThat(report.failures())
        .singleElement()
        .asString()
        .contains("ann lost its lease of a, token 10")
        .contains("no fault had hit it");
  }

  @ParameterizedTest
  @EnumSource
  void onlyWhatKeepsAWorkerFromExtendingExplainsALease(Fault fault) {
    takenOver();
    befalls(fault, "ann", Trouble.ANY, 2, 10);

    SoakReport report = judge();

    if (fault.keepsFromExtending()) {
      assertThat(report.failures()).isEmpty();
      assertThat(report.counts().leasesLostExplained()).isEqualTo(1);
      assertThat(report.counts().faults().get(fault)).isEqualTo(1);
    } else {
      assertThat(report.counts().leasesLostUnexplained()).isEqualTo(1);
      assertThat(report.failures()).anyMatch(failure -> failure.contains("no fault had hit"));
    }
  }

  @Test
  void whatIsShorterThanAThirdOfALeaseExplainsNothingButSeveralTogetherDo() {
    takenOver();
    befalls(Fault.SUSPEND, "ann", Trouble.ANY, 2, 3);
    assertThat(judge().counts().leasesLostUnexplained()).isEqualTo(1);

    befalls(Fault.RESTART, Trouble.ANY, Trouble.ANY, 5, 6);
    assertThat(judge().failures()).isEmpty();
  }

  @Test
  void whatHappensALeaseApartDoesNotAddUp() {
    takenOver();
    befalls(Fault.SUSPEND, "ann", Trouble.ANY, -4, -3);
    befalls(Fault.SUSPEND, "ann", Trouble.ANY, 4, 5);

    assertThat(judge().counts().leasesLostUnexplained()).isEqualTo(1);
  }

  @Test
  void whatHappensAtOnceCountsOnce() {
    takenOver();
    befalls(Fault.SUSPEND, "ann", Trouble.ANY, 2, 3);
    befalls(Fault.STALL, "ann", Trouble.ANY, 2, 3);
    assertThat(judge().counts().leasesLostUnexplained()).isEqualTo(1);

    befalls(Fault.STALL, "ann", Trouble.ANY, 3, 4);
    assertThat(judge().failures()).isEmpty();
  }

  @Test
  void whatWasOverBeforeAWorkerHadTheOrderExplainsNothing() {
    takenOver();
    befalls(Fault.SUSPEND, "ann", Trouble.ANY, -30, -6);

    assertThat(judge().counts().leasesLostUnexplained()).isEqualTo(1);
  }

  @Test
  void aLockOfAnotherOrderExplainsNothing() {
    takenOver();
    befalls(Fault.LOCK, Trouble.ANY, "b", 2, 10);
    assertThat(judge().counts().leasesLostUnexplained()).isEqualTo(1);

    befalls(Fault.LOCK, Trouble.ANY, "a", 2, 10);
    assertThat(judge().failures()).isEmpty();
  }

  @Test
  void anOrderThatIsAskedForAgainThoughNobodyLostItFails() {
    takenOver();
    lost.clear();
    befalls(Fault.SUSPEND, "ann", Trouble.ANY, 2, 10);

    assertThat(judge().failures()).anyMatch(failure -> failure.contains("2 requests"));
  }

  @Test
  void anOrderInTheBookTwiceFails() {
    placedOnce();
    book("a");

    SoakReport report = judge();

    assertThat(report.counts().duplicates()).isEqualTo(1);
    assertThat(report.failures()).containsExactly("a is in the book 2 times");
  }

  @Test
  void anOrderThatIsLostFails() {
    done = 0;

    SoakReport report = judge();

    assertThat(report.counts().lost()).isEqualTo(1);
    assertThat(report.failures()).containsExactly("a is not in the book", "0 of 1 jobs are done");
  }

  @Test
  void aQueueThatStarvesFails() {
    placedOnce();
    oldestDue = BOUND.plusSeconds(1);

    assertThat(judge().failures())
        .containsExactly("a due job of queue few waited 61.0 s, which is more than 60.0 s");
  }

  @Test
  void moreOrdersOfACustomerAtOnceThanItsSlotsFail() {
    placedOnce();
    bounds.kept("acme", 1, at(1));
    ask(2, "b");
    ask(4, "c");
    bounds.begin("acme", 2, at(5));
    ask(6, "d");

    assertThat(judge().failures())
        .containsExactly(
            "c of acme was asked for at %s while b was placed; at most 1 at once".formatted(at(4)),
            "d of acme was asked for at %s while b, c was placed; at most 2 at once"
                .formatted(at(6)));
    assertThat(judge().counts().crowded()).isEqualTo(2);
    assertThat(judge().counts().mostAtOnce()).isEqualTo(3);
    assertThat(judge().counts().customers()).isEqualTo(1);
  }

  private void ask(int second, String id) {
    Order order = new Order(id, "COCOA", 1).of("acme");
    log.add(new LogLine(at(second), ASKED, new OrderRequest("key-" + id, order, "ann", 1, 10)));
  }

  @Test
  void aSlotThatLiesIdleFails() {
    placedOnce();
    idle = BOUND.plusSeconds(1);

    assertThat(judge().failures())
        .containsExactly(
            "a slot of a customer with jobs that were held back was free for 61.0 s, which is more"
                + " than 60.0 s");
  }

  @Test
  void whatIsLeftOverFails() {
    placedOnce();
    leftOver = List.of("something is left over: acme");

    assertThat(judge().failures()).isEqualTo(leftOver);
  }

  @Test
  void whatAWorkerSaysOfALostLeaseIsUnderstood() {
    String hold = "00:43:20.684 WARN  Job place-order order-07 of queue soak (attempt 1, token 17)";

    assertThat(said(hold + " lost its lease: it could not be extended in time; its handler ..."))
        .contains(new LostLease("ann", "order-07", 17, START));
    assertThat(said(hold + " was lost before it could be settled as Done; its work may be ..."))
        .contains(new LostLease("ann", "order-07", 17, START));
    assertThat(
            said(
                hold
                    + " failed; it is tried again after 0 ms: dev.lease.LeaseLostException: the"
                    + " lease of job ..."))
        .contains(new LostLease("ann", "order-07", 17, START));
    assertThat(said(hold + " failed; it is tried again after 10 s: no exchange answers")).isEmpty();
    assertThat(said("00:43:20.684 INFO  order-07: booked 3 TEA at 7")).isEmpty();
  }

  private static Optional<LostLease> said(String line) {
    return LostLease.of("ann", line, START);
  }

  private void placedOnce() {
    log(1, ASKED, "ann", 10);
    log(2, BOOKED, "ann", 10);
    book("a");
  }

  /**
   * Ann holds the order, loses it and reports that; ben asks the exchange, which knows the order.
   */
  private void takenOver() {
    log(1, ASKED, "ann", 10);
    log(8, ASKED, "ben", 20);
    log(9, BOOKED, "ann", 10);
    log(9, KNOWN, "ben", 20);
    book("a");
    lost.add(new LostLease("ann", "a", 10, at(10)));
  }

  private SoakReport judge() {
    return SoakReport.of(
        new SoakReport.Seen(
            new StoreName("sqlite:x.db"),
            1,
            1,
            BOUND,
            troubles,
            Map.of("busy", Duration.ofSeconds(2), "few", oldestDue),
            done,
            new SoakLimits.Seen(bounds, 1, idle, leftOver)),
        new Orders(List.of("a"), List.of(), log, book),
        Excuses.of(lost, troubles, LEASE, log));
  }

  private static Instant at(int second) {
    return START.plusSeconds(second);
  }

  private void befalls(Fault fault, String worker, String order, int from, int to) {
    troubles.add(new Trouble(fault, worker, order, at(from), at(to)));
  }

  private void log(int second, LogLine.Event event, String worker, long token) {
    Order order = new Order("a", "COCOA", 1);
    log.add(new LogLine(at(second), event, new OrderRequest("key-a", order, worker, 1, token)));
  }

  private void book(String order) {
    book.add(new BookEntry("key-" + order, new Order(order, "COCOA", 1), BigDecimal.TEN, START));
  }
}
