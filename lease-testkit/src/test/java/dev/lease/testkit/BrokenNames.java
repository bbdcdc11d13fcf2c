package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.leases;
import static dev.lease.testkit.BrokenStore.session;

import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.StoreException;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Names that are mixed up, arguments that are not checked, and leases that end with their backend.
 */
final class BrokenNames {

  static final List<BrokenStore> ALL =
      List.of(
          folding("names are compared without case", name -> name.toLowerCase(Locale.ROOT))
              .alsoFails("L33")
              .seen("G08"),
          folding("names are compared without trailing spaces", String::stripTrailing)
              .alsoFails("L33")
              .seen("G08"),
          folding(
                  "names are compared without accents",
                  name -> Normalizer.normalize(name, Normalizer.Form.NFD).replaceAll("\\p{M}", ""))
              .seen("G08"),
          folding("names are normalised", name -> Normalizer.normalize(name, Normalizer.Form.NFC))
              .seen("J11"),
          folding("names are compared by their hash", name -> String.valueOf(name.hashCode()))
              .seen("A13"),
          folding("names are cut at a brace", name -> name.replaceAll("[{}]", "")).seen("H17"),
          folding(
                  "L17",
                  "names are cut after 199 bytes",
                  name -> name.length() > 199 ? name.substring(0, 199) : name)
              .seen("J09"),
          leases(
                  "L17",
                  "the last space of an owner is lost",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          return super.acquire(
                              data, now, name, owner.stripTrailing(), leaseDuration);
                        }
                      })
              .seen("G08"),
          leases(
                  "L17",
                  "find of an illegal name finds nothing instead of refusing it",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        public Optional<Lease> find(String name) {
                          return session.run((data, now) -> find(data, now, String.valueOf(name)));
                        }
                      })
              .seen("J01", "J02"),
          leases(
                  "L18",
                  "the leaseDuration of a renewal is not checked",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
                          Limits.notNull("lease", lease);
                          return session.run((data, now) -> renew(data, now, lease, leaseDuration));
                        }
                      })
              .seen("J12"),
          leases(
                  "L18",
                  "a renewal with leaseDuration 0 releases, and then throws",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
                          if (Duration.ZERO.equals(leaseDuration)) {
                            release(lease);
                          }
                          return super.renew(lease, leaseDuration);
                        }
                      })
              .seen("H14"),
          leases(
              "L18",
              "a leaseDuration is rounded up to whole seconds",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Instant expiry(Instant now, Duration leaseDuration) {
                      return now.plusSeconds(leaseDuration.plusNanos(999_999_999).toSeconds());
                    }
                  }),
          leases(
                  "L01",
                  "the milliseconds of a leaseDuration are an int, and a year overflows",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Instant expiry(Instant now, Duration leaseDuration) {
                          return now.plusMillis(leaseDuration.toMillis() & Integer.MAX_VALUE);
                        }
                      })
              .seen("J12"),
          leases(
                  "L24",
                  "a call on an interrupted thread throws, and clears the interrupt flag",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        Optional<Lease> renew(
                            InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                          if (Thread.interrupted()) {
                            throw StoreException.notDone("interrupted", new InterruptedException());
                          }
                          return super.renew(data, now, lease, leaseDuration);
                        }
                      })
              .seen("E08"),
          session(
              "L26",
              "a closed backend goes on working",
              data ->
                  new InMemorySession(data) {
                    @Override
                    void close() {}
                  }),
          session(
              "L26",
              "closing a backend releases all leases",
              data ->
                  new InMemorySession(data) {
                    @Override
                    void close() {
                      run((all, now) -> all.leases.keySet().retainAll(List.of()));
                      super.close();
                    }
                  }),
          leases(
                  "L26",
                  "after close acquire answers that the name is held",
                  session ->
                      new InMemoryLeaseStore(session) {
                        @Override
                        public Optional<Lease> acquire(
                            String name, String owner, Duration leaseDuration) {
                          try {
                            return super.acquire(name, owner, leaseDuration);
                          } catch (IllegalStateException e) {
                            return Optional.empty();
                          }
                        }
                      })
              .seen("F12"));

  private BrokenNames() {}

  private static BrokenStore folding(String how, UnaryOperator<String> fold) {
    return folding("L16", how, fold);
  }

  private static BrokenStore folding(String clause, String how, UnaryOperator<String> fold) {
    return leases(
        clause,
        how,
        session ->
            new InMemoryLeaseStore(session) {
              @Override
              Optional<Lease> live(InMemoryData data, Instant now, String name) {
                return data.leases.values().stream()
                    .filter(lease -> fold.apply(lease.name()).equals(fold.apply(name)))
                    .filter(lease -> isLive(now, lease))
                    .findFirst();
              }
            });
  }
}
