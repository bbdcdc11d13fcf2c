package dev.lease.examples.benchmark;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.LockSupport;

/** Time that the processes of a machine have in common. */
final class Clock {

  private Clock() {}

  static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** Waits for a moment of {@link System#nanoTime()}, and answers by how much it is late. */
  static long await(long nanos) {
    long left;
    while ((left = nanos - System.nanoTime()) > 0) {
      LockSupport.parkNanos(left);
    }
    return -left;
  }
}
