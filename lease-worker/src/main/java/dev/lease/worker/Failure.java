package dev.lease.worker;

import dev.lease.Limits;
import java.util.Optional;

/** A failed attempt, as a {@link RetryPolicy} sees it. Immutable. */
public final class Failure {

  private final int attempt;
  private final int maxAttempts;
  private final Throwable exception;

  private Failure(int attempt, int maxAttempts, Throwable exception) {
    this.attempt = Limits.between("attempt", attempt, 1, Integer.MAX_VALUE);
    this.maxAttempts = Limits.between("maxAttempts", maxAttempts, 1, Integer.MAX_VALUE);
    this.exception = Limits.notNull("exception", exception);
  }

  /**
   * Makes a failure, for example to test a policy.
   *
   * @param attempt the number of the attempt that failed, from 1
   * @param maxAttempts how many attempts the job has, at least 1
   * @param exception what the handler threw
   * @return the failure
   * @throws IllegalArgumentException if a number is less than 1
   */
  public static Failure of(int attempt, int maxAttempts, Throwable exception) {
    return new Failure(attempt, maxAttempts, exception);
  }

  /**
   * The number of the attempt that failed.
   *
   * @return from 1
   */
  public int attempt() {
    return attempt;
  }

  /**
   * How many attempts the job has.
   *
   * @return at least 1
   */
  public int maxAttempts() {
    return maxAttempts;
  }

  /**
   * What the handler threw.
   *
   * @return the exception
   */
  public Throwable exception() {
    return exception;
  }

  /**
   * Looks for a class among what the handler threw and its causes. Executors, steps and libraries
   * wrap exceptions, so the class that matters is often a cause.
   *
   * @param <X> the class
   * @param type the class; its subclasses count too
   * @return the outermost exception of that class, or empty
   */
  public <X> Optional<X> find(Class<X> type) {
    return CauseChain.find(exception, type);
  }
}
