package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.function.UnaryOperator;

/**
 * When a schedule fires.
 *
 * @param text what is stored, such as {@code cron Europe/Berlin 0 2 * * *}
 * @param afterLast whether the next firing depends on when the last one has finished, and not on
 *     the clock alone
 * @param next the first instant after the given one
 */
record Timing(String text, boolean afterLast, UnaryOperator<Instant> next) {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);
  private static final String CRON = "cron";
  private static final String EVERY = "every";
  private static final String AFTER = "after";

  static Timing cron(String expression, ZoneId zone) {
    Limits.notNull("expression", expression);
    Limits.notNull("zone", zone);
    return new Timing(CRON + " " + zone + " " + expression, false, times(expression, zone));
  }

  private static UnaryOperator<Instant> times(String expression, ZoneId zone) {
    try {
      return new CronTimes(expression, zone)::next;
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "a cron expression needs the artifact com.cronutils:cron-utils, which is not on the class"
              + " path",
          e);
    }
  }

  /** At the multiples of the period since 1970, so that all nodes mean the same instants. */
  static Timing every(Duration period) {
    Limits.between("period", period, SHORTEST, Limits.MAX_DELAY);
    long nanos = period.toNanos();
    return new Timing(
        EVERY + " " + period,
        false,
        after -> Instant.EPOCH.plusNanos((Math.floorDiv(nanos(after), nanos) + 1) * nanos));
  }

  /** In 64 bits until the year 2262. */
  private static long nanos(Instant instant) {
    return Duration.between(Instant.EPOCH, instant).toNanos();
  }

  static Timing afterDelay(Duration delay) {
    Limits.between("delay", delay, SHORTEST, Limits.MAX_DELAY);
    return new Timing(AFTER + " " + delay, true, finished -> finished.plus(delay));
  }

  /** Reads what {@link #text} has. */
  static Timing parse(String text) {
    String[] parts = text.split(" ", 3);
    return switch (parts[0]) {
      case CRON -> cron(parts[2], ZoneId.of(parts[1]));
      case EVERY -> every(Duration.parse(parts[1]));
      case AFTER -> afterDelay(Duration.parse(parts[1]));
      default -> throw new IllegalArgumentException("no such kind of times: " + parts[0]);
    };
  }

  Instant next(Instant after) {
    return next.apply(after);
  }

  /**
   * The last instant that is not after {@code now}, if {@code first} is one of these instants. Does
   * not go through them all: {@code first} may be long ago.
   */
  Instant last(Instant first, Instant now) {
    Instant last = first;
    for (Duration back = Duration.ofSeconds(1); ; back = back.multipliedBy(4)) {
      Instant start = now.minus(back);
      if (!start.isAfter(first)) {
        start = first;
      }
      Instant next = next(start);
      if (!next.isAfter(now) || start.equals(first)) {
        while (!next.isAfter(now)) {
          last = next;
          next = next(next);
        }
        return last;
      }
    }
  }

  /**
   * How long until it is worth looking whether a firing has finished, if the next one depends on
   * that: the longer it runs already, the longer it may still run.
   */
  Duration untilLook(Duration age) {
    Duration delay = Duration.between(Instant.EPOCH, next(Instant.EPOCH));
    Duration look = (age.compareTo(delay) > 0 ? age : delay).dividedBy(10);
    return look.compareTo(LONGEST_LOOK) < 0 ? look : LONGEST_LOOK;
  }

  @Override
  public String toString() {
    return text;
  }
}
