package dev.lease.testkit;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.NameRange;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Named leases as the contract defines them, L01 to L33. Each call checks its arguments and then
 * runs, as one atomic operation, the method of the same name on the data.
 */
class InMemoryLeaseStore implements LeaseStore {

  final InMemorySession session;

  InMemoryLeaseStore(InMemorySession session) {
    this.session = session;
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.lease("leaseDuration", leaseDuration);
    return session.run((data, now) -> acquire(data, now, name, owner, leaseDuration));
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration, String note) {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.lease("leaseDuration", leaseDuration);
    Limits.note(note);
    return session.run(
        (data, now) ->
            acquire(data, now, name, owner, leaseDuration).map(lease -> noted(data, lease, note)));
  }

  Optional<Lease> acquire(
      InMemoryData data, Instant now, String name, String owner, Duration leaseDuration) {
    forgetLongExpired(data, now);
    if (live(data, now, name).isPresent()) {
      return Optional.empty();
    }
    long token = data.nextLeaseToken(name, now);
    var lease = Lease.of(name, owner, token, expiry(now, leaseDuration), now);
    data.leases.put(name, lease);
    data.leaseTokens.put(name, token);
    return Optional.of(lease);
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    Limits.notNull("lease", lease);
    Limits.lease("leaseDuration", leaseDuration);
    return session.run((data, now) -> renew(data, now, lease, leaseDuration));
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration, String note) {
    Limits.notNull("lease", lease);
    Limits.lease("leaseDuration", leaseDuration);
    Limits.note(note);
    return session.run(
        (data, now) ->
            renew(data, now, lease, leaseDuration).map(renewed -> noted(data, renewed, note)));
  }

  Optional<Lease> renew(InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
    Optional<Lease> renewed =
        held(data, now, lease).map(held -> held.until(expiry(now, leaseDuration), now));
    renewed.ifPresent(it -> data.leases.put(it.name(), it));
    return renewed;
  }

  Lease noted(InMemoryData data, Lease lease, String note) {
    Lease noted = lease.withNote(note);
    data.leases.put(noted.name(), noted);
    return noted;
  }

  @Override
  public boolean release(Lease lease) {
    Limits.notNull("lease", lease);
    return session.run((data, now) -> release(data, now, lease));
  }

  boolean release(InMemoryData data, Instant now, Lease lease) {
    Optional<Lease> held = held(data, now, lease);
    held.ifPresent(it -> data.leases.remove(it.name()));
    return held.isPresent();
  }

  @Override
  public Optional<Lease> find(String name) {
    Limits.name("lease name", name);
    return session.run((data, now) -> find(data, now, name));
  }

  Optional<Lease> find(InMemoryData data, Instant now, String name) {
    return live(data, now, name).map(lease -> asOf(now, lease));
  }

  @Override
  public LeasePage list(String prefix, @Nullable String after, int limit) {
    NameRange range = NameRange.of(prefix, after);
    Limits.limit(limit);
    return LeasePage.upTo(limit, session.run((data, now) -> list(data, now, range, limit)));
  }

  List<Lease> list(InMemoryData data, Instant now, NameRange range, int limit) {
    return data.leases.subMap(range.from(), range.end()).values().stream()
        .filter(lease -> isLive(now, lease))
        .limit(limit)
        .map(lease -> asOf(now, lease))
        .toList();
  }

  Optional<Lease> live(InMemoryData data, Instant now, String name) {
    return Optional.ofNullable(data.leases.get(name)).filter(lease -> isLive(now, lease));
  }

  Optional<Lease> held(InMemoryData data, Instant now, Lease lease) {
    return live(data, now, lease.name())
        .filter(live -> live.token() == lease.token() && live.owner().equals(lease.owner()));
  }

  boolean isLive(Instant now, Lease lease) {
    return now.isBefore(lease.expiresAt());
  }

  Instant expiry(Instant now, Duration leaseDuration) {
    return now.plus(leaseDuration).truncatedTo(ChronoUnit.MICROS);
  }

  static Lease asOf(Instant now, Lease lease) {
    return lease.until(lease.expiresAt(), now);
  }

  void forgetLongExpired(InMemoryData data, Instant now) {
    data.leases.values().removeIf(lease -> !isLive(now, lease));
    // To look through all names would take most of the time of the kit on many leases.
    if (data.leaseTokens.size() > data.leases.size()) {
      data.forgetNames(name -> !data.leases.containsKey(name));
    }
  }
}
