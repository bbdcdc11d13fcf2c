package dev.lease;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An attempt at a job that failed, or whose lease expired.
 *
 * <p>Stores create it with {@link #builder}, so that fields can be added later.
 */
public final class FailedAttempt {

  private final int attempt;
  private final String owner;
  private final long token;
  private final @Nullable Instant claimedAt;
  private final Instant at;
  private final String error;

  private FailedAttempt(Builder builder) {
    attempt = builder.attempt;
    owner = Limits.notNull("owner", builder.owner);
    token = builder.token;
    claimedAt = builder.claimedAt;
    at = Limits.notNull("at", builder.at);
    error = Limits.attemptErrorText(builder.error);
  }

  /**
   * Starts a builder.
   *
   * @param attempt which attempt it was, from 1
   * @param owner the worker that held the job
   * @param token the token of its claim
   * @param at when it failed, or when a claim or a reset met its expired lease
   * @return a builder
   */
  public static Builder builder(int attempt, String owner, long token, Instant at) {
    return new Builder(attempt, owner, token, at);
  }

  /** {@return which attempt it was, from 1; after a requeue the numbers start again at 1} */
  public int attempt() {
    return attempt;
  }

  /** {@return the owner name of the worker that held the job} */
  public String owner() {
    return owner;
  }

  /** {@return the token of its claim, by which logs and fences name the attempt} */
  public long token() {
    return token;
  }

  /**
   * When the job was claimed for this attempt, by the store's clock, as {@link Job#claimedAt} tells
   * it. It can be later than {@link #at}, if that clock was set back.
   *
   * @return the time, or null if the store cannot tell
   */
  public @Nullable Instant claimedAt() {
    return claimedAt;
  }

  /**
   * {@return when it failed, or when a claim or a reset met its expired lease, by the store's
   * clock}
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
        && token == that.token
        && Objects.equals(claimedAt, that.claimedAt)
        && at.equals(that.at)
        && error.equals(that.error);
  }

  @Override
  public int hashCode() {
    return Objects.hash(attempt, owner, token, claimedAt, at, error);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "FailedAttempt[attempt="
        + attempt
        + ", owner="
        + owner
        + ", token="
        + token
        + ", claimedAt="
        + claimedAt
        + ", at="
        + at
        + ", error="
        + error
        + "]";
  }

  /** Builds a {@link FailedAttempt}; not for use by several threads. */
  public static final class Builder {
    private final int attempt;
    private final String owner;
    private final long token;
    private final Instant at;
    private @Nullable Instant claimedAt;
    private @Nullable String error;

    private Builder(int attempt, String owner, long token, Instant at) {
      this.attempt = attempt;
      this.owner = owner;
      this.token = token;
      this.at = at;
    }

    /**
     * Sets when the job was claimed. A store whose tokens follow the recipe of policy 2 takes
     * {@link Micros#ofToken}.
     *
     * @param claimedAt the time, or null if the store cannot tell
     * @return this
     */
    public Builder claimedAt(@Nullable Instant claimedAt) {
      this.claimedAt = claimedAt;
      return this;
    }

    /**
     * Sets why it failed.
     *
     * @param error the error; cut to {@value Limits#MAX_ATTEMPT_ERROR_CHARS} characters
     * @return this
     */
    public Builder error(@Nullable String error) {
      this.error = error;
      return this;
    }

    /**
     * Builds the failed attempt.
     *
     * @return the failed attempt
     */
    public FailedAttempt build() {
      return new FailedAttempt(this);
    }
  }
}
