package dev.lease;

import java.time.Instant;

/** What became of one lease that was to be extended [Q22, Q23]. */
public sealed interface Extension {

  /**
   * The lease is held on.
   *
   * @param expiresAt its new end by the store's clock, for display
   * @param cancelRequested true if somebody asked for the job to be cancelled [Q38]
   */
  record Held(Instant expiresAt, boolean cancelRequested) implements Extension {}

  /** The lease is lost: expired, claimed again, reset, settled or deleted. Nothing was changed. */
  record Lost() implements Extension {}

  /**
   * A transaction holds the job at this moment, or the store cannot be asked about it while it
   * answers about others, so the lease was neither extended nor found lost. The caller asks again
   * soon.
   */
  record Busy() implements Extension {}
}
