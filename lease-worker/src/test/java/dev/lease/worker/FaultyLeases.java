package dev.lease.worker;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A real store of named leases around which a test puts what goes wrong. */
final class FaultyLeases implements LeaseStore {

  /** What happens instead of a call. */
  interface Fault<R> {
    R around(String name, Supplier<R> call);
  }

  private final LeaseStore real;

  volatile Fault<Optional<Lease>> onAcquire = (name, call) -> call.get();
  volatile Fault<Optional<Lease>> onRenew = (name, call) -> call.get();
  volatile Fault<Boolean> onRelease = (name, call) -> call.get();

  FaultyLeases(LeaseStore real) {
    this.real = real;
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    return onAcquire.around(name, () -> real.acquire(name, owner, leaseDuration));
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration, String note) {
    return onAcquire.around(name, () -> real.acquire(name, owner, leaseDuration, note));
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration, String note) {
    return onRenew.around(lease.name(), () -> real.renew(lease, leaseDuration, note));
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    return onRenew.around(lease.name(), () -> real.renew(lease, leaseDuration));
  }

  @Override
  public boolean release(Lease lease) {
    return onRelease.around(lease.name(), () -> real.release(lease));
  }

  @Override
  public Optional<Lease> find(String name) {
    return real.find(name);
  }

  @Override
  public LeasePage list(String prefix, @Nullable String after, int limit) {
    return real.list(prefix, after, limit);
  }
}
