package dev.lease.jdbc;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as the tables have them: microseconds, since the epoch for an instant. */
final class Micros {

  private static final Instant EARLIEST = Instant.parse("-100000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("+100000-01-01T00:00:00Z");

  private Micros() {}

  /** Rounded down: no lease outlasts what was asked for [L20]. */
  static long of(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
  }

  /** Rounded up: nothing starts, or is removed, before its time [Q14, Q46]. */
  static long ofDelay(Duration delay) {
    return of(delay.plusNanos(999));
  }

  static long of(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** The first microsecond that is not before an instant, which may be one that no job can have. */
  static long notBefore(Instant instant) {
    if (instant.isBefore(EARLIEST)) {
      return Long.MIN_VALUE;
    }
    return instant.isAfter(LATEST) ? Long.MAX_VALUE : of(instant.plusNanos(999));
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  static Duration duration(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }
}
