package dev.lease.worker;

import dev.lease.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Says what becomes of the job whose handler throws this, in place of its {@link RetryPolicy}. A
 * library's exception of your own may extend this class, so that every handler that meets it says
 * the same. If several are among the causes of what a handler throws, the outermost counts.
 */
public class OutcomeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Outcome outcome;

  /**
   * Makes an exception.
   *
   * @param outcome what becomes of the job
   * @param reason why, for the log and the job's error
   * @param cause what led to it, or null
   */
  public OutcomeException(Outcome outcome, String reason, @Nullable Throwable cause) {
    super(Limits.notNull("reason", reason), cause);
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
}
