package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * When a job whose attempt failed is tried again: exponential backoff with full jitter, as in M.
 * Brooker, "Exponential Backoff And Jitter" (2015). How many attempts a job has is said by the job.
 *
 * @param first the most that the second attempt waits, more than 0
 * @param max the most that any attempt waits, from {@code first} to 3650 days
 * @param fatal exceptions that no further attempt can help, which end the job FAILED at once; their
 *     subclasses too
 */
public record RetryPolicy(Duration first, Duration max, List<Class<? extends Throwable>> fatal) {

  /** At most 1 second before the second attempt, doubled each time, at most 5 minutes. */
  public static final RetryPolicy DEFAULT =
      exponential(Duration.ofSeconds(1), Duration.ofMinutes(5));

  /** Checks the ranges and copies the list. */
  public RetryPolicy {
    Limits.delay("max", max);
    Limits.notNull("first", first);
    if (first.isNegative() || first.isZero() || first.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          "first must be more than 0 and at most max (" + max + "), was " + first);
    }
    fatal = List.copyOf(Limits.notNull("fatal", fatal));
  }

  /**
   * Waits at most {@code first} before the second attempt, twice as long at most before each
   * further one, and never longer than {@code max}.
   *
   * @param first the most that the second attempt waits
   * @param max the most that any attempt waits
   * @return the policy
   */
  public static RetryPolicy exponential(Duration first, Duration max) {
    return new RetryPolicy(first, max, List.of());
  }

  /**
   * The same policy with these exceptions, and only these, as the ones that end the job at once.
   *
   * @param fatal the exceptions; their subclasses too
   * @return the policy
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // The array is copied, never written.
  public final RetryPolicy neverRetryOn(Class<? extends Throwable>... fatal) {
    return new RetryPolicy(first, max, List.of(fatal));
  }

  /**
   * Tells whether another attempt may help.
   *
   * @param failure what the handler threw
   * @return false if it is one of the {@link #fatal} exceptions
   */
  public boolean retries(Throwable failure) {
    return fatal.stream().noneMatch(type -> type.isInstance(failure));
  }

  /**
   * The most that the job waits after an attempt: doubles with each, up to {@link #max} [W09].
   *
   * @param attempt the attempt that failed, from 1
   * @return the most that it waits
   */
  public Duration cap(int attempt) {
    Limits.between("attempt", attempt, 1, Integer.MAX_VALUE);
    long firstNanos = first.toNanos();
    int doublings = Math.min(attempt - 1, Long.SIZE - 2);
    // Compared by a shift to the right: the shift to the left would overflow into a negative delay.
    return firstNanos > max.toNanos() >> doublings
        ? max
        : Duration.ofNanos(firstNanos << doublings);
  }

  /**
   * How long the job waits after an attempt: anything from 0 to {@link #cap}, both included [W09].
   *
   * @param attempt the attempt that failed, from 1
   * @param random where the jitter comes from
   * @return the delay, never negative
   */
  public Duration delay(int attempt, RandomGenerator random) {
    return Duration.ofNanos(random.nextLong(cap(attempt).toNanos() + 1));
  }
}
