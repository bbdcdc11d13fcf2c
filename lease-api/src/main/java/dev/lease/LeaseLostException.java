package dev.lease;

/**
 * The caller no longer holds the lease under which it acted. Nothing was changed.
 *
 * <p>It is thrown where a caller must not overlook the answer <em>lost</em>: inside the caller's
 * transaction, so that the transaction rolls back [Q31], and by checks that a handler calls.
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
