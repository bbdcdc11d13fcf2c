package dev.lease;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A store with parts in front of its own, for example queues that count the calls before they pass
 * them on. To close it is to close that store. For callers and tests. Safe for use by many threads.
 */
public final class BackendView implements Backend {

  private final Backend real;
  private final Map<Class<?>, Object> parts;

  private BackendView(Backend real, Map<Class<?>, Object> parts) {
    this.real = real;
    this.parts = parts;
  }

  private <T> BackendView with(Class<T> type, String what, T part) {
    Map<Class<?>, Object> more = new HashMap<>(parts);
    more.put(type, Limits.notNull(what, part));
    return new BackendView(real, more);
  }

  private <T> T part(Class<T> type, Supplier<T> own) {
    Object part = parts.get(type);
    return part == null ? own.get() : type.cast(part);
  }

  /**
   * Makes a view that is the store itself so far.
   *
   * @param real the store
   * @return a view
   */
  public static BackendView of(Backend real) {
    return new BackendView(Limits.notNull("real", real), Map.of());
  }

  /**
   * The same view with other named leases in front.
   *
   * @param leaseStore what {@link #leaseStore} is there
   * @return a view
   */
  public BackendView withLeaseStore(LeaseStore leaseStore) {
    return with(LeaseStore.class, "leaseStore", leaseStore);
  }

  /**
   * The same view with other queues in front.
   *
   * @param jobQueue what {@link #jobQueue} is there
   * @return a view
   */
  public BackendView withJobQueue(JobQueue jobQueue) {
    return with(JobQueue.class, "jobQueue", jobQueue);
  }

  /**
   * The same view with other calls for operators in front.
   *
   * @param jobAdmin what {@link #jobAdmin} is there
   * @return a view
   */
  public BackendView withJobAdmin(JobAdmin jobAdmin) {
    return with(JobAdmin.class, "jobAdmin", jobAdmin);
  }

  /**
   * The same view with other limits of keys in front.
   *
   * @param admission what {@link #admission} is there
   * @return a view
   */
  public BackendView withAdmission(Admission admission) {
    return with(Admission.class, "admission", admission);
  }

  /**
   * The same view with other graphs in front.
   *
   * @param jobGraphs what {@link #jobGraphs} is there
   * @return a view
   */
  public BackendView withJobGraphs(JobGraphs jobGraphs) {
    return with(JobGraphs.class, "jobGraphs", jobGraphs);
  }

  @Override
  public Set<Capability> capabilities() {
    return real.capabilities();
  }

  @Override
  public LeaseStore leaseStore() {
    return part(LeaseStore.class, real::leaseStore);
  }

  @Override
  public JobQueue jobQueue() {
    return part(JobQueue.class, real::jobQueue);
  }

  @Override
  public JobAdmin jobAdmin() {
    return part(JobAdmin.class, real::jobAdmin);
  }

  @Override
  public Admission admission() {
    return part(Admission.class, real::admission);
  }

  @Override
  public JobGraphs jobGraphs() {
    return part(JobGraphs.class, real::jobGraphs);
  }

  @Override
  public Duration longestCall() {
    return real.longestCall();
  }

  @Override
  public String storeOf(String queue) {
    return real.storeOf(queue);
  }

  @Override
  public void close() {
    real.close();
  }
}
