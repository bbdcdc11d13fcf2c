package dev.lease;

/**
 * The order of a list of jobs. A store refuses an order that it does not know [Q83]. More may come:
 * a switch needs a default.
 */
public enum JobOrder {
  /**
   * The order in which the jobs of a queue were enqueued. Over several queues it holds as far as
   * the store has such an order.
   */
  OLDEST_FIRST,
  /** The reverse order. */
  NEWEST_FIRST,
  /**
   * Finished jobs only: the one that finished last comes first. Of those that finished at the same
   * time, the one that was enqueued last comes first, if the store has that order [Q85].
   */
  LAST_FINISHED_FIRST,
  /**
   * An order that no store knows. The conformance kit asks for it, to see that a store refuses what
   * a later version of Lease may add.
   */
  UNKNOWN
}
