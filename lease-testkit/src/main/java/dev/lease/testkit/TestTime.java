package dev.lease.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lease.testkit.StoreFixture.Time;
import java.time.Duration;

/** The store's time as one test moves it. Where it only runs, the test may fail to keep up. */
final class TestTime {

  /** Long enough that no pause of the machine ends a lease that a test holds. */
  static final Duration LONG_LEASE = Duration.ofMinutes(1);

  /** How near a test goes to an instant where the clock runs on. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  /** So it is where the kit waits. */
  private static final Duration SHORT_LEASE = Duration.ofSeconds(3);

  private static final Duration SHORT_MARGIN = Duration.ofSeconds(1);
  private static final Duration PATIENCE = SHORT_LEASE.multipliedBy(4);

  /** Leases that end in the middle of a race, where the clock runs on. */
  private static final Duration SOON = Duration.ofMillis(40);

  private static final Duration EACH = Duration.ofMillis(2);

  private final StoreFixture fixture;
  private final Calls calls;
  private final Time kind;
  private final Duration lease;
  private final Duration margin;

  /** When the calls began that were made since the last move, and when they had to be over. */
  private long begin = System.nanoTime();

  private long deadline;
  private boolean late;

  TestTime(StoreFixture fixture, Calls calls) {
    this.fixture = fixture;
    this.calls = calls;
    kind = fixture.time();
    lease = kind == Time.REAL ? SHORT_LEASE : LONG_LEASE;
    margin =
        switch (kind) {
          case FROZEN -> fixture.unit();
          case MOVABLE -> MARGIN;
          case REAL -> SHORT_MARGIN;
        };
    deadline = begin + lease.toNanos();
  }

  /** For leases that a test goes to the end of. */
  Duration lease() {
    return lease;
  }

  /** Moves the time, or ends the test as skipped where that would be too long to wait. */
  void advance(Duration by) throws Exception {
    move(by);
    deadline = begin + lease.toNanos();
  }

  /** Moves the time to just before the end of something that began since the last move. */
  void advanceAlmost(Duration by) throws Exception {
    long began = begin;
    Duration gone = kind == Time.REAL ? Duration.ofNanos(System.nanoTime() - began) : Duration.ZERO;
    move(by.minus(margin).minus(gone));
    deadline = began + by.toNanos();
  }

  private void move(Duration by) throws Exception {
    if (kind == Time.REAL && by.compareTo(PATIENCE) > 0) {
      abort("the time of the store is real, and this test goes on for " + by);
    }
    late = isLate();
    if (!by.isNegative()) {
      calls.note("time", "advance", by);
      fixture.advance(by);
    }
    begin = System.nanoTime();
  }

  /** Then moves it on: to the very instant where the clock is frozen, else well past it. */
  void advanceTheRest() throws Exception {
    advance(kind == Time.FROZEN ? margin : margin.multipliedBy(2));
  }

  /** How long the lease of a round lasts, so that each round meets the end of its own. */
  Duration upToRound(int round) {
    return kind == Time.FROZEN
        ? lease.plus(fixture.unit().multipliedBy(round))
        : SOON.plus(EACH.multipliedBy(round));
  }

  /** Brings the time to just before the end of the lease of round 0. */
  void goToFirstRound() throws Exception {
    if (kind == Time.FROZEN) {
      fixture.advance(lease.minus(fixture.unit()));
    }
  }

  /** Waits for the end of the lease of a round, where the time runs. */
  @SuppressWarnings("ThreadPriorityCheck") // Waiting needs no order, and the other may lack a core.
  void awaitEndOf(int round, long asked) {
    long end = asked + upToRound(round).toNanos();
    while (kind != Time.FROZEN && System.nanoTime() < end) {
      Thread.yield();
    }
  }

  /** Moves the time to the end of the lease of a round, or waits for it. */
  void meetEndOf(int round, long asked) throws Exception {
    awaitEndOf(round, asked);
    if (kind == Time.FROZEN) {
      fixture.advance(fixture.unit());
    }
  }

  /** True if leases may have run out before a test was through with them. */
  boolean isLate() {
    return late || (kind == Time.REAL && System.nanoTime() > deadline);
  }

  /** From here on no lease runs out while the test goes on. */
  void takeLongLeases() {
    deadline = begin + LONG_LEASE.toNanos();
  }
}
