package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.worker.Outcome.OutcomeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Decides what becomes of a job whose handler threw an exception that is no {@link
 * OutcomeException}. A policy belongs to a type of jobs on a worker. It is not asked about a job
 * that crashed: such a job is tried again at once, as often as {@link
 * dev.lease.NewJob.Builder#maxCrashes} allows. Implementations must be safe for use by many
 * threads.
 *
 * <pre>{@code
 * RetryPolicy.exponential(Duration.ofSeconds(5), Duration.ofHours(1))
 *     .neverRetryOn(CardRefused.class)
 *     .on(TooManyRequests.class, e -> Outcome.retryAfter(e.wait()))
 *     .when(failure -> failure.find(SocketTimeoutException.class).isPresent(), RetryPolicy.fixed(SOON));
 * }</pre>
 *
 * <p>What is added last is asked first.
 *
 * <p>Users implement this interface, and a worker calls it. It grows only by methods with a
 * default.
 */
@FunctionalInterface
public interface RetryPolicy {

  /**
   * How often a job may fail that has no number of its own: with this failure the worker settles it
   * as FAILED.
   */
  int DEFAULT_MAX_FAILURES = 30;

  /**
   * Waits 10 seconds, then 1, 5, 15 and 30 minutes, then an hour each time; each pause is
   * lengthened at random by up to half. So the last of {@value #DEFAULT_MAX_FAILURES} attempts
   * begins more than a day after the first: a service that the handler calls may be down for a day,
   * and no job is FAILED because of that.
   */
  RetryPolicy DEFAULT =
      pauses(
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofMinutes(5),
          Duration.ofMinutes(15),
          Duration.ofMinutes(30),
          Duration.ofHours(1));

  /**
   * Decides about one failed attempt. If this method throws or returns null, {@link #DEFAULT}
   * decides instead.
   *
   * @param failure the attempt
   * @return what becomes of the job
   */
  Outcome after(Failure failure);

  /**
   * Makes a policy that always waits the same time. Jobs that failed together come back together;
   * {@link #pauses} spreads them.
   *
   * @param pause the time before each further attempt, 0 to 3650 days
   * @return the policy
   * @throws IllegalArgumentException if the pause is outside its range
   */
  static RetryPolicy fixed(Duration pause) {
    Outcome always = Outcome.retryAfter(pause);
    return failure -> always;
  }

  /**
   * Makes a policy with these pauses. Each pause is lengthened at random by up to half, so that
   * jobs which failed together do not come back together.
   *
   * @param first the shortest pause after the first failure
   * @param further the shortest pauses after the failures that follow; the last one applies to all
   *     further ones
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
    return failure -> {
      Duration pause = all[Math.min(failure.failure(), all.length) - 1];
      long longer = ThreadLocalRandom.current().nextLong(pause.toNanos() / 2 + 1);
      return Outcome.retryAfter(Limits.clampedDelay("pause", pause.plusNanos(longer)));
    };
  }

  /**
   * Makes a policy of exponential backoff with full jitter, as in M. Brooker, "Exponential Backoff
   * And Jitter" (2015). The pause after the first failure is a random time from 0 to {@code first}.
   * After each further failure the upper bound doubles, up to {@code max} [W09].
   *
   * @param first the longest pause after the first failure, more than 0
   * @param max the longest pause after any failure, from {@code first} to 3650 days
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
    return failure -> {
      int doublings = Math.min(failure.failure() - 1, Long.SIZE - 2);
      // Compared by a shift to the right, since a shift to the left could overflow.
      long cap = firstNanos > maxNanos >> doublings ? maxNanos : firstNanos << doublings;
      return Outcome.retryAfter(Duration.ofNanos(ThreadLocalRandom.current().nextLong(cap + 1)));
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
    List<Class<?>> types = Limits.batch("fatal", Arrays.asList(Limits.notNull("fatal", fatal)));
    types.forEach(RetryPolicy::requireException);
    return when(
        failure -> types.stream().anyMatch(type -> failure.find(type).isPresent()),
        failure -> Outcome.fail());
  }

  /**
   * The same policy, except for one class of exceptions.
   *
   * @param <X> the class
   * @param type a class of exceptions that are thrown, or are among the causes of what was thrown;
   *     its subclasses count too
   * @param outcome decides about the outermost exception of that class
   * @return the policy
   * @throws IllegalArgumentException if the class is no subclass of {@link Throwable}
   */
  default <X> RetryPolicy on(Class<X> type, Function<? super X, Outcome> outcome) {
    requireException(Limits.notNull("type", type));
    Limits.notNull("outcome", outcome);
    return failure -> failure.find(type).<Outcome>map(outcome).orElseGet(() -> after(failure));
  }

  /**
   * The same policy, except for some failures.
   *
   * @param test whether the other policy decides
   * @param policy the other policy
   * @return the policy
   */
  default RetryPolicy when(Predicate<Failure> test, RetryPolicy policy) {
    Limits.notNull("test", test);
    Limits.notNull("policy", policy);
    return failure -> test.test(failure) ? policy.after(failure) : after(failure);
  }

  private static void requireException(Class<?> type) {
    if (!Throwable.class.isAssignableFrom(type)) {
      throw new IllegalArgumentException(
          "type must be a class of exceptions, was " + type.getName());
    }
  }
}
