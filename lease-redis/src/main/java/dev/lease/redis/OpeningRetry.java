package dev.lease.redis;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens a store that is down at first, as the setting {@code openingTime} asks. */
final class OpeningRetry {

  private static final Logger log = LoggerFactory.getLogger(OpeningRetry.class);

  /** Between them, so that many processes do not come back at once. */
  private static final long SHORTEST_PAUSE_NANOS = 500_000_000;

  private static final long LONGEST_PAUSE_NANOS = 1_500_000_000;

  private OpeningRetry() {}

  /**
   * Opens a store; again and again, as long as it is down and the time is not over.
   *
   * @param time 0 for one try
   * @param isDown whether a failure may pass by itself
   */
  static <T> T open(Duration time, Predicate<StoreException> isDown, Supplier<T> opening) {
    long start = System.nanoTime();
    boolean told = false;
    while (true) {
      try {
        return opening.get();
      } catch (StoreException e) {
        if (time.isZero() || !isDown.test(e)) {
          throw e;
        }
        long left = time.toNanos() - (System.nanoTime() - start);
        if (left <= 0) {
          throw StoreException.notDone(
              e.getMessage() + "; it was tried for " + Limits.shown(time) + " (openingTime)", e);
        }
        if (!told) {
          told = true;
          log.warn(
              "{}. Opening tries again about each second, for up to {} (openingTime)",
              e.getMessage(),
              Limits.shown(time));
        }
        pause(left, e);
      }
    }
  }

  /** The last try is made when the time is over. */
  private static void pause(long left, StoreException failure) {
    long nanos = ThreadLocalRandom.current().nextLong(SHORTEST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
    try {
      TimeUnit.NANOSECONDS.sleep(Math.min(left, nanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StoreException.notDone(
          failure.getMessage() + "; the thread was interrupted before it was tried again", failure);
    }
  }
}
