package dev.lease.examples.orderbot;

import static dev.lease.examples.orderbot.LogLine.Event.ASKED;
import static dev.lease.examples.orderbot.LogLine.Event.BOOKED;
import static dev.lease.examples.orderbot.LogLine.Event.KNOWN;
import static dev.lease.examples.orderbot.LogLine.Event.TURNED_AWAY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.examples.shared.StoreName;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The orders a, b and c are of acme, and were enqueued in that order; z is of another customer. */
class CustomerTrailTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final List<LogLine> log = new ArrayList<>();
  private int slots = 1;

  @Test
  void oneOrderAfterTheOtherIsGood() {
    log(ASKED, "a", 10);
    log(ASKED, "z", 10);
    log(BOOKED, "a", 10);
    log(ASKED, "b", 10);
    log(BOOKED, "b", 10);
    log(BOOKED, "z", 10);
    log(ASKED, "c", 10);
    log(BOOKED, "c", 10);

    assertThat(failures()).isEmpty();
  }

  @Test
  void twoOrdersOfACustomerAtOnceFail() {
    log(ASKED, "a", 10);
    log(ASKED, "b", 10);
    log(BOOKED, "a", 10);
    log(BOOKED, "b", 10);

    assertThat(failures())
        .containsExactly(
            "b of acme was asked for at %s while a was placed; at most 1 at once".formatted(at(1)));
  }

  @Test
  void theRequestOfAWorkerThatHasLostTheOrderMayStillRunBesideTheNextOrder() {
    log(ASKED, "a", 10);
    log(ASKED, "a", 20);
    log(BOOKED, "a", 20);
    log(ASKED, "b", 10);
    log(KNOWN, "a", 10);
    log(BOOKED, "b", 10);

    assertThat(failures()).isEmpty();
  }

  @Test
  void theRequestOfAWorkerThatHasLostTheOrderMayComeBesideTheNextOrder() {
    log(ASKED, "a", 20);
    log(BOOKED, "a", 20);
    log(ASKED, "b", 10);
    log(ASKED, "a", 10);
    log(KNOWN, "a", 10);
    log(BOOKED, "b", 10);

    assertThat(failures()).isEmpty();
  }

  @Test
  void theNextOrderBesideThatOfAWorkerThatHasTheOrderAgainFails() {
    log(ASKED, "a", 10);
    log(ASKED, "a", 20);
    log(ASKED, "b", 10);
    log(BOOKED, "a", 10);
    log(KNOWN, "a", 20);
    log(BOOKED, "b", 10);

    assertThat(failures())
        .containsExactly(
            "b of acme was asked for at %s while a was placed; at most 1 at once".formatted(at(2)));
  }

  @Test
  void asManyOrdersAtOnceAsTheCustomerHasSlotsAreGood() {
    log(ASKED, "a", 10);
    log(ASKED, "b", 10);
    log(BOOKED, "a", 10);
    log(ASKED, "c", 10);
    log(BOOKED, "b", 10);
    log(BOOKED, "c", 10);

    slots = 2;
    assertThat(failures()).isEmpty();
    slots = 1;
    assertThat(failures()).hasSize(2);
    assertThat(orders().customers()).extracting(CustomerTrail::mostAtOnce).containsExactly(2);
  }

  @Test
  void aLineThatIsWrittenAfterALaterOneIsJudgedByThatTime() {
    log(ASKED, "a", 10);
    log(BOOKED, "a", 10);
    OrderRequest late = new OrderRequest("key-b", order("b"), "ann", 1, 10);
    log.add(new LogLine(START.minusSeconds(9), ASKED, late));

    List<Instant> judged = new ArrayList<>();
    orders()
        .customers()
        .get(0)
        .crowded(
            at -> {
              judged.add(at);
              return 1;
            });
    assertThat(judged).containsExactly(at(0), at(1), at(1));
  }

  @Test
  void anOrderThatIsBookedBeforeAnEarlierOneFails() {
    log(TURNED_AWAY, "a", 10);
    log(ASKED, "b", 10);
    log(BOOKED, "b", 10);
    log(ASKED, "a", 20);
    log(BOOKED, "a", 20);
    log(ASKED, "c", 10);
    log(BOOKED, "c", 10);

    assertThat(failures())
        .containsExactly("b of acme was booked before a, which had been enqueued earlier");
  }

  @Test
  void aReportCountsBoth() {
    log(ASKED, "b", 10);
    log(ASKED, "a", 10);
    log(BOOKED, "b", 10);
    log(BOOKED, "a", 10);

    CrashReport report =
        CrashReport.of(
            new StoreName("sqlite:x.db"),
            CrashPlan.of(2, 0, 1),
            0,
            2,
            new Orders(List.of("a", "b"), List.of(), log, List.of(entry("a"), entry("b"))),
            new Excuses(List.of(), List.of()));

    assertThat(report.counts().crowded()).isEqualTo(1);
    assertThat(report.counts().outOfOrder()).isEqualTo(1);
    assertThat(report.failures()).hasSize(2);
  }

  private List<String> failures() {
    List<String> failures = new ArrayList<>();
    for (CustomerTrail customer : orders().customers()) {
      failures.addAll(customer.crowded(at -> slots));
      failures.addAll(customer.outOfOrder());
    }
    return failures;
  }

  private Orders orders() {
    return new Orders(List.of("a", "z", "b", "c"), List.of(), log, List.of());
  }

  private void log(LogLine.Event event, String id, long token) {
    OrderRequest request = new OrderRequest("key-" + id, order(id), "ann", 1, token);
    log.add(new LogLine(at(log.size()), event, request));
  }

  private static Instant at(int line) {
    return START.plusSeconds(line);
  }

  private static BookEntry entry(String id) {
    return new BookEntry("key-" + id, order(id), BigDecimal.TEN, START);
  }

  private static Order order(String id) {
    return new Order(id, "COCOA", 1).of(id.equals("z") ? "other" : "acme");
  }
}
