package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When a job whose attempt failed is tried again. How many attempts a job has is said by the job: a
 * pause after the last is not asked for. Must be safe for use by many threads.
 */
@FunctionalInterface
public interface RetryPolicy {

  /**
   * Waits 10 seconds, then a minute, then 5 minutes each time, and up to half as much again: the
   * last of {@value dev.lease.NewJob#DEFAULT_MAX_ATTEMPTS} attempts begins more than a minute after
   * the first, so that a short outage of what a handler calls does not end its jobs.
   */
  RetryPolicy DEFAULT =
      pauses(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(5));

  /**
   * Tells how long the job waits after an attempt that failed.
   *
   * @param attempt the attempt that failed, from 1
   * @param failure what the handler threw
   * @return the pause, brought into 0 to 3650 days; empty if no further attempt can help, which
   *     ends the job FAILED at once. If it throws, {@link #DEFAULT} is asked instead
   */
  Optional<Duration> pauseAfter(int attempt, Throwable failure);

  /**
   * Waits as long as said: with jitter, that is up to half as much again, so that jobs which failed
   * together do not come back together.
   *
   * @param first the shortest pause before the second attempt
   * @param further the shortest pauses before those after it; the last holds for all that follow
   * @return the policy
   * @throws IllegalArgumentException if a pause is negative or longer than 3650 days
   */
  static RetryPolicy pauses(Duration first, Duration... further) {
    Duration[] all = new Duration[1 + further.length];
    all[0] = first;
    System.arraycopy(further, 0, all, 1, further.length);
    for (Duration pause : all) {
      Limits.delay("pause", pause);
    }
    return (attempt, failure) -> {
      long pause =
          all[Math.min(Limits.between("attempt", attempt, 1, Integer.MAX_VALUE), all.length) - 1]
              .toNanos();
      return Optional.of(
          Duration.ofNanos(pause).plusNanos(ThreadLocalRandom.current().nextLong(pause / 2 + 1)));
    };
  }

  /**
   * Exponential backoff with full jitter, as in M. Brooker, "Exponential Backoff And Jitter"
   * (2015): waits anything from 0 to {@code first} before the second attempt, with twice as much at
   * most before each further one, and never longer than {@code max} [W09].
   *
   * @param first the most that the second attempt waits, more than 0
   * @param max the most that any attempt waits, from {@code first} to 3650 days
   * @return the policy
   * @throws IllegalArgumentException if a value is outside its range
   */
  static RetryPolicy exponential(Duration first, Duration max) {
    Limits.delay("max", max);
    Limits.notNull("first", first);
    if (first.isNegative() || first.isZero() || first.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          "first must be more than 0 and at most max (" + max + "), was " + first);
    }
    long firstNanos = first.toNanos();
    long maxNanos = max.toNanos();
    return (attempt, failure) -> {
      Limits.between("attempt", attempt, 1, Integer.MAX_VALUE);
      int doublings = Math.min(attempt - 1, Long.SIZE - 2);
      // Compared by a shift to the right: the other one would overflow into a negative pause.
      long cap = firstNanos > maxNanos >> doublings ? maxNanos : firstNanos << doublings;
      return Optional.of(Duration.ofNanos(ThreadLocalRandom.current().nextLong(cap + 1)));
    };
  }

  /**
   * The same policy, and these exceptions end the job at once, also where another wraps them.
   *
   * @param fatal classes of exceptions; their subclasses too
   * @return the policy
   * @throws IllegalArgumentException if one of them is no class of exceptions
   */
  default RetryPolicy neverRetryOn(Class<?>... fatal) {
    List<Class<?>> types = List.of(fatal);
    for (Class<?> type : types) {
      if (!Throwable.class.isAssignableFrom(type)) {
        throw new IllegalArgumentException(type.getName() + " is no class of exceptions");
      }
    }
    return (attempt, failure) ->
        Causes.contain(failure, types) ? Optional.empty() : pauseAfter(attempt, failure);
  }
}
