package dev.lease.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lease.testkit.StoreFixture.Time;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Moves the store's time for one test. If the time is real, the test may fail to keep up with it.
 */
final class TestTime {

  /** Long enough that no pause of the machine lets a lease expire. */
  static final Duration LONG_LEASE = Duration.ofMinutes(1);

  /** How close a test goes to an instant on a clock that runs and can be moved. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  /** A lease duration for which the kit can wait, if it must. */
  private static final Duration SHORT_LEASE = Duration.ofSeconds(3);

  private static final Duration SHORT_MARGIN = Duration.ofSeconds(1);
  private static final Duration PATIENCE = SHORT_LEASE.multipliedBy(4);

  /** On a running clock, how soon after their preparation the first lease of a race expires. */
  private static final Duration SOON = Duration.ofMillis(40);

  /** The time between the expiries of two rounds, beyond what the store needs. */
  private static final Duration EACH = Duration.ofMillis(2);

  /**
   * A running clock goes so far by itself, sooner than a store has moved the times of all its rows.
   */
  private static final Duration SOON_PAST = Duration.ofMillis(20);

  /**
   * In nanoseconds: a parked thread wakes up late, so it parks only until this long before an
   * expiry.
   */
  private static final long NEARLY = 300_000;

  /** The share of a race's calls that must come in time for the expiry. */
  private static final double ENOUGH = 0.05;

  private final StoreFixture fixture;
  private final CallLog calls;
  private final Time kind;
  private final Duration lease;
  private final Duration margin;

  /** When the calls since the last move began; {@code deadline} is when they must be over. */
  private long begin = System.nanoTime();

  private long deadline;
  private boolean late;

  /** How long the calls took before the last {@link #advanceAlmost}. */
  private Duration gone = Duration.ZERO;

  /** By how much the time was set back. */
  private Duration behind = Duration.ZERO;

  /** How long the store took to prepare the rounds of a race, all of them and one of them. */
  private Duration preparation = Duration.ZERO;

  private Duration preparationOfOne = Duration.ZERO;

  private final AtomicInteger racing = new AtomicInteger();
  private final AtomicInteger racingTooLate = new AtomicInteger();

  /**
   * When the lease of a round expires.
   *
   * @param earliest the expiry if the store granted the lease as soon as it was requested
   * @param missed the time after which a call is too late for the expiry, however late the store
   *     granted it
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

  /** The lease duration for tests that go to the expiry. */
  Duration lease() {
    return lease;
  }

  /** Moves the time. Skips the rest of the test if the kit would have to wait too long. */
  void advance(Duration by) throws Exception {
    move(by);
    deadline = begin + lease.toNanos();
  }

  void setBack(Duration by) throws Exception {
    calls.note("time", "setBack", by);
    fixture.setBack(by);
    behind = behind.plus(by);
  }

  /** Moves the time forward by all that it was set back, for the next test of the same store. */
  void catchUp() throws Exception {
    if (!behind.isZero()) {
      fixture.advance(behind);
    }
  }

  /** Moves the time to just before the end of something that began after the last move. */
  void advanceAlmost(Duration by) throws Exception {
    long began = begin;
    gone = kind == Time.REAL ? Duration.ofNanos(System.nanoTime() - began) : Duration.ZERO;
    move(by.minus(margin).minus(gone));
    deadline = began + by.toNanos();
  }

  private void move(Duration by) throws Exception {
    if (kind == Time.REAL && by.compareTo(PATIENCE) > 0) {
      abort("the time of the store is real, and this test would have to wait for " + by);
    }
    late = isLate();
    if (!by.isNegative()) {
      calls.note("time", "advance", by);
      pass(by);
    }
    begin = System.nanoTime();
  }

  private void pass(Duration by) throws Exception {
    if (kind == Time.MOVABLE && by.compareTo(SOON_PAST) <= 0) {
      // Rounded up: half a millisecond is not a wait of 0.
      Thread.sleep(by.plusNanos(999_999).toMillis());
    } else {
      fixture.advance(by);
    }
  }

  /**
   * Moves the time on from there: exactly to the end if the clock is frozen, otherwise well past
   * it, however late the thing began.
   */
  void advanceTheRest() throws Exception {
    advance(kind == Time.FROZEN ? margin : margin.multipliedBy(2).plus(gone));
  }

  /**
   * Prepares the rounds of a race, so that their leases are about to expire. On a running clock,
   * how soon they expire depends on how long the store took for the previous rounds.
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

  /** The lease duration of a round, chosen so that each round meets the expiry of its own lease. */
  Duration upToRound(int round) {
    return kind == Time.FROZEN
        ? lease.plus(fixture.unit().multipliedBy(round))
        : SOON.plus(preparation).plus(each().multipliedBy(round));
  }

  private Duration each() {
    return EACH.plus(preparationOfOne);
  }

  /** The expiry of a lease that was requested at that time and is granted now. */
  Expiry expiry(long asked, Duration lease) {
    long granted = System.nanoTime();
    return new Expiry(asked + lease.toNanos(), granted + lease.plus(each()).toNanos());
  }

  /** Waits for the expiry of a round's lease. Does nothing if the clock is frozen. */
  @SuppressWarnings("ThreadPriorityCheck") // The other thread may need this core.
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

  /** Moves the time to the expiry of a round's lease, or waits for it. */
  void meet(Expiry expiry) throws Exception {
    await(expiry);
    if (kind == Time.FROZEN) {
      fixture.advance(fixture.unit());
    }
  }

  /** Skips a race whose calls nearly all came long after the leases had expired. */
  void reportIfTheEndWasMissed() {
    int met = racing.get() - racingTooLate.get();
    if (met < ENOUGH * racing.get()) {
      abort(
          "the store or the machine was too slow for a race: only %d of %d calls met an expiry"
              .formatted(met, racing.get()));
    }
  }

  /** True if a lease expires only when the time is moved, so that one of two calls comes first. */
  boolean isFrozen() {
    return kind == Time.FROZEN;
  }

  /** True if leases may have expired before the test was done with them. */
  boolean isLate() {
    return late || (kind == Time.REAL && System.nanoTime() > deadline);
  }

  /** Tells that the test holds long leases from now on, which do not expire while it runs. */
  void takeLongLeases() {
    deadline = begin + LONG_LEASE.toNanos();
  }
}
