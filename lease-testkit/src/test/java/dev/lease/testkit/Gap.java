package dev.lease.testkit;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * The gap between a check and the write that trusts it. A racing thread waits in the gap until
 * another thread has made a call. So every race catches a broken store, not only one in thousands.
 */
final class Gap {

  private static final long AT_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * How often a thread waits in vain before it concludes that this race is about something else.
   */
  private static final int IN_VAIN = 5;

  private final ThreadLocal<Integer> waitedInVain = ThreadLocal.withInitial(() -> 0);
  private long calls;
  private boolean met;

  /** The parts of stores that share this gap. */
  abstract static class Broken extends Parts {

    final Gap gap = new Gap();

    @Override
    final void forgetChances() {
      gap.forget();
    }

    /** Whether another call came while a thread was between the check and the write. */
    @Override
    final boolean hadItsChance() {
      return gap.isMet();
    }

    @Override
    final InMemorySession session(InMemoryData data) {
      return gap.session(data);
    }
  }

  /** A session whose calls wake the threads in the gap. */
  private InMemorySession session(InMemoryData data) {
    return new InMemorySession(data) {
      @Override
      <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
        T answer = super.run(operation);
        called();
        return answer;
      }
    };
  }

  /** A call was made. A store that answers without a session says so itself. */
  synchronized void called() {
    calls++;
    notifyAll();
  }

  private synchronized void forget() {
    met = false;
  }

  private synchronized boolean isMet() {
    return met;
  }

  synchronized void pass() {
    if (KitRun.isTheTestItself() || waitedInVain.get() == IN_VAIN) {
      return;
    }
    long before = calls;
    long end = System.nanoTime() + AT_MOST_NANOS;
    try {
      while (calls == before) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          waitedInVain.set(waitedInVain.get() + 1);
          return;
        }
        wait(left);
      }
      met = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
