package dev.lease.jdbc;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes old rows as a side effect of calls, one batch a minute. If there may be more, the next
 * call removes the next batch, so that rows go as fast as they come.
 */
final class Sweep {

  private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Logger log = LoggerFactory.getLogger(Sweep.class);

  private final String what;
  private final int limit;
  private final Executor background;

  /** When the next batch is due. A test sets it instead of waiting for a minute. */
  final AtomicLong next = new AtomicLong(System.nanoTime() + EVERY_NANOS);

  /**
   * Makes a sweep.
   *
   * @param what what it removes, for the log
   * @param limit how many rows a batch may have
   * @param background runs the batches
   */
  Sweep(String what, int limit, Executor background) {
    this.what = what;
    this.limit = limit;
    this.background = background;
  }

  /**
   * Removes a batch if it is time.
   *
   * @param batch removes a batch, and returns how many rows it had: as many as the limit if there
   *     may be more to remove
   */
  void nowAndThen(IntSupplier batch) {
    long due = next.get();
    long now = System.nanoTime();
    if (now - due >= 0 && next.compareAndSet(due, now + EVERY_NANOS)) {
      background.execute(() -> remove(batch, now));
    }
  }

  private void remove(IntSupplier batch, long now) {
    try {
      if (batch.getAsInt() == limit) {
        next.set(now);
      }
    } catch (RuntimeException e) {
      // The caller's own call must not fail because of this.
      log.debug("Cannot remove old {}, trying again in a minute: {}", what, Database.reason(e));
    }
  }
}
