package dev.lease.worker;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes the one thread that waits for it. If it was raised before, the wait ends at once. */
final class Signal {

  // Not LockSupport: a lock inside the store's client could use up the permit of an unpark.
  private final Semaphore raised = new Semaphore(0);

  void raise() {
    if (raised.availablePermits() == 0) {
      raised.release();
    }
  }

  /** Waits until the signal is raised, but no longer than this. An interrupt also ends the wait. */
  void await(long nanos) {
    try {
      raised.tryAcquire(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // Nobody should interrupt a lane. If somebody does, the lane just takes its next step.
    }
    clear();
  }

  /** Forgets that it was raised. */
  void clear() {
    raised.drainPermits();
  }
}
