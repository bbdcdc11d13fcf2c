package dev.lease.examples.benchmark;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.LockSupport;

/** The time, common to all processes of a machine. */
final class Clock {

  private Clock() {}

  static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /**
   * Waits for a value of {@link System#nanoTime()}, and answers how many nanoseconds late it is.
   */
  static long await(long nanos) {
    long left;
    while ((left = nanos - System.nanoTime()) > 0) {
      LockSupport.parkNanos(left);
    }
    return -left;
  }
}
