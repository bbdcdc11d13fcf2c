package dev.lease.jdbc;

/**
 * What connections are for. Each lane has a number of its own, so that calls which hang in one take
 * no connection from those in another. Of a user's connections the store takes few, so several
 * lanes share them: those that keep leases, those that claim and settle, and all others.
 */
enum Lane {
  CLAIMING(4),
  EXTENDING(4),
  SETTLING(4),
  /**
   * Named leases, but for their renewals: trips of acquisitions, at most three at once, and of
   * releases, as many. Reads, and calls for a locked name, share these places.
   */
  LEASES(6),
  RENEWING(2),
  /** Single jobs to enqueue: trips that several callers share, and jobs that met a lock. */
  ENQUEUEING(4),
  /** Calls of operators, and purges and resets of workers: some read or remove very many jobs. */
  OPERATORS(2),
  /** Notifications, looks for what callers commit, sweeps and looks at the clock: a thread each. */
  BACKGROUND(3),
  /** All other calls, {@code poolSize} at a time: batches, steps, progress, reads of one job. */
  OTHERS(0);

  private final int calls;

  Lane(int calls) {
    this.calls = calls;
  }

  /**
   * The lane whose connections it uses.
   *
   * @param own whether the connections are the store's own, and not a user's
   */
  Lane shared(boolean own) {
    if (own) {
      return this;
    }
    return switch (this) {
      case CLAIMING, SETTLING -> CLAIMING;
      case EXTENDING, RENEWING -> EXTENDING;
      case LEASES, ENQUEUEING, OPERATORS, BACKGROUND, OTHERS -> OTHERS;
    };
  }

  /** How many connections it has, if it shares those of no other lane. */
  int size(JdbcConfig config, boolean own) {
    if (this == OTHERS) {
      return config.poolSize();
    }
    return own ? calls : 1;
  }
}
