package dev.lease;

/**
 * The caller no longer holds the lease under which it acted.
 *
 * <p>Thrown where the answer <em>lost</em> must not be overlooked: inside a caller's transaction,
 * so that it rolls back [Q31], and by checks that a handler asks for. Nothing was changed.
 */
public final class LeaseLostException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message which lease was lost, and by which call it was found
   */
  public LeaseLostException(String message) {
    super(message);
  }
}
