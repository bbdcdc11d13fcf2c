package dev.lease.jdbc;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes old rows in passing, one batch a minute; the next one goes at once where there may be
 * more, so that rows go as fast as they come.
 */
final class Sweep {

  private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Logger log = LoggerFactory.getLogger(Sweep.class);

  private final String what;
  private final int limit;

  /** When the next batch is due; a test sets it, which would not wait for a minute. */
  final AtomicLong next = new AtomicLong(System.nanoTime() + EVERY_NANOS);

  /**
   * A sweep.
   *
   * @param what what it removes, for the log
   * @param limit how many a batch may be
   */
  Sweep(String what, int limit) {
    this.what = what;
    this.limit = limit;
  }

  /** Removes a batch if it is time; the batch tells how many it removed. */
  void nowAndThen(IntSupplier batch) {
    long due = next.get();
    long now = System.nanoTime();
    if (now - due >= 0 && next.compareAndSet(due, now + EVERY_NANOS)) {
      try {
        if (batch.getAsInt() == limit) {
          next.set(now);
        }
      } catch (RuntimeException e) {
        // What the caller came for does not fail for it.
        log.debug("could not sweep {}: {}", what, e.getMessage());
      }
    }
  }
}
