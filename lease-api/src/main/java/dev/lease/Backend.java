package dev.lease;

import java.time.Duration;

/**
 * A store that is open: its parts, and how long a call of one may last. Stores implement it; users
 * only call it. Safe for use by many threads.
 */
public interface Backend extends AutoCloseable {

  /**
   * The named leases.
   *
   * @return the part; it is closed with this
   */
  LeaseStore leaseStore();

  /**
   * The queues of jobs.
   *
   * @return the part; it is closed with this
   */
  JobQueue jobQueue();

  /**
   * What operators do with jobs.
   *
   * @return the part; it is closed with this
   */
  JobAdmin jobAdmin();

  /**
   * How long a call of a part lasts at most: within this time it returns or throws, whatever the
   * server, the network or another transaction does [L31]. An extension of job leases, and a
   * renewal of a named one, last no longer than a third of the lease either, or than a second if
   * that is more. A worker gives a call up that lasts longer.
   *
   * @return a time greater than zero
   */
  Duration longestCall();

  /** Closes the store. Releases no lease; a second close does nothing [L26]. */
  @Override
  void close();
}
