package dev.lease;

/**
 * The caller no longer holds the lease under which it acted. The call that throws this has changed
 * nothing; work that ran before it may have.
 *
 * <p>It is thrown where a caller must not overlook the answer <em>lost</em>: inside the caller's
 * transaction, so that the transaction rolls back [Q31], by checks that a handler or a holder
 * calls, and at the end of work that ran under a named lease.
 */
public final class LeaseLostException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message which lease was lost, and which call found out
   */
  public LeaseLostException(String message) {
    super(message);
  }
}
