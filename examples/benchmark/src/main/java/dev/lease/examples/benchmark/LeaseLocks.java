package dev.lease.examples.benchmark;

import dev.lease.Lease;
import java.time.Duration;
import java.util.Optional;

/** The named leases of Lease. */
final class LeaseLocks implements Locks {

  private static final Duration DURATION = Duration.ofSeconds(30);

  private final LeaseBackend backend;

  LeaseLocks(Target target) {
    backend = LeaseBackend.open(target);
  }

  @Override
  public boolean pair(String name) {
    Optional<Lease> lease = backend.leases().acquire(name, "benchmark", DURATION);
    return lease.isPresent() && backend.leases().release(lease.get());
  }

  @Override
  public void close() {
    backend.close();
  }
}
