package dev.lease.redis;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.Micros;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Named leases. Each has a key, whose value is expiry, token and owner. */
final class RedisLeaseStore implements LeaseStore {

  private final ScriptRunner runner;
  private final Keys keys;

  RedisLeaseStore(ScriptRunner runner, Keys keys) {
    this.runner = runner;
    this.keys = keys;
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.lease("leaseDuration", leaseDuration);
    Reply reply =
        runner.run(
            "acquire a lease",
            ScriptCallFactory.onLeases(
                Script.ACQUIRE,
                List.of(
                    keys.lease(name),
                    keys.leasesByExpiry(),
                    keys.leasesByName(),
                    keys.lastLeaseToken()),
                name,
                owner,
                Micros.of(leaseDuration)));
    if (!reply.hasMore()) {
      return Optional.empty();
    }
    Instant asOf = Micros.instant(reply.number());
    long token = reply.number();
    return Optional.of(new Lease(name, owner, token, Micros.instant(reply.number()), asOf));
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    Limits.notNull("lease", lease);
    Limits.lease("leaseDuration", leaseDuration);
    Reply reply =
        runner.keeping(
            leaseDuration,
            () ->
                runner.run(
                    "renew a lease",
                    ScriptCallFactory.onLeases(
                        Script.RENEW,
                        List.of(
                            keys.lease(lease.name()), keys.leasesByExpiry(), keys.lastLeaseToken()),
                        lease.name(),
                        lease.owner(),
                        lease.token(),
                        Micros.of(leaseDuration))));
    if (!reply.hasMore()) {
      return Optional.empty();
    }
    Instant asOf = Micros.instant(reply.number());
    Instant expiresAt = Micros.instant(reply.number());
    return Optional.of(new Lease(lease.name(), lease.owner(), lease.token(), expiresAt, asOf));
  }

  @Override
  public boolean release(Lease lease) {
    Limits.notNull("lease", lease);
    return runner
            .run(
                "release a lease",
                ScriptCallFactory.onLeases(
                    Script.RELEASE,
                    List.of(keys.lease(lease.name()), keys.leasesByExpiry(), keys.leasesByName()),
                    lease.name(),
                    lease.owner(),
                    lease.token()))
            .number()
        == 1;
  }

  @Override
  public Optional<Lease> find(String name) {
    Limits.name("lease name", name);
    Reply reply =
        runner.run(
            "find a lease",
            ScriptCallFactory.onLeases(Script.FIND_LEASE, List.of(keys.lease(name))));
    Instant asOf = Micros.instant(reply.number());
    return reply.hasMore() ? Optional.of(lease(name, reply.text(), asOf)) : Optional.empty();
  }

  @Override
  public List<Lease> list(int limit) {
    Limits.limit(limit);
    return runner.inOneCall(() -> held(limit));
  }

  private List<Lease> held(int limit) {
    List<Lease> leases = new ArrayList<>();
    String last = "";
    while (true) {
      int missing = limit - leases.size();
      Reply reply =
          runner.run(
              "list leases",
              ScriptCallFactory.onLeases(
                  Script.LIST_LEASES,
                  List.of(keys.leasesByExpiry(), keys.leasesByName()),
                  last,
                  missing));
      Instant asOf = Micros.instant(reply.number());
      List<String> names = new ArrayList<>();
      while (reply.hasMore()) {
        names.add(reply.text());
      }
      addHeld(leases, names, asOf);
      // Leases that were released after their names were read are missing, so look further.
      if (names.size() < missing || leases.size() == limit) {
        return List.copyOf(leases);
      }
      last = names.get(names.size() - 1);
    }
  }

  private void addHeld(List<Lease> leases, List<String> names, Instant asOf) {
    if (names.isEmpty()) {
      return;
    }
    String[] ofLeases = names.stream().map(keys::lease).toArray(String[]::new);
    runner
        .command("list leases", ofLeases[0], commands -> commands.mget(ofLeases))
        .forEach(
            value -> {
              if (value.hasValue()) {
                String name = value.getKey().substring(keys.lease("").length());
                Lease lease = lease(name, value.getValue(), asOf);
                if (asOf.isBefore(lease.expiresAt())) {
                  leases.add(lease);
                }
              }
            });
  }

  private static Lease lease(String name, @Nullable String value, Instant asOf) {
    String[] parts = String.valueOf(value).split(" ", 3);
    return new Lease(
        name, parts[2], Long.parseLong(parts[1]), Micros.instant(Long.parseLong(parts[0])), asOf);
  }
}
