package dev.lease.testkit;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import java.time.Instant;
import java.util.List;

/** The models, each with the contract that it belongs to. */
enum ModelKind {
  JOBS(JobQueueContract.class),
  ADMIN(JobAdminContract.class),
  LEASES(LeaseStoreContract.class);

  final Class<? extends StoreContract> contract;

  ModelKind(Class<? extends StoreContract> contract) {
    this.contract = contract;
  }

  ModelCheck<?> of(Parts parts) {
    var fixture = new KitRun.Fixture(parts);
    List<TestBackend> objects = List.of(fixture.open(), fixture.open());
    return this == LEASES
        ? new LeaseModel(fixture, objects, () -> now(objects.get(0)))
        : new JobModel(fixture, objects, this == ADMIN, () -> now(objects.get(0)));
  }

  private static Instant now(TestBackend backend) {
    LeaseStore store = backend.requireLeaseStore();
    Lease lease = store.acquire(Names.unique("clock"), "kit", StoreContract.LEASE).orElseThrow();
    store.release(lease);
    return lease.asOf();
  }
}
