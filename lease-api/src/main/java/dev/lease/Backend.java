package dev.lease;

import java.time.Duration;
import java.util.Set;

/**
 * A store that is open: its parts, what it can do, and how long a call may last. Stores implement
 * it; everybody else only calls it. It grows by methods with a default. Safe for use by many
 * threads.
 */
public interface Backend extends AutoCloseable {

  /**
   * What this store can do. It never changes.
   *
   * @return the capabilities, unmodifiable
   */
  Set<Capability> capabilities();

  /**
   * The named leases.
   *
   * @return the part; it is closed with this
   * @throws UnsupportedOperationException if the store comes without {@link Capability#LEASES}
   */
  default LeaseStore leaseStore() {
    throw Capability.LEASES.missing("named leases");
  }

  /**
   * The queues of jobs.
   *
   * @return the part; it is closed with this
   * @throws UnsupportedOperationException if the store comes without {@link Capability#JOBS}
   */
  default JobQueue jobQueue() {
    throw Capability.JOBS.missing("queues of jobs");
  }

  /**
   * What operators do with jobs.
   *
   * @return the part; it is closed with this
   * @throws UnsupportedOperationException if the store comes without {@link Capability#ADMIN}
   */
  default JobAdmin jobAdmin() {
    throw Capability.ADMIN.missing("calls for operators");
  }

  /**
   * The limits of keys.
   *
   * @return the part; it is closed with this
   * @throws UnsupportedOperationException if the store comes without {@link Capability#KEYS}
   */
  default Admission admission() {
    throw Capability.KEYS.missing("limits by key");
  }

  /**
   * The graphs of jobs.
   *
   * @return the part; it is closed with this
   * @throws UnsupportedOperationException if the store comes without {@link Capability#GRAPHS}
   */
  default JobGraphs jobGraphs() {
    throw Capability.GRAPHS.missing("graphs of jobs");
  }

  /**
   * How long a call of a part lasts at most: within this time it returns or throws, whatever the
   * server, the network or another transaction does [L31]. An extension of job leases, and a
   * renewal of a named one, last no longer than a third of the lease either, or than a second if
   * that is more. A worker gives a call up that lasts longer.
   *
   * @return a time greater than zero
   */
  Duration longestCall();

  /**
   * The store that has a queue, where this is made of several, such as a {@link
   * dev.lease.router.QueueRouter}. If one of them hangs, the queues of all others go on: a worker
   * counts the calls under way of each apart [W23].
   *
   * @param queue the queue
   * @return the name of its store; the same for all queues where this is one store, as by default
   */
  default String storeOf(String queue) {
    return "";
  }

  /** Closes the store. Releases no lease; a second close does nothing [L26]. */
  @Override
  void close();
}
