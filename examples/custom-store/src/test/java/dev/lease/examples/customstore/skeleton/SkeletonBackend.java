package dev.lease.examples.customstore.skeleton;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.util.Set;

/** Take out the parts that your store will not have. */
final class SkeletonBackend implements Backend {

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.LEASES, Capability.JOBS, Capability.ADMIN);
  }

  @Override
  public LeaseStore leaseStore() {
    return new SkeletonLeaseStore();
  }

  @Override
  public JobQueue jobQueue() {
    return new SkeletonJobQueue();
  }

  @Override
  public JobAdmin jobAdmin() {
    return new SkeletonJobAdmin();
  }

  @Override
  public Duration longestCall() {
    return Duration.ofSeconds(10);
  }

  /** From then on each call of its parts throws a {@code StoreClosedException} [L26, Q54]. */
  @Override
  public void close() {}
}
