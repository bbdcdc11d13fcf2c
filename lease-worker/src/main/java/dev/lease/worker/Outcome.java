package dev.lease.worker;

import dev.lease.Limits;
import java.io.Serializable;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a job after an attempt that did not do the work. A handler says it by throwing
 * it, together with a reason:
 *
 * <pre>{@code
 * if (response.status() == 429) {
 *   throw Outcome.retryAfter(response.retryAfter()).because("too many requests");
 * }
 * }</pre>
 *
 * <p>A {@link RetryPolicy} returns an outcome for every other exception. Immutable.
 *
 * <p>The outcomes are those of River's errors and Oban's return values, where a snooze does not
 * count either.
 */
public final class Outcome implements Serializable {

  private static final long serialVersionUID = 1L;

  /**
   * The kinds of outcomes, each with the method that makes it. More may come, so a switch over them
   * needs a default.
   */
  public enum Kind {
    /** {@link Outcome#retryAfter}. */
    RETRY,
    /** {@link Outcome#snooze}. */
    SNOOZE,
    /** {@link Outcome#closeKey}. */
    CLOSE_KEY,
    /** {@link Outcome#discard}. */
    DISCARD,
    /** {@link Outcome#fail}. */
    FAIL
  }

  private static final Duration SHORTEST_SNOOZE = Duration.ofMillis(1);
  private static final Outcome DISCARD = new Outcome(Kind.DISCARD, Duration.ZERO);
  private static final Outcome FAIL = new Outcome(Kind.FAIL, Duration.ZERO);

  /** What becomes of the job. */
  private final Kind kind;

  /** How long it waits; 0 if it does not. */
  private final Duration delay;

  private Outcome(Kind kind, Duration delay) {
    this.kind = kind;
    this.delay = delay;
  }

  /**
   * The attempt failed and counts. The job becomes RETRY and is due again after this time. If this
   * was its last failure, it becomes FAILED [Q32].
   *
   * @param delay how long the job waits, 0 to 3650 days
   * @return the outcome
   * @throws IllegalArgumentException if the delay is outside its range
   */
  public static Outcome retryAfter(Duration delay) {
    return new Outcome(Kind.RETRY, Limits.delay("delay", delay));
  }

  /**
   * The work cannot be done yet, for example because a customer has too many orders under way. The
   * attempt does not count, and the next one has the same number, so a job may be snoozed any
   * number of times. Nothing is logged above DEBUG [Q35].
   *
   * @param delay how long the job waits, 1 millisecond to 3650 days
   * @return the outcome
   * @throws IllegalArgumentException if the delay is outside its range
   */
  public static Outcome snooze(Duration delay) {
    return waiting(Kind.SNOOZE, delay);
  }

  /**
   * No job of this key can be done yet, for example because a partner has asked for a pause. The
   * key of the job is closed: those of it that wait start after this time at the earliest [Q95].
   * The job itself is snoozed for as long. If it is not in order, those that wait come before it.
   *
   * <p>If the store does not close the key within a second, the job is snoozed all the same, and
   * the log says so: the next job of the key finds out itself. If the job has no key, the attempt
   * fails, and {@link RetryPolicy#DEFAULT} decides when the next one is.
   *
   * @param delay how long no job of the key starts, 1 millisecond to 3650 days
   * @return the outcome
   * @throws IllegalArgumentException if the delay is outside its range
   */
  public static Outcome closeKey(Duration delay) {
    return waiting(Kind.CLOSE_KEY, delay);
  }

  private static Outcome waiting(Kind kind, Duration delay) {
    return new Outcome(kind, Limits.between("delay", delay, SHORTEST_SNOOZE, Limits.MAX_DELAY));
  }

  /**
   * There is nothing left to do, for example because the order is too old. The job becomes
   * CANCELLED, with the reason as its error, whatever attempts it has had. It is no failure.
   *
   * @return the outcome
   */
  public static Outcome discard() {
    return DISCARD;
  }

  /**
   * The work cannot be done, and trying it again cannot help. The job becomes FAILED, even if it
   * could fail more often.
   *
   * @return the outcome
   */
  public static Outcome fail() {
    return FAIL;
  }

  /**
   * The exception with which a handler says this outcome. {@link JobContext#step} and executors may
   * wrap it: it is found among the causes.
   *
   * @param reason why, for the log and the job's error
   * @return the exception, to be thrown
   */
  public OutcomeException because(String reason) {
    return new OutcomeException(this, reason, null);
  }

  /**
   * The exception with which a handler says this outcome, with a cause.
   *
   * @param reason why, for the log and the job's error
   * @param cause what led to it
   * @return the exception, to be thrown
   */
  public OutcomeException because(String reason, @Nullable Throwable cause) {
    return new OutcomeException(this, reason, cause);
  }

  /**
   * The outcome that a handler said by what it threw, for interceptors. The worker obeys the same
   * one; for an exception that says none it asks the {@link RetryPolicy}.
   *
   * @param exception what the handler threw
   * @return the outcome of the outermost {@link OutcomeException} among the exception and its
   *     causes, or empty if there is none
   */
  public static Optional<Outcome> saidBy(Throwable exception) {
    return CauseChain.find(Limits.notNull("exception", exception), OutcomeException.class)
        .map(OutcomeException::outcome);
  }

  /** {@return which kind this is} */
  public Kind kind() {
    return kind;
  }

  /**
   * How long the job waits, for example so that a policy can lengthen what another one decided.
   *
   * @return the time; zero if this kind has none
   */
  public Duration delay() {
    return delay;
  }

  /** Whether the job waits, and the attempt does not count. */
  boolean isSnooze() {
    return kind == Kind.SNOOZE || kind == Kind.CLOSE_KEY;
  }

  /** Whether the job finishes with this attempt. */
  boolean finishesJob() {
    return kind == Kind.DISCARD || kind == Kind.FAIL;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Outcome that && kind == that.kind && delay.equals(that.delay);
  }

  @Override
  public int hashCode() {
    return 31 * kind.hashCode() + delay.hashCode();
  }

  /** For log messages. */
  @Override
  public String toString() {
    return switch (kind) {
      case RETRY -> "retry after " + delay;
      case SNOOZE -> "snooze for " + delay;
      case CLOSE_KEY -> "close the key for " + delay;
      case DISCARD -> "discard";
      case FAIL -> "fail";
    };
  }

  /**
   * Says what becomes of the job whose handler throws this, in place of its {@link RetryPolicy}. A
   * library's exception of your own may extend this class, so that every handler that meets it says
   * the same. If several are among the causes of what a handler throws, the outermost counts.
   *
   * <p>It has no stack trace, since the reason says why: a job that is snoozed often costs little.
   * A cause keeps its own.
   */
  public static class OutcomeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What becomes of the job. */
    private final Outcome outcome;

    /**
     * Makes an exception.
     *
     * @param outcome what becomes of the job
     * @param reason why, for the log and the job's error
     * @param cause what led to it, or null
     */
    public OutcomeException(Outcome outcome, String reason, @Nullable Throwable cause) {
      super(Limits.notNull("reason", reason), cause, true, false);
      this.outcome = Limits.notNull("outcome", outcome);
    }

    /**
     * What becomes of the job.
     *
     * @return the outcome
     */
    public final Outcome outcome() {
      return outcome;
    }

    /**
     * What logs and the job's error say of it.
     *
     * @return the reason; with a class of your own also its name
     */
    @Override
    @SuppressWarnings(
        "OverrideThrowableToString") // The message is the same; the class is left out.
    public String toString() {
      return getClass() == OutcomeException.class ? String.valueOf(getMessage()) : super.toString();
    }
  }
}
