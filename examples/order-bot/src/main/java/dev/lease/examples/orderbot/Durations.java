package dev.lease.examples.orderbot;

import java.time.Duration;
import java.util.Locale;

/** Durations in output. */
final class Durations {

  private Durations() {}

  static double seconds(Duration duration) {
    return Math.round(duration.toMillis() / 100.0) / 10.0;
  }

  static String shown(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }
}
