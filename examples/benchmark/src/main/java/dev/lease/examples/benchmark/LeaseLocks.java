package dev.lease.examples.benchmark;

import dev.lease.Backend;
import dev.lease.Lease;
import java.time.Duration;
import java.util.Optional;

/** The named leases of Lease. */
final class LeaseLocks implements Locks {

  private static final Duration DURATION = Duration.ofSeconds(30);

  private final Backend backend;

  LeaseLocks(Target target) {
    backend = LeaseBackend.open(target);
  }

  @Override
  public boolean pair(String name) {
    Optional<Lease> lease = backend.leaseStore().acquire(name, "benchmark", DURATION);
    return lease.isPresent() && backend.leaseStore().release(lease.get());
  }

  @Override
  public void close() {
    backend.close();
  }
}
