package dev.lease.worker;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A store that has granted one lease, which does not run out. */
final class OneLease implements LeaseStore {

  static final Duration DURATION = Duration.ofSeconds(30);
  static final Lease LEASE =
      Lease.of("name", "owner", 1, Instant.EPOCH.plus(DURATION), Instant.EPOCH);

  final AtomicBoolean held = new AtomicBoolean(true);

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    return held.compareAndSet(false, true) ? Optional.of(LEASE) : Optional.empty();
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    return held.get() ? Optional.of(LEASE) : Optional.empty();
  }

  @Override
  public boolean release(Lease lease) {
    return held.getAndSet(false);
  }

  @Override
  public Optional<Lease> find(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LeasePage list(String prefix, @Nullable String after, int limit) {
    throw new UnsupportedOperationException();
  }
}
