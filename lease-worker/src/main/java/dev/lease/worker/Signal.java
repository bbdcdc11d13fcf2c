package dev.lease.worker;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes the one thread that waits for it. Raised before the wait, it ends that wait at once. */
final class Signal {

  // Not LockSupport: a lock inside the store's client would swallow the permit of an unpark.
  private final Semaphore raised = new Semaphore(0);

  void raise() {
    if (raised.availablePermits() == 0) {
      raised.release();
    }
  }

  /** Waits until raised, but not longer than that; an interrupt counts as raised. */
  void await(long nanos) {
    try {
      raised.tryAcquire(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt a thread of ours; what it waited for is looked at anew.
    }
    raised.drainPermits();
  }
}
