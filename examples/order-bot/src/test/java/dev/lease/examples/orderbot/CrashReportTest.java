package dev.lease.examples.orderbot;

import static dev.lease.examples.orderbot.CrashPlan.IN_ORDER;
import static dev.lease.examples.orderbot.LogLine.Event.ASKED;
import static dev.lease.examples.orderbot.LogLine.Event.BOOKED;
import static dev.lease.examples.orderbot.LogLine.Event.KNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.examples.shared.StoreName;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A living worker, ann, loses the lease of an order, and ben places the order. */
class CrashReportTest {

  private static final StoreName STORE = new StoreName("sqlite:x.db");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Order ORDER = new Order("a", "COCOA", 1);
  private static final BookEntry BOOKED_ONCE = new BookEntry("key", ORDER, BigDecimal.TEN, START);

  private static final Orders TAKEN_OVER =
      new Orders(
          List.of("a"),
          List.of(),
          List.of(
              line(1, ASKED, "ann", 10),
              line(5, ASKED, "ben", 20),
              line(6, BOOKED, "ben", 20),
              line(7, KNOWN, "ann", 10)),
          List.of(BOOKED_ONCE));

  @Test
  void aLeaseThatIsLostWhileItsWorkerIsKeptFromRunningIsAsIfTheWorkerHadBeenKilled() {
    CrashReport report = judge(stall("ann", 2, 5));

    assertThat(report.failures()).isEmpty();
    assertThat(report.counts().leasesLostExplained()).isEqualTo(1);
    assertThat(report.counts().repeats()).isEqualTo(1);
    assertThat(report.counts().overlaps()).isZero();
    assertThat(report.counts().maxRecoveryS()).isEqualTo(3);
  }

  @Test
  void aLeaseThatIsLostThoughAnotherWorkerWasKeptFromRunningFails() {
    assertFails(judge(stall("ben", 2, 5)));
  }

  @Test
  void aLeaseThatIsLostThoughItsWorkerCouldRunForMoreThanTwoThirdsOfItFails() {
    assertFails(judge(stall("ann", 2, 2.9)));
  }

  private static void assertFails(CrashReport report) {
    assertThat(report.counts().leasesLostExplained()).isZero();
    assertThat(report.counts().leasesLostUnexplained()).isEqualTo(1);
    assertThat(report.counts().overlaps()).isEqualTo(1);
    assertThat(report.failures())
        .hasSize(3)
        .anyMatch(failure -> failure.startsWith("ann lost its lease of a, token 10"))
        .anyMatch(failure -> failure.contains("live worker"))
        .anyMatch(failure -> failure.contains("2 requests"));
  }

  @Test
  void aJobThatIsNotDoneAndAKillThatWasNotPossibleFail() {
    Excuses none = new Excuses(List.of(), List.of());
    Orders notPlaced = new Orders(List.of("a"), List.of(), List.of(), List.of());

    assertThat(
            CrashReport.of(STORE, new CrashPlan(1, 2, 3, 0, IN_ORDER, 1), 1, 0, notPlaced, none)
                .failures())
        .containsExactly(
            "a is not in the book",
            "0 of 1 jobs are done",
            "only 0 of 2 workers could be killed",
            "only 1 of 3 workers could be suspended");
  }

  private static CrashReport judge(Trouble trouble) {
    List<LostLease> lost = List.of(new LostLease("ann", "a", 10, at(7)));
    Excuses excuses = Excuses.of(lost, List.of(trouble), Duration.ofSeconds(3), TAKEN_OVER.log());
    return CrashReport.of(STORE, CrashPlan.of(1, 0, 1), 0, 1, TAKEN_OVER, excuses);
  }

  private static Trouble stall(String worker, double from, double to) {
    return new Trouble(Fault.STALL, worker, Trouble.ANY, at(from), at(to));
  }

  private static LogLine line(int second, LogLine.Event event, String worker, long token) {
    return new LogLine(at(second), event, new OrderRequest("key", ORDER, worker, 1, token));
  }

  private static Instant at(double second) {
    return START.plusMillis(Math.round(second * 1_000));
  }
}
