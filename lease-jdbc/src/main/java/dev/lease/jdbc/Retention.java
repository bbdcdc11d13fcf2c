package dev.lease.jdbc;

import dev.lease.Micros;
import java.time.Duration;

/**
 * How long finished jobs stay if they have no {@code keep} of their own.
 *
 * @param done DONE jobs, in microseconds
 * @param failed FAILED and CANCELLED jobs, in microseconds
 */
record Retention(long done, long failed) {

  private static final int CALLS = 10;

  /** How long an id is remembered at least, in microseconds [Q02]. */
  static long remembered(Duration callTimeout) {
    return CALLS * Micros.of(callTimeout);
  }
}
