package dev.lease;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Times in microseconds, as stores keep them, rounded as the contract demands. Safe for use by many
 * threads.
 *
 * @apiNote For authors of stores. Users of a store do not need it.
 */
public final class Micros {

  private static final long PER_SECOND = 1_000_000;
  private static final Instant EARLIEST = Instant.parse("-100000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("+100000-01-01T00:00:00Z");

  private Micros() {}

  /**
   * Rounds a lease duration down, so that no lease lasts longer than requested [L20].
   *
   * @param duration the duration
   * @return its whole microseconds
   * @throws ArithmeticException if a {@code long} cannot hold them
   */
  public static long of(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), PER_SECOND), duration.getNano() / 1_000);
  }

  /**
   * Rounds a delay up, so that nothing starts or is removed before its time [Q14, Q46].
   *
   * @param delay the delay
   * @return the smallest number of microseconds that is not less than the delay
   * @throws ArithmeticException if a {@code long} cannot hold them
   */
  public static long ofDelay(Duration delay) {
    return of(delay.plusNanos(999));
  }

  /**
   * Converts an instant, rounded down.
   *
   * @param instant the instant
   * @return microseconds since 1970-01-01T00:00:00Z, negative before it
   * @throws ArithmeticException if a {@code long} cannot hold them
   */
  public static long of(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /**
   * Converts an instant, rounded up. It is for filters, whose instants may be far outside the range
   * of a job's times.
   *
   * @param instant any instant
   * @return microseconds since 1970-01-01T00:00:00Z; the smallest or the largest {@code long} for
   *     an instant before the year -100,000 or after the year 100,000
   */
  public static long notBefore(Instant instant) {
    if (instant.isBefore(EARLIEST)) {
      return Long.MIN_VALUE;
    }
    return instant.isAfter(LATEST) ? Long.MAX_VALUE : of(instant.plusNanos(999));
  }

  /**
   * Converts microseconds to an instant.
   *
   * @param micros microseconds since 1970-01-01T00:00:00Z
   * @return the instant
   */
  public static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, PER_SECOND), Math.floorMod(micros, PER_SECOND) * 1_000);
  }

  /**
   * Reads from a token when it was granted. It holds for tokens that the recipe of policy 2 made:
   * such a token is the clock's time, unless the clock stood at or behind an earlier token. Then it
   * is later than the grant was.
   *
   * @param token the token
   * @return the time of the grant; null if the token is 0 or less, which none is
   */
  public static @Nullable Instant ofToken(long token) {
    return token <= 0 ? null : instant(token);
  }

  /**
   * Converts microseconds to a duration.
   *
   * @param micros microseconds
   * @return the duration
   */
  public static Duration duration(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }
}
