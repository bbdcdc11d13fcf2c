package dev.lease;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An attempt at a job that failed, or whose lease expired.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class FailedAttempt {

  private final int attempt;
  private final String owner;
  private final Instant at;
  private final String error;

  private FailedAttempt(int attempt, String owner, Instant at, String error) {
    this.attempt = attempt;
    this.owner = owner;
    this.at = at;
    this.error = error;
  }

  /**
   * Creates a failed attempt.
   *
   * @param attempt which attempt it was, from 1
   * @param owner the worker that held the job
   * @param at when it failed, or when a claim or a reset met its expired lease
   * @param error why it failed; cut to {@value Limits#MAX_ATTEMPT_ERROR_CHARS} characters
   * @return the failed attempt
   */
  public static FailedAttempt of(int attempt, String owner, Instant at, @Nullable String error) {
    return new FailedAttempt(
        attempt, owner, Limits.notNull("at", at), Limits.attemptErrorText(error));
  }

  /**
   * Which attempt it was, from 1. After a requeue the numbers start again at 1.
   *
   * @return the attempt
   */
  public int attempt() {
    return attempt;
  }

  /**
   * The worker that held the job.
   *
   * @return its owner name
   */
  public String owner() {
    return owner;
  }

  /**
   * When it failed, or when a claim or a reset met its expired lease, by the store's clock.
   *
   * @return the time
   */
  public Instant at() {
    return at;
  }

  /**
   * Why it failed; {@code lease expired} if its lease expired.
   *
   * @return at most {@value Limits#MAX_ATTEMPT_ERROR_CHARS} characters
   */
  public String error() {
    return error;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FailedAttempt that
        && attempt == that.attempt
        && owner.equals(that.owner)
        && at.equals(that.at)
        && error.equals(that.error);
  }

  @Override
  public int hashCode() {
    return Objects.hash(attempt, owner, at, error);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "FailedAttempt[attempt="
        + attempt
        + ", owner="
        + owner
        + ", at="
        + at
        + ", error="
        + error
        + "]";
  }
}
