package dev.lease;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** How the opening of a store goes on if the store is down at first. For authors of stores. */
public final class Opening {

  /** Between two tries, so that many processes do not come back at once. */
  private static final long SHORTEST_PAUSE_NANOS = 500_000_000;

  private static final long LONGEST_PAUSE_NANOS = 1_500_000_000;

  private Opening() {}

  /**
   * Opens a store; again, about a second after each try that failed, as long as it is down and the
   * time is not over. No try begins later, and one may last as long as it takes. An interrupt ends
   * the wait between two tries, and stays set. Safe for use by many threads.
   *
   * @param time for how long to try again, 0 to 3650 days; 0 for one try
   * @param isDown whether a failure may pass by itself
   * @param warn takes one line, after the first failure
   * @param opening one try
   * @param <T> what is opened
   * @return what the first try that succeeds returns
   * @throws StoreException that of a try after which no other may help; or with that of the last
   *     try as its cause, and a message that says why no other followed
   * @throws IllegalArgumentException if the time is out of its range
   */
  public static <T> T retry(
      Duration time, Predicate<StoreException> isDown, Consumer<String> warn, Supplier<T> opening) {
    Limits.between("time", time, Duration.ZERO, Limits.MAX_DELAY);
    long start = System.nanoTime();
    boolean told = false;
    while (true) {
      try {
        return opening.get();
      } catch (StoreException e) {
        if (time.isZero() || !isDown.test(e)) {
          throw e;
        }
        long passed = System.nanoTime() - start;
        long left = time.toNanos() - passed;
        if (left <= 0) {
          throw StoreException.notDone(
              e.getMessage()
                  + "; it was tried for "
                  + Limits.shown(Duration.ofNanos(passed))
                  + ", and the openingTime is "
                  + Limits.shown(time),
              e);
        }
        if (!told) {
          told = true;
          warn.accept(
              e.getMessage()
                  + ". Opening tries again about each second, for up to "
                  + Limits.shown(time)
                  + " (openingTime)");
        }
        pause(left, e);
      }
    }
  }

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
