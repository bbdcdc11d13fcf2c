package dev.lease.jdbc;

import dev.lease.Micros;
import java.time.Duration;

/**
 * For how long finished jobs stay that do not say it themselves.
 *
 * @param done DONE jobs, in microseconds
 * @param failed FAILED and CANCELLED jobs, in microseconds
 */
record Retention(long done, long failed) {

  private static final int CALLS = 10;

  /** An id is remembered for that long, whatever is said: in microseconds [Q02]. */
  static long remembered(Duration callTimeout) {
    return CALLS * Micros.of(callTimeout);
  }
}
