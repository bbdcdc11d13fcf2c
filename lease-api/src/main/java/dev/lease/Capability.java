package dev.lease;

/**
 * What a store may come without. A store names what it has in {@link Backend#capabilities}, and
 * refuses the rest with an {@link UnsupportedOperationException} before any I/O, so that nobody
 * relies on what is not there. The conformance kit tests both.
 *
 * <p>More kinds may come: a switch needs a default.
 */
public enum Capability {
  /** {@link Backend#leaseStore}: named leases. */
  LEASES,
  /** {@link Backend#jobQueue}: queues of jobs. */
  JOBS,
  /** {@link Backend#jobAdmin}: the calls for operators. */
  ADMIN,
  /** {@link JobAdmin#by}: the records of who did what. */
  AUDIT,
  /** {@link JobQueue#onWork} gives hints of jobs that the same backend object enqueues. */
  HINTS,
  /** It also gives hints of jobs that another backend object on the same data enqueues. */
  HINTS_FROM_OTHERS,
  /** Named leases have notes: the {@code acquire} and {@code renew} that take one [L32]. */
  NOTES,
  /** {@link Backend#admission}: a job may have a {@link NewJob#key}, and keys have limits. */
  KEYS,
  /** {@link Backend#jobGraphs}: jobs that wait for other jobs. */
  GRAPHS;

  /**
   * Makes the exception for a call that needs this, of a store that comes without it.
   *
   * @param what what the store has not, and what cannot be done for that; the message continues
   *     "this store has no" with it
   * @return the exception, to be thrown
   */
  public UnsupportedOperationException missing(String what) {
    return new UnsupportedOperationException(
        "this store has no " + what + " (capability " + this + ")");
  }
}
