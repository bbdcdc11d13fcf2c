package dev.lease.worker;

import dev.lease.Progress;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The progress of one job. A handler may report it as often as it likes; only the last value is
 * written, now and then, since each write costs the store a new version of the job's row.
 */
final class LastProgress {

  private final AtomicReference<@Nullable Progress> unwritten = new AtomicReference<>();
  // Held during a write, so that an older value never lands after a newer one, and so that a
  // settlement waits for a write that is under way.
  private final ReentrantLock writing = new ReentrantLock();
  private volatile @Nullable Progress last;

  void say(Progress progress) {
    unwritten.set(progress);
    last = progress;
  }

  /** Whether there is progress that nobody writes yet. */
  boolean isUntouched() {
    return unwritten.get() != null && !writing.isLocked();
  }

  /** Whether there is progress that is not written yet. */
  boolean isNew() {
    return unwritten.get() != null || writing.isLocked();
  }

  @Nullable Progress last() {
    return last;
  }

  /**
   * Writes the last progress unless it is written already. If the write fails, it stays unwritten.
   *
   * @param isRefused writes, and answers whether the store has refused it
   */
  boolean write(Predicate<Progress> isRefused) {
    writing.lock();
    Progress progress = null;
    boolean written = false;
    try {
      progress = unwritten.getAndSet(null);
      boolean refused = progress != null && isRefused.test(progress);
      written = true;
      return refused;
    } finally {
      if (!written) {
        unwritten.compareAndSet(null, progress);
      }
      writing.unlock();
    }
  }
}
