package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.leases;

import dev.lease.Lease;
import dev.lease.NameRange;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Renewals and releases that do too much, too little, or for the wrong caller. */
final class BrokenRenewals {

  private static final Map<String, Lease> GRANTED = new ConcurrentHashMap<>();

  static final List<BrokenStore> ALL =
      List.of(
          leases(
              "L08",
              "a renewed lease tells a time of the answer beyond its expiry",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> renew(
                        InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                      return super.renew(data, now, lease, leaseDuration)
                          .map(renewed -> asOf(renewed.expiresAt().plus(leaseDuration), renewed));
                    }
                  }),
          leases(
              "L15",
              "at its expiry a lease can still be released",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    boolean release(InMemoryData data, Instant now, Lease lease) {
                      return super.release(data, now.minusNanos(1_000), lease);
                    }
                  }),
          leases(
              "L21",
              "list goes by the expiry of the grant, and knows of no renewal",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> acquire(
                        InMemoryData data, Instant now, String name, String owner, Duration time) {
                      Optional<Lease> lease = super.acquire(data, now, name, owner, time);
                      lease.ifPresent(granted -> GRANTED.put(granted.token() + name, granted));
                      return lease;
                    }

                    @Override
                    List<Lease> list(InMemoryData data, Instant now, NameRange range, int limit) {
                      return super.list(data, now, range, limit).stream()
                          .filter(
                              lease ->
                                  isLive(
                                      now,
                                      GRANTED.getOrDefault(lease.token() + lease.name(), lease)))
                          .toList();
                    }
                  }),
          leases(
                  "L08",
                  "renew adds the leaseDuration to the old expiry",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          Optional<Lease> held = held(data, now, lease);
                          return held.flatMap(
                              old ->
                                  super.renew(
                                      data,
                                      now,
                                      lease,
                                      leaseDuration.plus(Duration.between(now, old.expiresAt()))));
                        }
                      })
              .alsoFails("L09", "L32"),
          leases(
              "L08",
              "renew counts from the expiry that the caller knows",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> renew(
                        InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                      Duration gone = Duration.between(lease.asOf(), now);
                      return super.renew(
                          data,
                          now,
                          lease,
                          gone.compareTo(leaseDuration) < 0
                              ? leaseDuration.minus(gone)
                              : leaseDuration);
                    }
                  }),
          leases(
                  "L08",
                  "renew makes a new token",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          return super.renew(data, now, lease, leaseDuration)
                              .map(it -> put(data, it, it.owner(), it.token() + 1));
                        }
                      })
              .alsoFails("L13", "L23", "L32"),
          leases(
                  "L08",
                  "renew answers the new expiry, and stores it only where the old one is near",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          Optional<Lease> held = held(data, now, lease);
                          Optional<Lease> renewed = super.renew(data, now, lease, leaseDuration);
                          held.filter(old -> old.expiresAt().isAfter(now.plusSeconds(20)))
                              .ifPresent(old -> data.leases.put(old.name(), old));
                          return renewed;
                        }
                      })
              .alsoFails("L09", "L20", "L23"),
          leases(
              "L09",
              "renew never shortens: the greater expiry wins",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> renew(
                        InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                      return held(data, now, lease)
                          .filter(old -> expiry(now, leaseDuration).isBefore(old.expiresAt()))
                          .or(() -> super.renew(data, now, lease, leaseDuration));
                    }
                  }),
          leases(
                  "L10",
                  "an expired lease can be renewed as long as nobody acquired it",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          return Optional.ofNullable(data.leases.get(lease.name()))
                              .filter(
                                  old ->
                                      old.token() == lease.token()
                                          && old.owner().equals(lease.owner()))
                              .flatMap(
                                  old -> {
                                    data.leases.put(
                                        old.name(),
                                        BrokenGrants.until(old, expiry(now, leaseDuration), now));
                                    return super.renew(data, now, lease, leaseDuration);
                                  });
                        }
                      })
              .seen("A04")
              .alsoFails("L07"),
          leases(
                  "L10",
                  "renew answers lost for a lease that is gone, but creates it again",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          Optional<Lease> renewed = super.renew(data, now, lease, leaseDuration);
                          if (live(data, now, lease.name()).isEmpty()) {
                            data.leases.put(
                                lease.name(),
                                BrokenGrants.until(lease, expiry(now, leaseDuration), now));
                          }
                          return renewed;
                        }
                      })
              .seen("A04"),
          leases(
                  "L10",
                  "renew compares owners, and takes the lease back from a later grant",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          return live(data, now, lease.name())
                              .filter(held -> held.owner().equals(lease.owner()))
                              .filter(held -> held.token() > lease.token())
                              .map(
                                  held ->
                                      put(
                                          data,
                                          BrokenGrants.until(held, expiry(now, leaseDuration), now),
                                          held.owner(),
                                          lease.token()))
                              .or(() -> super.renew(data, now, lease, leaseDuration));
                        }
                      })
              .seen("A02", "A03")
              .alsoFails("L11", "L14", "L32"),
          leases(
                  "L11",
                  "release needs only the name and the owner",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        boolean release(InMemoryData data, Instant now, Lease lease) {
                          return live(data, now, lease.name())
                              .filter(held -> held.owner().equals(lease.owner()))
                              .map(held -> super.release(data, now, held))
                              .orElse(false);
                        }
                      })
              .seen("A05")
              .alsoFails("L10", "L14"),
          leases(
                  "L11",
                  "tokens are compared as milliseconds",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> held(InMemoryData data, Instant now, Lease lease) {
                          return live(data, now, lease.name())
                              .filter(held -> Math.abs(held.token() - lease.token()) < 1_000)
                              .filter(held -> held.owner().equals(lease.owner()));
                        }
                      })
              .seen("A17")
              .alsoFails("L14", "L32"),
          leases(
              "L11",
              "a token larger than the stored one is accepted",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> held(InMemoryData data, Instant now, Lease lease) {
                      return live(data, now, lease.name())
                          .filter(held -> held.token() <= lease.token())
                          .filter(held -> held.owner().equals(lease.owner()));
                    }
                  }),
          leases(
              "L11",
              "token 0 passes for any token",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> held(InMemoryData data, Instant now, Lease lease) {
                      return lease.token() == 0
                          ? live(data, now, lease.name())
                          : super.held(data, now, lease);
                    }
                  }),
          leases(
                  "L12",
                  "owners are compared without case",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> held(InMemoryData data, Instant now, Lease lease) {
                          return live(data, now, lease.name())
                              .filter(held -> held.token() == lease.token())
                              .filter(held -> held.owner().equalsIgnoreCase(lease.owner()));
                        }
                      })
              .seen("G08"),
          leases(
                  "L12",
                  "owners are compared without trailing spaces",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> held(InMemoryData data, Instant now, Lease lease) {
                          return live(data, now, lease.name())
                              .filter(held -> held.token() == lease.token())
                              .filter(
                                  held ->
                                      held.owner()
                                          .stripTrailing()
                                          .equals(lease.owner().stripTrailing()));
                        }
                      })
              .seen("G08"),
          leases(
              "L12",
              "the token is enough to release, whoever calls",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    boolean release(InMemoryData data, Instant now, Lease lease) {
                      return live(data, now, lease.name())
                          .filter(held -> held.token() == lease.token())
                          .map(held -> super.release(data, now, held))
                          .orElse(false);
                    }
                  }),
          leases(
                  "L13",
                  "a name is freed only by the process that acquired it",
                  session ->
                      new InMemoryLeaseStore(session) {
                        private final Set<String> mine = new HashSet<>();

                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          Optional<Lease> lease =
                              super.acquire(data, now, name, owner, leaseDuration);
                          lease.ifPresent(it -> mine.add(name));
                          return lease;
                        }

                        @Override
                        boolean release(InMemoryData data, Instant now, Lease lease) {
                          return mine.contains(lease.name()) && super.release(data, now, lease);
                        }
                      })
              .seen("A13")
              .alsoFails("L25", "L26"),
          leases(
                  "L10",
                  "renew creates the lease again if its record is gone",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          if (!data.leases.containsKey(lease.name())) {
                            data.leases.put(
                                lease.name(),
                                BrokenGrants.until(lease, expiry(now, leaseDuration), now));
                          }
                          return super.renew(data, now, lease, leaseDuration);
                        }
                      })
              .seen("A04")
              .alsoFails("L14"),
          leases(
                  "L13",
                  "release works only with the lease from the latest answer",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        boolean release(InMemoryData data, Instant now, Lease lease) {
                          return live(data, now, lease.name())
                              .filter(held -> held.expiresAt().equals(lease.expiresAt()))
                              .map(held -> super.release(data, now, lease))
                              .orElse(false);
                        }
                      })
              .alsoFails("L32"),
          leases(
              "L14",
              "a second release answers true",
              session ->
                  new InMemoryLeaseStore(session) {
                    private final Set<Lease> released = new HashSet<>();

                    @Override
                    boolean release(InMemoryData data, Instant now, Lease lease) {
                      boolean again =
                          released.contains(lease) && live(data, now, lease.name()).isEmpty();
                      return again || (super.release(data, now, lease) && released.add(lease));
                    }
                  }),
          leases(
                  "L14",
                  "a second release frees the name although somebody has acquired it in between",
                  session ->
                      new InMemoryLeaseStore(session) {
                        private final Set<Lease> released = new HashSet<>();

                        @Override
                        boolean release(InMemoryData data, Instant now, Lease lease) {
                          if (released.contains(lease)) {
                            data.leases.remove(lease.name());
                          }
                          return super.release(data, now, lease) && released.add(lease);
                        }
                      })
              .seen("A05", "A15"),
          leases(
              "L15",
              "release after expiry answers true",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    boolean release(InMemoryData data, Instant now, Lease lease) {
                      Lease stored = data.leases.get(lease.name());
                      return super.release(data, now, lease)
                          || (stored != null
                              && stored.token() == lease.token()
                              && stored.owner().equals(lease.owner()));
                    }
                  }),
          leases(
                  "L15",
                  "release after expiry throws",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        boolean release(InMemoryData data, Instant now, Lease lease) {
                          Lease stored = data.leases.get(lease.name());
                          if (stored != null && !isLive(now, stored)) {
                            throw new IllegalStateException("no longer locked");
                          }
                          return super.release(data, now, lease);
                        }
                      })
              .seen("A19"),
          leases(
                  "L23",
                  "a renewal that changes nothing is answered as lost",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          Lease stored = data.leases.get(lease.name());
                          return super.renew(data, now, lease, leaseDuration)
                              .filter(
                                  it ->
                                      stored == null || !it.expiresAt().equals(stored.expiresAt()));
                        }
                      })
              .alsoFails("L32")
              .seen("G06"));

  private BrokenRenewals() {}

  private static Lease put(InMemoryData data, Lease lease, String owner, long token) {
    var replaced =
        Lease.of(lease.name(), owner, token, lease.expiresAt(), lease.asOf())
            .withNote(lease.note());
    data.leases.put(lease.name(), replaced);
    return replaced;
  }
}
