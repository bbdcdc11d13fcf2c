package dev.lease;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How many jobs of one key may be worked on at once, in which order, and how often one may start.
 * Immutable.
 *
 * <pre>{@code
 * KeyLimit.of(1).inOrder();                                    // one customer's orders, one after the other
 * KeyLimit.of(4);                                              // four calls to a partner at once
 * KeyLimit.of(10).withRate(100, Duration.ofMinutes(1), 20);    // a hundred mails a minute
 * KeyLimit.of(0);                                              // a tenant that is stopped
 * }</pre>
 */
public final class KeyLimit {

  /** The largest number of slots of a key, and of a queue. */
  public static final int MAX_SLOTS = 1_000;

  /**
   * How often jobs of a key may start: {@code starts} in a {@code period}, evenly spread, and
   * {@code burst} more at once after a rest [Q67].
   *
   * @param starts 1 to 1,000,000
   * @param period 1 ms to 365 days, and at least a microsecond for each start
   * @param burst 0 to 1,000,000, and all of it within 3650 days at the pace of the rate
   */
  public record Rate(int starts, Duration period, int burst) {

    private static final int MOST = 1_000_000;

    /**
     * Checks the rate.
     *
     * @param starts as above
     * @param period as above
     * @param burst as above
     * @throws IllegalArgumentException if a value is outside its range
     */
    public Rate {
      Limits.between("starts", starts, 1, MOST);
      Limits.lease("period", period);
      Limits.between("burst", burst, 0, MOST);
      if (micros(period) < starts) {
        throw new IllegalArgumentException(
            "a rate has at most one start a microsecond, was "
                + starts
                + " starts in "
                + period
                + ": choose a longer period");
      }
      checkSpan(interval(period, starts), burst);
    }

    /** A burst spans no longer than any delay may, so that sums of times stay in their range. */
    private static void checkSpan(long interval, int burst) {
      if (interval * burst > micros(Limits.MAX_DELAY)) {
        throw new IllegalArgumentException(
            "a burst must be over within "
                + Limits.MAX_DELAY.toDays()
                + " days at the pace of its rate, was "
                + burst
                + " starts of "
                + Duration.of(interval, ChronoUnit.MICROS)
                + " each: choose a smaller burst");
      }
    }

    /**
     * The time between two starts once the burst is used up.
     *
     * @return a whole number of microseconds, rounded up, at least 1
     */
    public long intervalMicros() {
      return interval(period, starts);
    }

    private static long interval(Duration period, int starts) {
      return (micros(period) + starts - 1) / starts;
    }

    private static long micros(Duration duration) {
      return duration.toNanos() / 1_000;
    }
  }

  private final int slots;
  private final boolean inOrder;
  private final @Nullable Rate rate;

  private KeyLimit(int slots, boolean inOrder, @Nullable Rate rate) {
    this.slots = slots;
    this.inOrder = inOrder;
    this.rate = rate;
  }

  /**
   * A number of slots: so many jobs of the key are admitted at most, and so no more are held [Q62].
   *
   * @param slots 0, which stops the key, to {@value #MAX_SLOTS}
   * @return the limit
   * @throws IllegalArgumentException if the number is outside its range
   */
  public static KeyLimit of(int slots) {
    return new KeyLimit(Limits.between("slots", slots, 0, MAX_SLOTS), false, null);
  }

  /**
   * The same limit, with the jobs of a key strictly one after the other: one that is put off keeps
   * its slot, and the next one begins when it has finished [Q66].
   *
   * @return a new limit
   * @throws IllegalArgumentException if the limit has more than one slot
   */
  public KeyLimit inOrder() {
    if (slots > 1) {
      throw new IllegalArgumentException(
          "a key in order has one slot, was " + slots + ": begin with KeyLimit.of(1)");
    }
    return new KeyLimit(slots, true, rate);
  }

  /**
   * The same limit, with a rate [Q67].
   *
   * @param starts how many jobs start in a period, 1 to 1,000,000
   * @param period 1 ms to 365 days, and at least a microsecond for each start
   * @param burst how many more start at once after a rest, 0 to 1,000,000, and all of it within
   *     3650 days at the pace of the rate
   * @return a new limit
   * @throws IllegalArgumentException if a value is outside its range
   */
  public KeyLimit withRate(int starts, Duration period, int burst) {
    return new KeyLimit(slots, inOrder, new Rate(starts, period, burst));
  }

  /** {@return how many jobs of the key are admitted at most, 0 to 1,000} */
  public int slots() {
    return slots;
  }

  /** {@return whether a job that is put off keeps its slot} */
  public boolean isInOrder() {
    return inOrder;
  }

  /** {@return how often jobs start, or null if only the slots limit that} */
  public @Nullable Rate rate() {
    return rate;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyLimit that
        && slots == that.slots
        && inOrder == that.inOrder
        && Objects.equals(rate, that.rate);
  }

  @Override
  public int hashCode() {
    return Objects.hash(slots, inOrder, rate);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "KeyLimit[slots=" + slots + ", inOrder=" + inOrder + ", rate=" + rate + "]";
  }
}
