package dev.lease.examples.customstore.skeleton;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.NameRange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gives no lease. */
final class SkeletonLeaseStore implements LeaseStore {

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.lease("leaseDuration", leaseDuration);
    return Optional.empty();
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    Limits.notNull("lease", lease);
    Limits.lease("leaseDuration", leaseDuration);
    return Optional.empty();
  }

  @Override
  public boolean release(Lease lease) {
    Limits.notNull("lease", lease);
    return false;
  }

  @Override
  public Optional<Lease> find(String name) {
    Limits.name("lease name", name);
    return Optional.empty();
  }

  @Override
  public LeasePage list(String prefix, @Nullable String after, int limit) {
    NameRange.of(prefix, after);
    return LeasePage.upTo(Limits.limit(limit), List.of());
  }
}
