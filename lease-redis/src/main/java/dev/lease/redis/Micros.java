package dev.lease.redis;

import dev.lease.Due;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as the scripts have them: microseconds, since the epoch for an instant. */
final class Micros {

  private static final long MICROS_PER_SECOND = 1_000_000;

  private Micros() {}

  /** Rounded down: no lease outlasts what was asked for [L20]. */
  static long of(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), MICROS_PER_SECOND), duration.getNano() / 1_000);
  }

  /** Rounded up: nothing starts, or is removed, before its time [Q14, Q46]. */
  static long ofDelay(Duration delay) {
    return of(delay.plusNanos(999));
  }

  static long of(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** An instant, or "+" and a delay. */
  static String due(Due due) {
    return due instanceof Due.At at
        ? Long.toString(of(at.instant()))
        : "+" + ofDelay(((Due.After) due).delay());
  }

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, MICROS_PER_SECOND), Math.floorMod(micros, MICROS_PER_SECOND) * 1_000);
  }

  static Duration duration(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }
}
