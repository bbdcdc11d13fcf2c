package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/** The models, each with the contract that it belongs to. */
enum ModelKind {
  JOBS(JobQueueContract.class),
  ADMIN(JobAdminContract.class),
  LEASES(LeaseStoreContract.class),
  KEYS(AdmissionContract.class),
  GRAPHS(JobGraphsContract.class),
  ADMIN_SET_BACK(JobAdminContract.class),
  LEASES_SET_BACK(LeaseStoreContract.class);

  final Class<? extends StoreContract> contract;

  ModelKind(Class<? extends StoreContract> contract) {
    this.contract = contract;
  }

  ModelCheck<?> of(Parts parts) {
    var fixture = new KitRun.Fixture(parts);
    List<Backend> objects = List.of(WholeClaims.of(fixture.open()), WholeClaims.of(fixture.open()));
    Supplier<Instant> clock = () -> now(objects.get(0));
    return switch (this) {
      case JOBS, ADMIN -> new JobModel(fixture, objects, this == ADMIN, clock);
      case KEYS -> new KeyModel(new JobModel(fixture, objects, true, clock));
      case GRAPHS -> new GraphModel(new JobModel(fixture, objects, true, clock));
      case LEASES -> new LeaseModel(fixture, objects, clock);
      case ADMIN_SET_BACK -> new SetBackModel<>(new JobModel(fixture, objects, true, clock));
      case LEASES_SET_BACK -> new SetBackModel<>(new LeaseModel(fixture, objects, clock));
    };
  }

  private static Instant now(Backend backend) {
    LeaseStore store = backend.leaseStore();
    Lease lease = store.acquire(Names.unique("clock"), "kit", StoreContract.LEASE).orElseThrow();
    store.release(lease);
    return lease.asOf();
  }
}
