package dev.lease.worker;

import dev.lease.Progress;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The progress of one job. A handler may report it as often as it likes; only the last value is
 * written, now and then, since each write costs the store a new version of the job's row.
 */
final class LastProgress {

  private final AtomicReference<@Nullable Progress> unwritten = new AtomicReference<>();
  // Held during a write, so that an older value never lands after a newer one, and so that a
  // settlement waits for a write that is under way.
  private final Lock writing = new ReentrantLock();
  private volatile @Nullable Progress last;

  void say(Progress progress) {
    unwritten.set(progress);
    last = progress;
  }

  @Nullable Progress last() {
    return last;
  }

  /**
   * Writes the last progress unless it is written already. If the write fails, it stays unwritten.
   */
  void write(Consumer<Progress> writer) {
    if (last == null) {
      return;
    }
    writing.lock();
    try {
      Progress progress = unwritten.getAndSet(null);
      if (progress != null) {
        write(progress, writer);
      }
    } finally {
      writing.unlock();
    }
  }

  private void write(Progress progress, Consumer<Progress> writer) {
    boolean written = false;
    try {
      writer.accept(progress);
      written = true;
    } finally {
      if (!written) {
        unwritten.compareAndSet(null, progress);
      }
    }
  }
}
