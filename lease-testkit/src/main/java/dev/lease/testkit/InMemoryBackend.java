package dev.lease.testkit;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * The reference store: named leases and jobs in memory, under one lock, for tests.
 *
 * <p>Its code is meant to read like the contract. Correctness comes before speed: a claim sorts all
 * jobs of its queue. The unit of its time is the microsecond.
 */
public final class InMemoryBackend implements Backend {

  /** Written out, so that this store does not claim what is added later. */
  static final Set<Capability> CAPABILITIES =
      Collections.unmodifiableSet(
          EnumSet.of(
              Capability.LEASES,
              Capability.JOBS,
              Capability.ADMIN,
              Capability.AUDIT,
              Capability.HINTS,
              Capability.HINTS_FROM_OTHERS,
              Capability.NOTES,
              Capability.KEYS,
              Capability.GRAPHS));

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
   * Opens another backend object on the same data, as another process would. The data live as long
   * as one of the backend objects is reachable, so closing one and opening another acts like a
   * restart.
   *
   * @return another backend object, which is open even if this one is closed
   */
  public InMemoryBackend again() {
    return new InMemoryBackend(data);
  }

  @Override
  public Set<Capability> capabilities() {
    return CAPABILITIES;
  }

  /**
   * The named leases.
   *
   * @return a lease store
   */
  @Override
  public LeaseStore leaseStore() {
    return new InMemoryLeaseStore(session);
  }

  /**
   * The job queues, for workers.
   *
   * @return a job queue that gives hints
   */
  @Override
  public JobQueue jobQueue() {
    return new InMemoryJobQueue(session);
  }

  /**
   * The job queues, for operators.
   *
   * @return a job admin; jobs without a keep of their own are kept for 24 hours if DONE, otherwise
   *     for 7 days
   */
  @Override
  public JobAdmin jobAdmin() {
    return new InMemoryJobAdmin(session);
  }

  /**
   * The limits of keys.
   *
   * @return an admission whose changes hold at once, for all backend objects
   */
  @Override
  public Admission admission() {
    return new InMemoryAdmission(session);
  }

  /**
   * The graphs of jobs.
   *
   * @return graphs whose jobs go on at once when those before them end
   */
  @Override
  public JobGraphs jobGraphs() {
    return new InMemoryJobGraphs(session);
  }

  /** Calls wait only for the lock of the store. */
  @Override
  public Duration longestCall() {
    return Duration.ofSeconds(10);
  }

  /** Closes this backend object and stops its hints. It releases no lease, and the data stay. */
  @Override
  public void close() {
    session.close();
  }
}
