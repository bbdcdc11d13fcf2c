package dev.lease.worker;

import org.jspecify.annotations.Nullable;

/**
 * The work of a step has failed, in this attempt or in an earlier one, and the failure was kept:
 * see {@link Step#keepFailure}. The cause is what the work threw, in the attempt that ran it; later
 * attempts have no cause.
 */
public final class StepFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The name of the step. */
  private final String step;

  /** The name of the exception's class. */
  private final String failure;

  /** The exception's message, or the empty text. */
  private final String reason;

  StepFailedException(String step, String failure, String reason, @Nullable Throwable cause) {
    super(
        "step \"" + step + "\" has failed: " + failure + (reason.isEmpty() ? "" : ": " + reason),
        cause);
    this.step = step;
    this.failure = failure;
    this.reason = reason;
  }

  /**
   * The name of the step.
   *
   * @return the name
   */
  public String step() {
    return step;
  }

  /**
   * The name of the exception's class.
   *
   * @return the name, as of {@link Class#getName}
   */
  public String failure() {
    return failure;
  }

  /**
   * The exception's message.
   *
   * @return the message, or the empty text
   */
  public String reason() {
    return reason;
  }
}
