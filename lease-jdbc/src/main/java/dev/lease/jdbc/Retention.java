package dev.lease.jdbc;

import dev.lease.Micros;

/**
 * How long finished jobs stay if they have no {@code keep} of their own.
 *
 * @param done DONE jobs, in microseconds
 * @param failed FAILED and CANCELLED jobs, in microseconds
 */
record Retention(long done, long failed) {

  private static final int CALLS = 10;

  /**
   * How long a finished job stays at least, in microseconds, unless nothing but its id stays: a
   * worker looks what became of a job that its handler settled.
   */
  static long leastKept(JdbcConfig config) {
    return CALLS * Micros.of(config.callTimeout());
  }

  /** How long an id is remembered at least, in microseconds [Q02]. */
  static long remembered(JdbcConfig config) {
    return Math.max(leastKept(config), Micros.ofDelay(config.rememberedIds()));
  }
}
