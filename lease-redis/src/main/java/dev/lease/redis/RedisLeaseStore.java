package dev.lease.redis;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NameRange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Named leases. Each has a key, whose value is expiry, token, owner and note. */
final class RedisLeaseStore implements LeaseStore {

  /** A look examines a thousand names at most. */
  private static final int MOST_LOOKS = 10;

  private final ScriptRunner runner;
  private final Keys keys;

  RedisLeaseStore(ScriptRunner runner, Keys keys) {
    this.runner = runner;
    this.keys = keys;
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    return acquired(name, owner, leaseDuration, null);
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration, String note) {
    return acquired(name, owner, leaseDuration, Limits.note(note));
  }

  private Optional<Lease> acquired(
      String name, String owner, Duration leaseDuration, @Nullable String note) {
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
                args(note, name, owner, Micros.of(leaseDuration))));
    if (!reply.hasMore()) {
      return Optional.empty();
    }
    Instant asOf = Micros.instant(reply.number());
    long token = reply.number();
    return Optional.of(
        Lease.of(name, owner, token, Micros.instant(reply.number()), asOf).withNote(note));
  }

  /** The arguments of a script whose last one is the note, if there is one. */
  private static Object[] args(@Nullable String note, Object... others) {
    return note == null ? others : Stream.concat(Arrays.stream(others), Stream.of(note)).toArray();
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    return renewed(lease, leaseDuration, null);
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration, String note) {
    return renewed(lease, leaseDuration, Limits.note(note));
  }

  private Optional<Lease> renewed(Lease lease, Duration leaseDuration, @Nullable String note) {
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
                        args(
                            note,
                            lease.name(),
                            lease.owner(),
                            lease.token(),
                            Micros.of(leaseDuration)))));
    if (!reply.hasMore()) {
      return Optional.empty();
    }
    Instant asOf = Micros.instant(reply.number());
    Instant expiresAt = Micros.instant(reply.number());
    return Optional.of(
        Lease.of(lease.name(), lease.owner(), lease.token(), expiresAt, asOf)
            .withNote(reply.hasMore() ? reply.text() : null));
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
  public LeasePage list(String prefix, @Nullable String after, int limit) {
    NameRange range = NameRange.of(prefix, after);
    Limits.limit(limit);
    return runner.inOneCall(() -> held(range, limit));
  }

  /**
   * Looks further while names are there whose leases have expired or were released, but not for
   * ever: a page of few leases has a next one.
   */
  private LeasePage held(NameRange range, int limit) {
    List<Lease> leases = new ArrayList<>();
    String from = "[" + range.from();
    String last;
    int looks = 0;
    do {
      Reply reply =
          runner.run(
              "list leases",
              ScriptCallFactory.onLeases(
                  Script.LIST_LEASES,
                  List.of(keys.leasesByExpiry(), keys.leasesByName()),
                  from,
                  "(" + range.end(),
                  limit - leases.size()));
      Instant asOf = Micros.instant(reply.number());
      last = reply.text();
      List<String> names = new ArrayList<>();
      while (reply.hasMore()) {
        names.add(reply.text());
      }
      addHeld(leases, names, asOf);
      from = "(" + last;
      looks++;
    } while (!last.isEmpty() && leases.size() < limit && looks < MOST_LOOKS);
    return LeasePage.of(leases, last.isEmpty() ? null : last);
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
    // No owner has U+0000: it stands before the note.
    int end = parts[2].indexOf('\0');
    return Lease.of(
            name,
            end < 0 ? parts[2] : parts[2].substring(0, end),
            Long.parseLong(parts[1]),
            Micros.instant(Long.parseLong(parts[0])),
            asOf)
        .withNote(end < 0 ? null : parts[2].substring(end + 1));
  }
}
