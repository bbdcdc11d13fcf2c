package dev.lease.worker;

import dev.lease.Limits;
import java.util.Optional;

/** A failed attempt, as a {@link RetryPolicy} sees it. Immutable. */
public final class Failure {

  private final int failure;
  private final int attempt;
  private final int maxFailures;
  private final Throwable exception;

  private Failure(int failure, int attempt, int maxFailures, Throwable exception) {
    this.failure = Limits.between("failure", failure, 1, Integer.MAX_VALUE);
    this.attempt = Limits.between("attempt", attempt, failure, Integer.MAX_VALUE);
    this.maxFailures = Limits.between("maxFailures", maxFailures, 1, Integer.MAX_VALUE);
    this.exception = Limits.notNull("exception", exception);
  }

  /**
   * Makes a failure of a job that never crashed and that has {@value
   * RetryPolicy#DEFAULT_MAX_FAILURES} failures, for example to test a policy.
   *
   * @param failure the number of the failure, from 1
   * @param exception what the handler threw
   * @return the failure
   * @throws IllegalArgumentException if the number is less than 1
   */
  public static Failure of(int failure, Throwable exception) {
    return new Failure(failure, failure, RetryPolicy.DEFAULT_MAX_FAILURES, exception);
  }

  /**
   * The same failure of another attempt.
   *
   * @param attempt the number of the attempt that failed, at least that of the failure
   * @return the failure
   * @throws IllegalArgumentException if the number is less
   */
  public Failure withAttempt(int attempt) {
    return new Failure(failure, attempt, maxFailures, exception);
  }

  /**
   * The same failure of a job that may fail another number of times.
   *
   * @param maxFailures at least 1
   * @return the failure
   * @throws IllegalArgumentException if the number is less than 1
   */
  public Failure withMaxFailures(int maxFailures) {
    return new Failure(failure, attempt, maxFailures, exception);
  }

  /**
   * The number of this failure. Earlier attempts that crashed do not count.
   *
   * @return from 1
   */
  public int failure() {
    return failure;
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
   * How many failures the job may have, by its own number or by that of the worker. With the last
   * one it becomes FAILED, also if the policy would try it again. A policy may still snooze or
   * discard it.
   *
   * @return at least 1
   */
  public int maxFailures() {
    return maxFailures;
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
