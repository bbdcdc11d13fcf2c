package dev.lease;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A store with parts in front of its own, for example queues that count the calls before they pass
 * them on. To close it is to close that store. For callers and tests. Safe for use by many threads.
 */
public final class BackendView implements Backend {

  private final Backend real;
  private final @Nullable LeaseStore leaseStore;
  private final @Nullable JobQueue jobQueue;
  private final @Nullable JobAdmin jobAdmin;
  private final @Nullable Admission admission;

  private BackendView(
      Backend real,
      @Nullable LeaseStore leaseStore,
      @Nullable JobQueue jobQueue,
      @Nullable JobAdmin jobAdmin,
      @Nullable Admission admission) {
    this.real = real;
    this.leaseStore = leaseStore;
    this.jobQueue = jobQueue;
    this.jobAdmin = jobAdmin;
    this.admission = admission;
  }

  /**
   * Makes a view that is the store itself so far.
   *
   * @param real the store
   * @return a view
   */
  public static BackendView of(Backend real) {
    return new BackendView(Limits.notNull("real", real), null, null, null, null);
  }

  /**
   * The same view with other named leases in front.
   *
   * @param leaseStore what {@link #leaseStore} is there
   * @return a view
   */
  public BackendView withLeaseStore(LeaseStore leaseStore) {
    return new BackendView(
        real, Limits.notNull("leaseStore", leaseStore), jobQueue, jobAdmin, admission);
  }

  /**
   * The same view with other queues in front.
   *
   * @param jobQueue what {@link #jobQueue} is there
   * @return a view
   */
  public BackendView withJobQueue(JobQueue jobQueue) {
    return new BackendView(
        real, leaseStore, Limits.notNull("jobQueue", jobQueue), jobAdmin, admission);
  }

  /**
   * The same view with other calls for operators in front.
   *
   * @param jobAdmin what {@link #jobAdmin} is there
   * @return a view
   */
  public BackendView withJobAdmin(JobAdmin jobAdmin) {
    return new BackendView(
        real, leaseStore, jobQueue, Limits.notNull("jobAdmin", jobAdmin), admission);
  }

  /**
   * The same view with other limits of keys in front.
   *
   * @param admission what {@link #admission} is there
   * @return a view
   */
  public BackendView withAdmission(Admission admission) {
    return new BackendView(
        real, leaseStore, jobQueue, jobAdmin, Limits.notNull("admission", admission));
  }

  @Override
  public Set<Capability> capabilities() {
    return real.capabilities();
  }

  @Override
  public LeaseStore leaseStore() {
    return leaseStore != null ? leaseStore : real.leaseStore();
  }

  @Override
  public JobQueue jobQueue() {
    return jobQueue != null ? jobQueue : real.jobQueue();
  }

  @Override
  public JobAdmin jobAdmin() {
    return jobAdmin != null ? jobAdmin : real.jobAdmin();
  }

  @Override
  public Admission admission() {
    return admission != null ? admission : real.admission();
  }

  @Override
  public Duration longestCall() {
    return real.longestCall();
  }

  @Override
  public void close() {
    real.close();
  }
}
