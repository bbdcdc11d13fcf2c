package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.leases;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Tokens of leases that do not grow. */
final class BrokenTokens {

  static final List<BrokenStore> ALL =
      List.of(
          data(
                  "L01",
                  "tokens begin with the smallest number",
                  clock ->
                      new InMemoryData(clock) {
                        private long last = Long.MIN_VALUE;

                        @Override
                        long nextToken(long previous, Instant now) {
                          return ++last;
                        }
                      })
              .alsoFails("L06"),
          leases(
                  "L05",
                  "the last token of a name is forgotten when the lease is released",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        boolean release(InMemoryData data, Instant now, Lease lease) {
                          boolean released = super.release(data, now, lease);
                          if (released) {
                            data.leaseTokens.remove(lease.name());
                          }
                          return released;
                        }
                      })
              .seen("A06")
              .alsoFails("L06", "L11", "L14", "L32"),
          leases(
                  "L05",
                  "each process counts tokens on its own",
                  session ->
                      new InMemoryLeaseStore(session) {
                        private long last;

                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          return super.acquire(data, now, name, owner, leaseDuration)
                              .map(lease -> withToken(data, lease, ++last));
                        }
                      })
              .seen("A06")
              .alsoFails("L06", "L07"),
          leases(
                  "L05",
                  "a lease that expired is granted again with its old token",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          Lease before = data.leases.get(name);
                          return super.acquire(data, now, name, owner, leaseDuration)
                              .map(
                                  lease ->
                                      before == null
                                          ? lease
                                          : withToken(data, lease, before.token()));
                        }
                      })
              .seen("A01")
              .alsoFails("L07", "L10", "L15", "L21"),
          store(
                  "L05",
                  "tokens are counted without a clock, and forgotten once a name was unused for a"
                      + " year",
                  new Parts() {
                    @Override
                    InMemoryData data(InstantSource clock) {
                      return new InMemoryData(clock) {
                        @Override
                        long nextToken(long previous, Instant now) {
                          return previous + 1;
                        }
                      };
                    }

                    @Override
                    LeaseStore leaseStore(InMemorySession session) {
                      return new InMemoryLeaseStore(session) {
                        @Override
                        void forgetLongExpired(InMemoryData data, Instant now) {
                          Instant aYearAgo = now.minus(Duration.ofDays(365));
                          data.leases
                              .values()
                              .removeIf(
                                  lease ->
                                      lease.expiresAt().isBefore(aYearAgo)
                                          && data.leaseTokens.remove(lease.name()) != null);
                        }
                      };
                    }
                  })
              .seen("A06"),
          forgetful(
              "L05", "the token of a removed name is remembered until the clock has passed it"),
          forgetful(
              "Q36", "the token of a removed job is remembered until the clock has passed it"),
          data(
                  "L06",
                  "the token is the time of the grant",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        long nextToken(long previous, Instant now) {
                          return micros(now);
                        }
                      })
              .seen("A17")
              .alsoFails("L05", "L11", "L14", "L32"),
          data(
                  "L06",
                  "tokens above 2^53 go through a double, and two in a row are equal",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        long nextToken(long previous, Instant now) {
                          return (long) (double) Math.max(previous + 1, (1L << 53) + micros(now));
                        }
                      })
              .seen("H11")
              .alsoFails("L05", "L11", "L14"));

  private BrokenTokens() {}

  private static BrokenStore forgetful(String clause, String how) {
    return data(
        clause,
        how,
        clock ->
            new InMemoryData(clock) {
              @Override
              void remembered(long removedToken) {
                if (removedToken >= micros(now())) {
                  super.remembered(removedToken);
                }
              }
            });
  }

  private static Lease withToken(InMemoryData data, Lease lease, long token) {
    var replaced =
        Lease.of(lease.name(), lease.owner(), token, lease.expiresAt(), lease.asOf())
            .withNote(lease.note());
    data.leases.put(lease.name(), replaced);
    data.leaseTokens.put(lease.name(), token);
    return replaced;
  }
}
