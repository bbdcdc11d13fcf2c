package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Decides when a job is tried again after a failed attempt. The number of attempts belongs to the
 * job. Implementations must be safe for use by many threads.
 */
@FunctionalInterface
public interface RetryPolicy {

  /**
   * Waits 10 seconds, then a minute, then 5 minutes each time; each pause is lengthened at random
   * by up to half. So the last of {@value dev.lease.NewJob#DEFAULT_MAX_ATTEMPTS} attempts begins
   * more than a minute after the first, and a short outage of a service that the handler calls does
   * not use up all attempts.
   */
  RetryPolicy DEFAULT =
      pauses(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(5));

  /**
   * Tells how long the job waits after a failed attempt. If this method throws, {@link #DEFAULT}
   * decides instead.
   *
   * @param attempt the number of the attempt that failed, from 1
   * @param failure what the handler threw
   * @return the pause, which is brought into the range of 0 to 3650 days; empty if another attempt
   *     cannot help, in which case the job is FAILED at once
   */
  Optional<Duration> pauseAfter(int attempt, Throwable failure);

  /**
   * Makes a policy with these pauses. Each pause is lengthened at random by up to half, so that
   * jobs which failed together do not come back together.
   *
   * @param first the shortest pause before the second attempt
   * @param further the shortest pauses before the attempts after it; the last one applies to all
   *     that follow
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
   * Makes a policy of exponential backoff with full jitter, as in M. Brooker, "Exponential Backoff
   * And Jitter" (2015). The pause before the second attempt is a random time from 0 to {@code
   * first}. Before each further attempt the upper bound doubles, up to {@code max} [W09].
   *
   * @param first the longest pause before the second attempt, more than 0
   * @param max the longest pause before any attempt, from {@code first} to 3650 days
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
      // Compared by a shift to the right, since a shift to the left could overflow.
      long cap = firstNanos > maxNanos >> doublings ? maxNanos : firstNanos << doublings;
      return Optional.of(Duration.ofNanos(ThreadLocalRandom.current().nextLong(cap + 1)));
    };
  }

  /**
   * The same policy, except that a job is FAILED at once if one of these exceptions is thrown, or
   * is among the causes of what was thrown.
   *
   * @param fatal classes of exceptions; their subclasses count too
   * @return the policy
   * @throws IllegalArgumentException if one of them is not a subclass of {@link Throwable}
   */
  default RetryPolicy neverRetryOn(Class<?>... fatal) {
    List<Class<?>> types = List.of(fatal);
    for (Class<?> type : types) {
      if (!Throwable.class.isAssignableFrom(type)) {
        throw new IllegalArgumentException(type.getName() + " is not a class of exceptions");
      }
    }
    return (attempt, failure) ->
        CauseChain.contains(failure, types) ? Optional.empty() : pauseAfter(attempt, failure);
  }
}
