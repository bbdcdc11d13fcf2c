package dev.lease.router;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The named leases, all in one store. */
final class RoutedLeases implements LeaseStore {

  private final RoutedStore store;
  private final LeaseStore leases;

  RoutedLeases(RoutedStore store) {
    this.store = store;
    this.leases = store.backend().leaseStore();
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    return store.call(() -> leases.acquire(name, owner, leaseDuration));
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration, String note) {
    return store.call(() -> leases.acquire(name, owner, leaseDuration, note));
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    return store.call(() -> leases.renew(lease, leaseDuration));
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration, String note) {
    return store.call(() -> leases.renew(lease, leaseDuration, note));
  }

  @Override
  public boolean release(Lease lease) {
    return store.call(() -> leases.release(lease));
  }

  @Override
  public Optional<Lease> find(String name) {
    return store.call(() -> leases.find(name));
  }

  @Override
  public LeasePage list(String prefix, @Nullable String after, int limit) {
    return store.call(() -> leases.list(prefix, after, limit));
  }
}
