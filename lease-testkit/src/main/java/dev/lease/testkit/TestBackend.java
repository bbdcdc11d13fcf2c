package dev.lease.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lease.Backend;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import java.time.Duration;
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
 * @param longestCall the time within which each call ends [L31], for {@link FaultyNetworkContract};
 *     null if the store names none
 */
public record TestBackend(
    @Nullable LeaseStore leaseStore,
    @Nullable JobQueue jobQueue,
    @Nullable JobAdmin jobAdmin,
    Runnable onClose,
    @Nullable Duration longestCall) {

  /**
   * Makes one of parts, of a store that names no longest call.
   *
   * @param leaseStore the named leases, or null
   * @param jobQueue the queues, or null
   * @param jobAdmin what operators do with jobs, or null
   * @param onClose closes the backend object
   */
  public TestBackend(
      @Nullable LeaseStore leaseStore,
      @Nullable JobQueue jobQueue,
      @Nullable JobAdmin jobAdmin,
      Runnable onClose) {
    this(leaseStore, jobQueue, jobAdmin, onClose, null);
  }

  /**
   * Makes one of a whole backend.
   *
   * @param backend the parts, and what closes them
   * @return the backend object under test
   */
  public static TestBackend of(Backend backend) {
    return new TestBackend(
        backend.leaseStore(),
        backend.jobQueue(),
        backend.jobAdmin(),
        backend::close,
        backend.longestCall());
  }

  LeaseStore requireLeaseStore() {
    return offered("LeaseStore", leaseStore);
  }

  JobQueue requireJobQueue() {
    return offered("JobQueue", jobQueue);
  }

  JobAdmin requireJobAdmin() {
    return offered("JobAdmin, and its fixture does not declare that it lacks ADMIN", jobAdmin);
  }

  /** Skips the test if the store names none. */
  Duration requireLongestCall() {
    return longestCall == null
        ? abort("the store names no longest call, so the kit cannot hold it to that")
        : longestCall;
  }

  static <T> T offered(String what, @Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the store under test has no " + what);
    }
    return part;
  }
}
