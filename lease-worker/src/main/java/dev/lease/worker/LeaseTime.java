package dev.lease.worker;

import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How long the holder of a lease may believe in it [W02]. The monotonic clock decides. Where only
 * the wall clock says that the lease has expired, it may have been set, or the machine may have
 * been suspended: the holder asks the store, and does nothing until it answers. Safe for use by
 * many threads.
 */
final class LeaseTime {

  /** How long the store has to say whether a lease lasts that the wall clock calls expired. */
  private static final long TIME_TO_ASK = Duration.ofSeconds(10).toNanos();

  private volatile Deadline deadline;
  private volatile boolean expired;
  private volatile boolean doubtful;
  private volatile long doubtSince;

  LeaseTime(Deadline deadline) {
    this.deadline = deadline;
  }

  /** The store has said that the lease lasts until then. */
  synchronized void extended(Deadline deadline) {
    this.deadline = deadline;
    doubtful = false;
    notifyAll();
  }

  long nanosLeft() {
    return deadline.nanosLeft();
  }

  /** A reading of the monotonic clock that it goes by. */
  long nanoTime() {
    return deadline.clock().nanos().getAsLong();
  }

  /** Looks at the clocks. Once a lease has expired it stays so: a later answer changes nothing. */
  boolean hasExpired() {
    if (!expired) {
      if (deadline.hasPassed()) {
        expired = true;
      } else if (deadline.isDoubtful()) {
        doubt();
      }
    }
    return expired;
  }

  /** Whether it had expired, or was given up, when somebody last looked. */
  boolean isKnownToHaveExpired() {
    return expired;
  }

  private synchronized void doubt() {
    if (!deadline.isDoubtful()) {
      return;
    }
    if (!doubtful) {
      doubtSince = nanoTime();
      doubtful = true;
    } else if (nanoTime() - doubtSince >= TIME_TO_ASK) {
      expired = true;
      notifyAll();
    }
  }

  /** Whether only the wall clock says that the lease has expired, and the store is being asked. */
  boolean isDoubtful() {
    return doubtful;
  }

  /** Waits until the store has answered a doubt, or has had its time to, or there is no need to. */
  synchronized void awaitCertainty(BooleanSupplier isNeeded) {
    boolean interrupted = false;
    while (doubtful && !hasExpired() && isNeeded.getAsBoolean()) {
      try {
        // Wakes up now and then, since time alone ends a doubt as well.
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
