package dev.lease.worker;

import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Tells how long the holder of a lease may rely on it [W02]. The monotonic clock decides. If only
 * the wall clock says that the lease has expired, either the clock was set or the machine was
 * suspended. This is a doubt: the holder asks the store, and does nothing until it answers. Safe
 * for use by many threads.
 */
final class LeaseTime {

  /** How long a doubt may last. If the store has not answered by then, the lease has expired. */
  private static final long TIME_TO_ASK = Duration.ofSeconds(10).toNanos();

  private volatile Deadline deadline;
  private volatile boolean expired;
  private volatile boolean doubtful;
  private volatile long doubtSince;

  LeaseTime(Deadline deadline) {
    this.deadline = deadline;
  }

  /**
   * Notes that the store has extended the lease up to the deadline.
   *
   * @return false if the lease had expired before, which nothing changes
   */
  synchronized boolean extended(Deadline deadline) {
    this.deadline = deadline;
    // An answer from before a suspension ends no doubt.
    doubtful = doubtful && deadline.isDoubtful();
    notifyAll();
    return !expired;
  }

  long nanosLeft() {
    return deadline.nanosLeft();
  }

  /** The time on the monotonic clock of the deadline. */
  long nanoTime() {
    return deadline.clock().nanos().getAsLong();
  }

  /** Checks the clocks. Once a lease has expired it stays so: a later answer changes nothing. */
  boolean hasExpired() {
    if (!expired && (doubtful || deadline.hasPassed() || deadline.isDoubtful())) {
      check();
    }
    return expired;
  }

  /** Whether an earlier check has found that the lease has expired. */
  boolean isKnownToHaveExpired() {
    return expired;
  }

  private synchronized void check() {
    if (!doubtful && deadline.isDoubtful()) {
      doubtSince = nanoTime();
      doubtful = true;
    }
    // A wall clock that is set back ends no doubt: only the store can say what happened meanwhile.
    boolean unanswered = doubtful && nanoTime() - doubtSince >= TIME_TO_ASK;
    if (unanswered || deadline.hasPassed()) {
      expired = true;
      notifyAll();
    }
  }

  /** Whether only the wall clock says that the lease has expired, and the store is being asked. */
  boolean isDoubtful() {
    return doubtful;
  }

  /** Waits until the doubt is over, or the caller no longer needs to know. */
  synchronized void awaitCertainty(BooleanSupplier isNeeded) {
    boolean interrupted = false;
    while (isNeeded.getAsBoolean() && doubtful) {
      try {
        // Wakes up now and then, since a doubt also ends by time alone.
        wait(10);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
