package dev.lease.testkit;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Named leases as the contract has them, L01 to L29. */
final class InMemoryLeaseStore implements LeaseStore {

  private final InMemorySession session;

  InMemoryLeaseStore(InMemorySession session) {
    this.session = session;
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration ttl) {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.lease("ttl", ttl);
    return session.run(
        (data, now) -> {
          forgetLongExpired(data, now);
          if (live(data, name, now).isPresent()) {
            return Optional.empty();
          }
          long token = InMemoryData.nextToken(data.leaseTokens.getOrDefault(name, 0L), now);
          var lease = new Lease(name, owner, token, end(now, ttl), now);
          data.leases.put(name, lease);
          data.leaseTokens.put(name, token);
          return Optional.of(lease);
        });
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration ttl) {
    Limits.notNull("lease", lease);
    Limits.lease("ttl", ttl);
    return session.run(
        (data, now) ->
            held(data, lease, now)
                .map(
                    held -> {
                      var renewed =
                          new Lease(held.name(), held.owner(), held.token(), end(now, ttl), now);
                      data.leases.put(held.name(), renewed);
                      return renewed;
                    }));
  }

  @Override
  public boolean release(Lease lease) {
    Limits.notNull("lease", lease);
    return session.run(
        (data, now) ->
            held(data, lease, now).map(held -> data.leases.remove(held.name())).isPresent());
  }

  @Override
  public Optional<Lease> find(String name) {
    Limits.name("lease name", name);
    return session.run((data, now) -> live(data, name, now).map(lease -> asOf(now, lease)));
  }

  @Override
  public List<Lease> list(int limit) {
    Limits.limit(limit);
    return session.run(
        (data, now) ->
            data.leases.values().stream()
                .filter(lease -> isLive(lease, now))
                .limit(limit)
                .map(lease -> asOf(now, lease))
                .toList());
  }

  private static Optional<Lease> live(InMemoryData data, String name, Instant now) {
    return Optional.ofNullable(data.leases.get(name)).filter(lease -> isLive(lease, now));
  }

  private static Optional<Lease> held(InMemoryData data, Lease lease, Instant now) {
    return live(data, lease.name(), now)
        .filter(live -> live.token() == lease.token() && live.owner().equals(lease.owner()));
  }

  private static boolean isLive(Lease lease, Instant now) {
    return now.isBefore(lease.expiresAt());
  }

  private static Instant end(Instant now, Duration ttl) {
    return now.plus(ttl).truncatedTo(ChronoUnit.MICROS);
  }

  private static Lease asOf(Instant now, Lease lease) {
    return new Lease(lease.name(), lease.owner(), lease.token(), lease.expiresAt(), now);
  }

  /** Only once the clock has passed a token may it be forgotten: the next is larger then [L25]. */
  private static void forgetLongExpired(InMemoryData data, Instant now) {
    data.leases.values().removeIf(lease -> !isLive(lease, now));
    data.leaseTokens
        .entrySet()
        .removeIf(
            name ->
                name.getValue() < InMemoryData.micros(now)
                    && !data.leases.containsKey(name.getKey()));
  }
}
