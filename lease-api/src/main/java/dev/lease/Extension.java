package dev.lease;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The answer to the extension of one lease [Q22, Q23]. */
public sealed interface Extension {

  /**
   * The lease is extended.
   *
   * <p>Stores create it with {@link #of}, so that fields can be added later.
   */
  final class Held implements Extension {

    private final Instant expiresAt;
    private final boolean cancelRequested;

    private Held(Instant expiresAt, boolean cancelRequested) {
      this.expiresAt = Limits.notNull("expiresAt", expiresAt);
      this.cancelRequested = cancelRequested;
    }

    /**
     * Creates an answer.
     *
     * @param expiresAt the new expiry of the lease by the store's clock
     * @param cancelRequested whether somebody asked to cancel the job
     * @return the answer
     */
    public static Held of(Instant expiresAt, boolean cancelRequested) {
      return new Held(expiresAt, cancelRequested);
    }

    /**
     * The new expiry of the lease by the store's clock, for display.
     *
     * @return the time
     */
    public Instant expiresAt() {
      return expiresAt;
    }

    /**
     * Whether somebody asked to cancel the job [Q38].
     *
     * @return true if so
     */
    public boolean cancelRequested() {
      return cancelRequested;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Held that
          && expiresAt.equals(that.expiresAt)
          && cancelRequested == that.cancelRequested;
    }

    @Override
    public int hashCode() {
      return Objects.hash(expiresAt, cancelRequested);
    }

    /** For log messages and failing tests. */
    @Override
    public String toString() {
      return "Held[expiresAt=" + expiresAt + ", cancelRequested=" + cancelRequested + "]";
    }
  }

  /** The lease is lost: expired, claimed again, reset, settled or deleted. Nothing was changed. */
  record Lost() implements Extension {}

  /**
   * The lease is neither extended nor lost: a transaction has locked the job's row at this moment,
   * or the part of the store that has the job cannot be reached while the others answer. The caller
   * tries again soon.
   */
  record Busy() implements Extension {}
}
