package dev.lease;

import org.jspecify.annotations.Nullable;

/**
 * The store could not answer: it cannot be reached, it refused, or a reply was lost [L22].
 *
 * <p>No expected outcome such as "held by somebody else", "lost" or "no work" is a StoreException.
 * If the {@linkplain #isOutcomeUnknown() outcome is unknown}, any part of a batch may have been
 * carried out; repeating the batch is safe, an enqueue for as long as the store {@linkplain
 * JobQueue#enqueue remembers ids} [Q02].
 */
public final class StoreException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private enum Kind {
    NOT_DONE,
    BUSY,
    OUTCOME_UNKNOWN
  }

  /** What is known of the effect. */
  private final Kind kind;

  private StoreException(String message, @Nullable Throwable cause, Kind kind) {
    super(message, cause);
    this.kind = kind;
  }

  /**
   * Creates the exception of a call that changed nothing.
   *
   * @param message what was tried and why it did not work, without secrets
   * @param cause the error of the store, if there was one
   * @return the exception
   */
  public static StoreException notDone(String message, @Nullable Throwable cause) {
    return new StoreException(message, cause, Kind.NOT_DONE);
  }

  /**
   * Creates the exception of a call that changed nothing because a transaction of somebody else
   * kept what it needs locked.
   *
   * @param message what was tried and what was locked, without secrets
   * @param cause the error of the store, if there was one
   * @return the exception
   */
  public static StoreException busy(String message, @Nullable Throwable cause) {
    return new StoreException(message, cause, Kind.BUSY);
  }

  /**
   * Creates the exception of a call that may have been carried out: a reply was lost, or the
   * connection broke during a commit.
   *
   * @param message what was tried and why its outcome is not known, without secrets
   * @param cause the error of the store, if there was one
   * @return the exception
   */
  public static StoreException outcomeUnknown(String message, @Nullable Throwable cause) {
    return new StoreException(message, cause, Kind.OUTCOME_UNKNOWN);
  }

  /**
   * Tells whether the call may have been carried out.
   *
   * @return true if the outcome is unknown, false if nothing was changed
   */
  public boolean isOutcomeUnknown() {
    return kind == Kind.OUTCOME_UNKNOWN;
  }

  /**
   * Tells whether the store works, but a transaction kept what the call needs locked. Nothing was
   * changed, and the call succeeds once that transaction has ended.
   *
   * @return true if so
   */
  public boolean isBusy() {
    return kind == Kind.BUSY;
  }
}
