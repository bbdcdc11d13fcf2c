package dev.lease.jdbc;

/**
 * What connections are for. Each lane has a number of its own, so that calls which hang in one take
 * no connection from those in another.
 */
enum Lane {
  CLAIMING(4, false),
  EXTENDING(4, false),
  SETTLING(4, true),
  /**
   * Named leases, but for their renewals: trips of acquisitions, at most three at once, and of
   * releases, as many. Reads, and calls for a locked name, share these places.
   */
  LEASES(6, true),
  RENEWING(2, true),
  /** The trips that several callers share to enqueue single jobs. */
  ENQUEUEING(4, true),
  /** All other calls, {@code poolSize} at a time: batches, steps, progress, reads, operators. */
  OTHERS(0, false);

  private final int calls;
  private final boolean brief;

  Lane(int calls, boolean brief) {
    this.calls = calls;
    this.brief = brief;
  }

  /**
   * How many connections it has; 0 if it shares those of the lane before it.
   *
   * @param config the configuration of the store
   * @param own whether the connections are the store's own; of a user's it takes fewer
   */
  int size(JdbcConfig config, boolean own) {
    if (this == OTHERS) {
      return config.poolSize();
    }
    if (this == RENEWING && !own) {
      return 0;
    }
    return own ? calls : 1;
  }

  /** Whether its statements soon give up on a row that another transaction has locked. */
  boolean brief() {
    return brief;
  }
}
