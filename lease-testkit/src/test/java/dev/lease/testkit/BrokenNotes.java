package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.leases;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Notes that come late, stay too long or change, and pages that miss leases or invent them. */
final class BrokenNotes {

  /** The last note of each name, over the end of its lease. */
  private static final Map<String, String> NOTES = new ConcurrentHashMap<>();

  static final List<BrokenStore> ALL =
      List.of(
          leases(
              "L32",
              "a new grant shows the note of the one before",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> acquire(
                        InMemoryData data, Instant now, String name, String owner, Duration time) {
                      return super.acquire(data, now, name, owner, time)
                          .map(
                              lease ->
                                  NOTES.containsKey(name)
                                      ? super.noted(data, lease, NOTES.get(name))
                                      : lease);
                    }

                    @Override
                    Lease noted(InMemoryData data, Lease lease, String note) {
                      NOTES.put(lease.name(), note);
                      return super.noted(data, lease, note);
                    }
                  }),
          leases(
              "L32",
              "a renewal without a note loses it",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> renew(
                        InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                      Optional<Lease> renewed =
                          super.renew(data, now, lease, leaseDuration).map(it -> it.withNote(null));
                      renewed.ifPresent(it -> data.leases.put(it.name(), it));
                      return renewed;
                    }
                  }),
          leases(
              "L32",
              "a renewal keeps the note of the lease that it is given",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> renew(
                        InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                      Optional<Lease> renewed =
                          super.renew(data, now, lease, leaseDuration)
                              .map(it -> it.withNote(lease.note()));
                      renewed.ifPresent(it -> data.leases.put(it.name(), it));
                      return renewed;
                    }
                  }),
          leases(
              "L32",
              "the answer of a renewal does not have the note",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
                      return super.renew(lease, leaseDuration).map(it -> it.withNote(null));
                    }
                  }),
          leases(
              "L32",
              "a renewal that is lost still replaces the note",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public Optional<Lease> renew(Lease lease, Duration time, String note) {
                      Optional<Lease> renewed = super.renew(lease, time, note);
                      session.run(
                          (data, now) ->
                              live(data, now, lease.name()).map(it -> noted(data, it, note)));
                      return renewed;
                    }
                  }),
          leases(
              "L32",
              "a note is cut at 4,000 characters",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Lease noted(InMemoryData data, Lease lease, String note) {
                      int end = note.offsetByCodePoints(0, Math.min(4_000, codePoints(note)));
                      return super.noted(data, lease, note.substring(0, end));
                    }
                  }),
          leases(
              "L32",
              "an empty note is none",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Lease noted(InMemoryData data, Lease lease, String note) {
                      return note.isEmpty() ? lease : super.noted(data, lease, note);
                    }
                  }),
          listing(
              "the prefix is a pattern of LIKE",
              (prefix, name) -> matches(prefix, name, "%", ".*", "_", ".")),
          listing(
              "the prefix is a pattern of SCAN",
              (prefix, name) -> matches(prefix, name, "*", ".*", "?", ".")),
          listing(
              "the prefix is compared without case",
              (prefix, name) ->
                  name.toLowerCase(Locale.ROOT).startsWith(prefix.toLowerCase(Locale.ROOT))),
          listing(
              "the prefix may stand anywhere in the name", (prefix, name) -> name.contains(prefix)),
          listing(
                  "a name does not begin with itself",
                  (prefix, name) -> name.startsWith(prefix) && !name.equals(prefix))
              .alsoFails("L32"),
          leases(
              "L33",
              "a page skips the names that begin with the last one of the page before",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public LeasePage list(String prefix, @Nullable String after, int limit) {
                      LeasePage page = super.list(prefix, after, limit);
                      return LeasePage.of(
                          page.leases().stream()
                              .filter(lease -> after == null || !lease.name().startsWith(after))
                              .toList(),
                          page.next());
                    }
                  }),
          leases(
              "L33",
              "a page begins with the last name of the page before",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public LeasePage list(String prefix, @Nullable String after, int limit) {
                      LeasePage page = super.list(prefix, after, limit);
                      return after == null || page.leases().size() < 2
                          ? page
                          : super.list(prefix, before(after), limit);
                    }
                  }),
          leases(
              "L33",
              "a prefix is not checked",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public LeasePage list(String prefix, @Nullable String after, int limit) {
                      try {
                        Limits.prefix("prefix", prefix);
                      } catch (IllegalArgumentException e) {
                        return LeasePage.of(List.of(), null);
                      }
                      return super.list(prefix, after, limit);
                    }
                  }),
          leases(
              "L33",
              "a page that is full is the last one",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public LeasePage list(String prefix, @Nullable String after, int limit) {
                      return LeasePage.of(super.list(prefix, after, limit).leases(), null);
                    }
                  }));

  private BrokenNotes() {}

  private static int codePoints(String text) {
    return text.codePointCount(0, text.length());
  }

  /** A name that is right before another. */
  private static String before(String name) {
    return name.substring(0, name.length() - 1) + (char) (name.charAt(name.length() - 1) - 1);
  }

  /** A store that finds the names with a prefix in its own way. */
  private static BrokenStore listing(String how, BiPredicate<String, String> begins) {
    return leases(
        "L33",
        how,
        session ->
            new InMemoryLeaseStore(session) {
              @Override
              public LeasePage list(String prefix, @Nullable String after, int limit) {
                Limits.prefix("prefix", prefix);
                Limits.limit(limit);
                return LeasePage.upTo(
                    limit,
                    super.list("", after, Limits.MAX_BATCH).leases().stream()
                        .filter(lease -> begins.test(prefix, lease.name()))
                        .limit(limit)
                        .toList());
              }
            });
  }

  private static boolean matches(
      String prefix, String name, String many, String anyMany, String one, String anyOne) {
    StringBuilder pattern = new StringBuilder();
    prefix
        .codePoints()
        .mapToObj(Character::toString)
        .map(each -> each.equals(many) ? anyMany : each.equals(one) ? anyOne : Pattern.quote(each))
        .forEach(pattern::append);
    return Pattern.compile(pattern + ".*", Pattern.DOTALL).matcher(name).matches();
  }
}
