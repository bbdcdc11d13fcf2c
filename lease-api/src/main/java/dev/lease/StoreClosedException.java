package dev.lease;

/**
 * The backend object was closed before the call [L26]. No later call succeeds. A worker that meets
 * it stops [W11].
 */
public final class StoreClosedException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public StoreClosedException() {
    super("the backend is closed");
  }
}
