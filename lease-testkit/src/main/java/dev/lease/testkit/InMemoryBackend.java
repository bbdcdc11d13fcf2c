package dev.lease.testkit;

import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.time.InstantSource;

/**
 * The reference store: leases and jobs in memory, under one lock, for tests.
 *
 * <p>Its code is to read like the contract. It is correct before it is fast: a claim sorts all jobs
 * of its queue. Its unit of time is the microsecond.
 */
public final class InMemoryBackend implements AutoCloseable {

  private final InMemoryData data;
  private final InMemorySession session;

  /**
   * Makes an empty store.
   *
   * @param clock the store's clock: a {@link ManualClock}, or {@link InstantSource#system()}
   */
  public InMemoryBackend(InstantSource clock) {
    this(new InMemoryData(Limits.notNull("clock", clock)));
  }

  private InMemoryBackend(InMemoryData data) {
    this.data = data;
    this.session = new InMemorySession(data);
  }

  /**
   * Opens a second backend object on the same data, as another process would. The data live as long
   * as one of them is reachable, so that closing one and opening another is a restart.
   *
   * @return another backend, open even if this one is closed
   */
  public InMemoryBackend again() {
    return new InMemoryBackend(data);
  }

  /**
   * The named leases.
   *
   * @return a lease store
   */
  public LeaseStore leaseStore() {
    return new InMemoryLeaseStore(session);
  }

  /**
   * The queues, as workers use them.
   *
   * @return a job queue, which gives hints
   */
  public JobQueue jobQueue() {
    return new InMemoryJobQueue(session);
  }

  /**
   * The queues, as operators use them.
   *
   * @return a job admin; finished jobs are kept for 24 hours if DONE, else for 7 days
   */
  public JobAdmin jobAdmin() {
    return new InMemoryJobAdmin(session);
  }

  /** Ends this backend object and its hints; it releases no lease, and the data stay. */
  @Override
  public void close() {
    session.close();
  }
}
