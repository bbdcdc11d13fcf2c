package dev.lease.worker;

import dev.lease.Progress;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The progress of one job: said as often as the handler likes, written now and then [J16]. */
final class LastProgress {

  private final AtomicReference<@Nullable Progress> unwritten = new AtomicReference<>();
  // Held during a write, so that an older value never lands after a newer one, and so that who
  // settles the job waits for a write that is on its way.
  private final Lock writing = new ReentrantLock();
  private volatile @Nullable Progress last;

  void say(Progress progress) {
    unwritten.set(progress);
    last = progress;
  }

  @Nullable Progress last() {
    return last;
  }

  /** Writes what was said last, if it is not written yet. What could not be written stays so. */
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
