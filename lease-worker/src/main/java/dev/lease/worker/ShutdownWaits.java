package dev.lease.worker;

import java.time.Duration;

/**
 * The waits of a stop, one after the other. An interrupt ends only the wait that is under way, and
 * is kept for the caller. So an interrupted stop is hurried, but still does everything in order.
 */
final class ShutdownWaits {

  /** A wait of limited length; true if what it waits for has happened. */
  @FunctionalInterface
  interface Wait {
    boolean await(long nanos) throws InterruptedException;
  }

  private boolean interrupted;

  boolean await(Duration time, Wait wait) {
    try {
      return wait.await(time.toNanos());
    } catch (InterruptedException e) {
      interrupted = true;
      return false;
    }
  }

  void restoreInterrupt() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
