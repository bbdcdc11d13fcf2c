package dev.lease.testkit;

import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import org.jspecify.annotations.Nullable;

/**
 * One backend object of the store under test. A part that the store does not offer is null; do not
 * run the contract of that part. A store without {@code JobAdmin} must {@linkplain
 * StoreFixture#lacks() declare} it.
 *
 * @param leaseStore the named leases, for {@link LeaseStoreContract}
 * @param jobQueue the queues, for {@link JobQueueContract} and {@link JobAdminContract}
 * @param jobAdmin what operators do with jobs, for {@link JobAdminContract}
 * @param onClose closes the backend object
 */
public record TestBackend(
    @Nullable LeaseStore leaseStore,
    @Nullable JobQueue jobQueue,
    @Nullable JobAdmin jobAdmin,
    Runnable onClose) {

  LeaseStore requireLeaseStore() {
    return offered("LeaseStore", leaseStore);
  }

  JobQueue requireJobQueue() {
    return offered("JobQueue", jobQueue);
  }

  JobAdmin requireJobAdmin() {
    return offered("JobAdmin, and its fixture does not declare that it lacks ADMIN", jobAdmin);
  }

  static <T> T offered(String what, @Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the store under test has no " + what);
    }
    return part;
  }
}
