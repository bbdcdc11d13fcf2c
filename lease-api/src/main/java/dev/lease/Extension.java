package dev.lease;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What became of one lease that was to be extended [Q22, Q23]. */
public sealed interface Extension {

  /**
   * The lease is held on.
   *
   * <p>Stores make it with {@link #of}, so that it can gain parts.
   */
  final class Held implements Extension {

    private final Instant expiresAt;
    private final boolean cancelRequested;

    private Held(Instant expiresAt, boolean cancelRequested) {
      this.expiresAt = Limits.notNull("expiresAt", expiresAt);
      this.cancelRequested = cancelRequested;
    }

    /**
     * Makes an answer.
     *
     * @param expiresAt the new end of the lease by the store's clock
     * @param cancelRequested whether somebody asked for the job to be cancelled
     * @return the answer
     */
    public static Held of(Instant expiresAt, boolean cancelRequested) {
      return new Held(expiresAt, cancelRequested);
    }

    /**
     * The new end of the lease by the store's clock, for display.
     *
     * @return the time
     */
    public Instant expiresAt() {
      return expiresAt;
    }

    /**
     * Whether somebody asked for the job to be cancelled [Q38].
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
   * A transaction holds the job at this moment, or the store cannot be asked about it while it
   * answers about others, so the lease was neither extended nor found lost. The caller asks again
   * soon.
   */
  record Busy() implements Extension {}
}
