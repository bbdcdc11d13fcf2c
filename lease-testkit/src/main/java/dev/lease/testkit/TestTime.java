package dev.lease.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lease.testkit.StoreFixture.Time;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

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

  /** How soon leases end in a race where the clock runs on, once all of them are made. */
  private static final Duration SOON = Duration.ofMillis(40);

  /** And how long after the one before, beside what the store needs. */
  private static final Duration EACH = Duration.ofMillis(2);

  /** So long before an end a thread is awake, in nanoseconds: it would wake too late by itself. */
  private static final long NEARLY = 300_000;

  /** The share of the calls of a race that have to meet the end of a lease. */
  private static final double ENOUGH = 0.05;

  private final StoreFixture fixture;
  private final CallLog calls;
  private final Time kind;
  private final Duration lease;
  private final Duration margin;

  /** When the calls began that were made since the last move, and when they had to be over. */
  private long begin = System.nanoTime();

  private long deadline;
  private boolean late;

  /** How long the calls took before the time was moved to just before an end. */
  private Duration gone = Duration.ZERO;

  /** How long the store took to make the rounds of a race ready, all and one of them. */
  private Duration preparation = Duration.ZERO;

  private Duration preparationOfOne = Duration.ZERO;

  private final AtomicInteger racing = new AtomicInteger();
  private final AtomicInteger racingTooLate = new AtomicInteger();

  /**
   * When the lease of a round ends.
   *
   * @param earliest if it was granted when it was asked for
   * @param missed when a call that is to meet the end comes too late, whenever it was granted
   */
  record Expiry(long earliest, long missed) {
    long left() {
      return earliest - System.nanoTime();
    }
  }

  TestTime(StoreFixture fixture, CallLog calls) {
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
    gone = kind == Time.REAL ? Duration.ofNanos(System.nanoTime() - began) : Duration.ZERO;
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

  /**
   * Then moves it on: to the very instant where the clock is frozen, else well past it, even if the
   * thing began as late as it can have.
   */
  void advanceTheRest() throws Exception {
    advance(kind == Time.FROZEN ? margin : margin.multipliedBy(2).plus(gone));
  }

  /**
   * Makes the rounds of a race ready, so that the leases of all of them are about to end. Where the
   * time runs on, how soon depends on how long the store took for the rounds before.
   */
  <T> List<T> aboutToEnd(int count, Race.Start<T> start) throws Exception {
    if (kind == Time.FROZEN) {
      List<T> rounds = start.rounds(count);
      fixture.advance(lease.minus(fixture.unit()));
      return rounds;
    }
    if (preparation.isZero()) {
      measured(count, start);
    }
    return measured(count, start);
  }

  private <T> List<T> measured(int count, Race.Start<T> start) throws Exception {
    long began = System.nanoTime();
    List<T> rounds = start.rounds(count);
    preparation = Duration.ofNanos(System.nanoTime() - began);
    preparationOfOne = preparation.dividedBy(count);
    return rounds;
  }

  /** How long the lease of a round lasts, so that each round meets the end of its own. */
  Duration upToRound(int round) {
    return kind == Time.FROZEN
        ? lease.plus(fixture.unit().multipliedBy(round))
        : SOON.plus(preparation).plus(each().multipliedBy(round));
  }

  private Duration each() {
    return EACH.plus(preparationOfOne);
  }

  /** The end of a lease that was asked for then, and is granted now. */
  Expiry expiry(long asked, Duration lease) {
    long granted = System.nanoTime();
    return new Expiry(asked + lease.toNanos(), granted + lease.plus(each()).toNanos());
  }

  /** Waits for the end of the lease of a round, where the time runs. */
  @SuppressWarnings("ThreadPriorityCheck") // Waiting needs no order, and the other may lack a core.
  void await(Expiry expiry) {
    if (kind == Time.FROZEN) {
      return;
    }
    for (long left = expiry.left(); left > 0; left = expiry.left()) {
      if (left > NEARLY) {
        LockSupport.parkNanos(left - NEARLY);
      } else {
        Thread.yield();
      }
    }
    racing.incrementAndGet();
    if (System.nanoTime() > expiry.missed()) {
      racingTooLate.incrementAndGet();
    }
  }

  /** Moves the time to the end of the lease of a round, or waits for it. */
  void meet(Expiry expiry) throws Exception {
    await(expiry);
    if (kind == Time.FROZEN) {
      fixture.advance(fixture.unit());
    }
  }

  /** Ends a test as skipped where its calls came when the leases had ended long before. */
  void reportIfTheEndWasMissed() {
    int met = racing.get() - racingTooLate.get();
    if (met < ENOUGH * racing.get()) {
      abort(
          "the store or the machine was too slow for a race: no more than %d of %d calls met the end of a lease"
              .formatted(met, racing.get()));
    }
  }

  /** True if nothing but a move ends a lease, so that of two calls at its end one comes first. */
  boolean isFrozen() {
    return kind == Time.FROZEN;
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
