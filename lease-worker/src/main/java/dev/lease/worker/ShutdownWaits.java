package dev.lease.worker;

import java.time.Duration;

/**
 * Waits in order. An interrupt ends the wait that it meets, and only that, and is kept for the
 * caller: whoever stops a worker in a hurry still stops it in order.
 */
final class ShutdownWaits {

  /** A wait of limited length: true when what it waits for has come. */
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
