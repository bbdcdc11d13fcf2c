package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.leases;
import static dev.lease.testkit.BrokenStore.session;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.Limits;
import dev.lease.NameRange;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Leases that are granted to the wrong owner, for the wrong time, or shown wrongly. */
final class BrokenGrants {

  private static final Duration UNIT = Duration.ofNanos(1_000);

  static final List<BrokenStore> ALL =
      List.of(
          leases(
                  "L01",
                  "the owner of a grant is the host of the store",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          return super.acquire(data, now, name, "localhost", leaseDuration);
                        }
                      })
              .alsoFails("L07", "L17"),
          leases(
                  "L01",
                  "a grant lasts a minute, whatever was requested",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          return super.acquire(data, now, name, owner, Duration.ofMinutes(1));
                        }
                      })
              .seen("K03"),
          leases(
              "L02",
              "a rival's acquire is refused, but prolongs the lease",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> acquire(
                        InMemoryData data,
                        Instant now,
                        String name,
                        String owner,
                        Duration leaseDuration) {
                      live(data, now, name)
                          .filter(held -> !held.owner().equals(owner))
                          .ifPresent(
                              held ->
                                  data.leases.put(
                                      name, until(held, expiry(now, leaseDuration), now)));
                      return super.acquire(data, now, name, owner, leaseDuration);
                    }
                  }),
          leases(
                  "L02",
                  "a rival that asks for more time than the lease has left is granted it",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          live(data, now, name)
                              .filter(held -> !held.owner().equals(owner))
                              .filter(held -> held.expiresAt().isBefore(expiry(now, leaseDuration)))
                              .ifPresent(held -> data.leases.remove(name));
                          return super.acquire(data, now, name, owner, leaseDuration);
                        }
                      })
              .alsoFails("L07"),
          leases(
                  "L03",
                  "a holder that asks again is granted its lease again (re-entrancy)",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          return live(data, now, name)
                              .filter(held -> held.owner().equals(owner))
                              .or(() -> super.acquire(data, now, name, owner, leaseDuration));
                        }
                      })
              .seen("A14"),
          leases(
                  "L03",
                  "a holder that asks again is refused, but its lease is prolonged",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          live(data, now, name)
                              .filter(held -> held.owner().equals(owner))
                              .ifPresent(
                                  held ->
                                      data.leases.put(
                                          name, until(held, expiry(now, leaseDuration), now)));
                          return super.acquire(data, now, name, owner, leaseDuration);
                        }
                      })
              .seen("A14"),
          leases(
                  "L07",
                  "at its expiry a lease can be acquired, but find still shows it",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> find(InMemoryData data, Instant now, String name) {
                          return super.find(data, now.minus(UNIT), name);
                        }
                      })
              .seen("I03")
              .alsoFails("L08", "L09", "L21"),
          leases(
                  "L07",
                  "at its expiry a lease still refuses a rival",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          Lease held = data.leases.get(name);
                          return held != null && held.expiresAt().equals(now)
                              ? Optional.empty()
                              : super.acquire(data, now, name, owner, leaseDuration);
                        }
                      })
              .seen("I03"),
          leases(
                  "L07",
                  "at its expiry a lease can still be renewed",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          return super.renew(
                              data, now.minus(UNIT), lease, leaseDuration.plus(UNIT));
                        }
                      })
              .seen("I03")
              .alsoFails("L08"),
          leases(
                  "L07",
                  "one unit before its expiry find no longer shows a lease",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> find(InMemoryData data, Instant now, String name) {
                          return super.find(data, now.plus(UNIT), name);
                        }
                      })
              .seen("I03")
              .alsoFails("L08", "L09"),
          leases(
                  "L07",
                  "one unit before its expiry a rival can acquire a lease",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          live(data, now, name)
                              .filter(held -> held.expiresAt().equals(now.plus(UNIT)))
                              .ifPresent(held -> data.leases.remove(name));
                          return super.acquire(data, now, name, owner, leaseDuration);
                        }
                      })
              .seen("I03"),
          leases(
                  "L07",
                  "one unit before its expiry a lease cannot be renewed",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          return held(data, now.plus(UNIT), lease).isEmpty()
                              ? Optional.empty()
                              : super.renew(data, now, lease, leaseDuration);
                        }
                      })
              .seen("I03")
              .alsoFails("L08"),
          session(
                  "L07",
                  "the clock of the second process runs one unit ahead",
                  data ->
                      new InMemorySession(data) {
                        private final Duration ahead = UNIT.multipliedBy(data.listeners.size());

                        @Override
                        <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
                          return super.run((data, now) -> operation.apply(data, now.plus(ahead)));
                        }
                      })
              .seen("I01")
              .alsoFails("L08", "L09"),
          leases(
                  "L20",
                  "acquire reports an expiry with nanoseconds, which are not stored",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          return super.acquire(data, now, name, owner, leaseDuration)
                              .map(lease -> until(lease, now.plus(leaseDuration), now));
                        }
                      })
              .seen("I05"),
          leases(
                  "L20",
                  "renew reports an expiry that is rounded up, and stores one that is rounded down",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          return super.renew(data, now, lease, leaseDuration)
                              .map(it -> until(it, expiry(now, leaseDuration.plusNanos(999)), now));
                        }
                      })
              .seen("I05"),
          leases(
                  "L21",
                  "find touches a lease: it lasts a minute from now",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> find(InMemoryData data, Instant now, String name) {
                          Instant end = now.plusSeconds(60);
                          live(data, now, name)
                              .filter(held -> held.expiresAt().isBefore(end))
                              .ifPresent(held -> data.leases.put(name, until(held, end, now)));
                          return super.find(data, now, name);
                        }
                      })
              .alsoFails("L08", "L09"),
          leases(
                  "L21",
                  "list shows leases that have expired",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        List<Lease> list(
                            InMemoryData data, Instant now, NameRange range, int limit) {
                          return data.leases.subMap(range.from(), range.end()).values().stream()
                              .limit(limit)
                              .toList();
                        }

                        @Override
                        void forgetLongExpired(InMemoryData data, Instant now) {}
                      })
              .alsoFails("L07"),
          leases(
                  "L21",
                  "list drops expired leases only after it has applied its limit",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        List<Lease> list(
                            InMemoryData data, Instant now, NameRange range, int limit) {
                          return data.leases.subMap(range.from(), range.end()).values().stream()
                              .limit(limit)
                              .filter(lease -> isLive(now, lease))
                              .toList();
                        }

                        @Override
                        void forgetLongExpired(InMemoryData data, Instant now) {}
                      })
              .seen("C08"),
          leases(
                  "L21",
                  "list gives one lease more than its limit",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        public LeasePage list(String prefix, @Nullable String after, int limit) {
                          return super.list(
                              prefix, after, limit < Limits.MAX_BATCH ? limit + 1 : limit);
                        }
                      })
              .alsoFails("L33"),
          leases(
                  "L21",
                  "list is in the order of Java's chars, which puts emoji before some other characters",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        List<Lease> list(
                            InMemoryData data, Instant now, NameRange range, int limit) {
                          return super.list(data, now, range, Integer.MAX_VALUE).stream()
                              .sorted(Comparator.comparing(Lease::name))
                              .limit(limit)
                              .toList();
                        }
                      })
              .alsoFails("L33"),
          leases(
                  "L25",
                  "the store is full with 900 leases, and evicts them",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          Optional<Lease> lease =
                              super.acquire(data, now, name, owner, leaseDuration);
                          if (data.leases.size() > 900) {
                            data.leases.clear();
                          }
                          return lease;
                        }
                      })
              .seen("H05"));

  private BrokenGrants() {}

  static Lease until(Lease lease, Instant end, Instant now) {
    return Lease.of(lease.name(), lease.owner(), lease.token(), end, now).withNote(lease.note());
  }
}
