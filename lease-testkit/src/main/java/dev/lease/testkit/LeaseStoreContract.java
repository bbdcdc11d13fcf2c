package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * The contract of a {@link LeaseStore}, clauses L01 to L33. Extend this class and return your store
 * from {@link #fixture()}.
 *
 * <p>What needs a clock, faults or connection pools that only a backend has is reported as skipped,
 * here and in the other contracts: each backend tests that itself.
 */
public abstract class LeaseStoreContract extends LeaseTimeContract {

  /** Takes no arguments: {@link #fixture()} says everything. */
  protected LeaseStoreContract() {}

  @Test
  @DisplayName("L16 names that look alike are different names")
  void namesNeverMeet() {
    takeLongLeases();
    List<Lease> leases = new ArrayList<>();
    for (String name : Texts.ALIKE) {
      Optional<Lease> lease = store.acquire(name, "of " + name, term);
      assertThat(lease).as("acquire of '%s' while the others are held", name).isPresent();
      leases.add(lease.get());
    }
    for (Lease lease : leases) {
      assertThat(record(lease.name()))
          .as("the record of '%s'", lease.name())
          .contains(withoutAsOf(lease));
      assertThat(store.release(lease)).as("release of '%s'", lease.name()).isTrue();
    }
  }

  @Test
  @DisplayName("L17 names and owners of 1 to 200 bytes of UTF-8 come back exactly")
  @ResourceLock(LIST)
  void namesRoundTrip() {
    for (String name : Texts.LONG) {
      Optional<Lease> lease = store.acquire(name, name, term);
      assertThat(lease).as("acquire of %s", name).isPresent();
      assertThat(other.find(name).map(Lease::name)).as("name").contains(name);
      assertThat(other.find(name).map(Lease::owner)).as("owner").contains(name);
      assertThat(AllPages.of(other, "")).as("list").extracting(Lease::name).contains(name);
      assertThat(store.release(lease.get())).as("release of %s", name).isTrue();
    }
  }

  @Test
  @DisplayName("L17 bad names and owners are refused")
  void badNames() {
    String name = unique("L17");
    Texts.BAD_NAMES.forEach(
        (why, bad) -> {
          assertRefused("acquire, name " + why, () -> store.acquire(bad, "kit", term));
          assertRefused("acquire, owner " + why, () -> store.acquire(name, bad, term));
          assertRefused("find, name " + why, () -> store.find(bad));
        });
    assertRefused("acquire, no name", () -> store.acquire(absent(), "kit", term));
    assertRefused("acquire, no owner", () -> store.acquire(name, absent(), term));
    assertRefused("find, no name", () -> store.find(absent()));
    assertRefused("renew, no lease", () -> store.renew(absent(), term));
    assertRefused("release, no lease", () -> store.release(absent()));
    assertThat(record(name)).as("the record after refused calls").isEmpty();
    acquired(name);
    assertRefused("acquire of a held name, bad owner", () -> store.acquire(name, "", term));
  }

  @Test
  @DisplayName("L18 a bad lease duration is refused, and nothing changes")
  void badTtl() {
    String free = unique("L18");
    Lease lease = acquired(unique("L18"));
    Optional<Lease> before = record(lease.name());

    Refusals.BAD_LEASES.forEach(
        (bad, leaseDuration) -> {
          assertRefused("acquire, " + bad, () -> store.acquire(free, "kit", leaseDuration));
          assertRefused("renew, " + bad, () -> store.renew(lease, leaseDuration));
        });

    assertThat(record(free)).as("the record of the free name").isEmpty();
    assertThat(record(lease.name())).as("the record of the held name").isEqualTo(before);
  }

  @Test
  @DisplayName(
      "L18 the longest lease duration and one with nanoseconds are granted, and never for longer")
  void extremeTtl() {
    for (Duration leaseDuration :
        List.of(Limits.MAX_LEASE, term.plusNanos(1_999), term.plusNanos(999))) {
      Optional<Lease> lease = store.acquire(unique("L18"), "kit", leaseDuration);
      assertThat(lease).as("acquire for %s", leaseDuration).isPresent();
      assertThat(lease.get().remaining())
          .as("remaining")
          .isPositive()
          .isLessThanOrEqualTo(leaseDuration);
      store.release(lease.get());
    }
    assertThat(store.acquire(unique("L18"), "kit", Limits.MIN_LEASE))
        .as("acquire for the shortest lease duration")
        .isPresent();
  }

  @Test
  @DisplayName("L20 the reported expiry is never later than the stored one")
  void reportedExpiry() {
    String name = unique("L20");
    Optional<Lease> granted = store.acquire(name, "kit", term.plusNanos(1_234_567));
    assertThat(granted).as("acquire").isPresent();
    assertThat(granted.get().expiresAt())
        .as("the expiry that acquire reported")
        .isBeforeOrEqualTo(other.find(name).orElseThrow().expiresAt());

    Optional<Lease> renewed = store.renew(granted.get(), term.plusNanos(7_654_321));
    assertThat(renewed).as("renew").isPresent();
    assertThat(renewed.get().expiresAt())
        .as("the expiry that renew reported")
        .isBeforeOrEqualTo(other.find(name).orElseThrow().expiresAt());
  }

  @Test
  @DisplayName("L21 find and list change nothing")
  void readsChangeNothing() throws Exception {
    Lease lease = acquired(unique("L21"));
    Optional<Lease> before = record(lease.name());

    for (int i = 0; i < 3; i++) {
      store.find(lease.name());
      store.list("", null, 1);
      store.find(unique("L21"));
    }

    assertThat(record(lease.name())).as("the record").isEqualTo(before);
    expireLeases();
    store.find(lease.name());
    assertThat(acquired(lease.name()).token())
        .as("the next token after reads of an expired lease")
        .isGreaterThan(lease.token());
  }

  @Test
  @DisplayName(
      "L21 list gives the live leases in the order of their names' UTF-8 bytes, up to the limit")
  @ResourceLock(LIST)
  void listOfLeases() throws Exception {
    String common = unique("L21");
    acquired(common + "expired");
    expireLeases();
    acquired(common + "😀");
    acquired(common + "\uFF5E");
    store.release(acquired(common + "released"));
    acquired(other, common + "B");
    acquired(common + "a");

    assertThat(
            AllPages.of(store, "").stream()
                .map(Lease::name)
                .filter(name -> name.startsWith(common)))
        .as("the names listed")
        .containsExactly(common + "B", common + "a", common + "\uFF5E", common + "😀");
    assertThat(store.list("", null, 2).leases())
        .as("list with limit 2")
        .hasSizeLessThanOrEqualTo(2);
    for (int limit : new int[] {0, -1, 1_001, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertRefused("list with limit " + limit, () -> store.list("", null, limit));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("L21 list gives a lease as long as its last renewal lasts")
  @ResourceLock(LIST)
  void listOfRenewedLeases() throws Exception {
    Lease longer = acquired(unique("L21"));
    Lease shorter = acquired(unique("L21"));
    store.renew(longer, term.multipliedBy(3));
    store.renew(shorter, term.dividedBy(2));

    expireLeases();
    // A store may forget expired leases at an acquire.
    acquired(other, unique("L21"));

    assertThat(AllPages.of(store, ""))
        .as("list after the expiry that both had before")
        .extracting(Lease::name)
        .contains(longer.name())
        .doesNotContain(shorter.name());
  }

  @Test
  @DisplayName("L23 an acquire that is sent twice leaves one grant")
  void acquireTwice() {
    String name = unique("L23");
    Lease lease = acquired(name);

    Optional<Lease> second = store.acquire(name, lease.owner(), term);

    Lease live = second.orElse(lease);
    assertThat(record(name)).as("the record").contains(withoutAsOf(live));
  }

  @Test
  @DisplayName("L23 a renew that is sent twice leaves one grant, and its second answer is correct")
  void renewTwice() {
    Lease lease = acquired(unique("L23"));
    store.renew(lease, term.multipliedBy(2));

    Optional<Lease> second = other.renew(lease, term.multipliedBy(2));

    assertThat(second).as("the second answer").isPresent();
    assertThat(record(lease.name())).as("the record").contains(withoutAsOf(second.get()));
    assertThat(second.get().token()).as("token").isEqualTo(lease.token());
  }

  @Test
  @DisplayName("L23 a release that is sent twice leaves the name free")
  void releaseTwice() {
    Lease lease = acquired(unique("L23"));
    store.release(lease);

    store.release(lease);

    assertThat(record(lease.name())).as("the record").isEmpty();
  }

  @Test
  @DisplayName(
      "L24 on an interrupted thread, a call that need not wait completes and leaves the interrupt"
          + " flag set")
  void interrupted() {
    Lease lease = acquired(unique("L24"));
    List<Runnable> calls =
        List.of(
            () -> store.acquire(unique("L24"), "kit", term),
            () -> store.renew(lease, term),
            () -> store.find(lease.name()),
            () -> store.list("", null, 1),
            () -> store.release(lease));
    for (Runnable call : calls) {
      interrupted(call);
    }
    acquired(unique("L24"));
  }

  private static void interrupted(Runnable call) {
    Thread.currentThread().interrupt();
    try {
      call.run();
    } finally {
      assertThat(Thread.interrupted()).as("the interrupt flag after the call").isTrue();
    }
  }

  @Test
  @DisplayName("L24 on an interrupted thread, no lease that is still held is reported lost")
  void interruptedCallsTellTheTruth() {
    String name = unique("L24");
    Lease held = acquired(unique("L24"));
    Lease ended = acquired(unique("L24"));

    interrupted(() -> assertThat(store.acquire(name, "kit", term)).as("acquire").isPresent());
    Duration longer = term.multipliedBy(2);
    interrupted(() -> assertThat(store.renew(held, longer)).as("renew").isPresent());
    interrupted(() -> assertThat(store.find(held.name())).as("find").isPresent());
    interrupted(() -> assertThat(store.release(ended)).as("release").isTrue());
  }

  @Test
  @DisplayName("L25 a thousand names can be held at once, and hundreds are listed")
  @ResourceLock(LIST)
  void manyNames() {
    takeLongLeases();
    String common = unique("L25");
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      leases.add(acquired(i % 2 == 0 ? store : other, common + i));
    }
    // Names of most other tests begin with a letter, which comes later.
    String first = unique("!L21");
    for (int i = 0; i < 300; i++) {
      leases.add(acquired(first + i));
    }
    assertThat(AllPages.of(store, "").stream().map(Lease::name).filter(it -> it.startsWith(first)))
        .as("the names of the list that begin with %s", first)
        .hasSize(300);
    for (Lease lease : leases) {
      assertThat(store.release(lease)).as("release of %s", lease.name()).isTrue();
    }
  }

  @Test
  @DisplayName("L26 after close every call throws IllegalStateException, and nothing is released")
  void closed() throws Exception {
    Backend backend = open();
    LeaseStore closed = backend.leaseStore();
    Lease lease = acquired(closed, unique("L26"));
    Optional<Lease> before = record(lease.name());

    close(backend);

    assertClosed("acquire", () -> closed.acquire(unique("L26"), "kit", term));
    assertClosed("renew", () -> closed.renew(lease, term));
    assertClosed("release", () -> closed.release(lease));
    if (!lacks(Capability.NOTES)) {
      String name = unique("L26");
      assertClosed("acquire with a note", () -> closed.acquire(name, "kit", term, "note"));
      assertClosed("renew with a note", () -> closed.renew(lease, term, "note"));
    }
    assertClosed("find", () -> closed.find(lease.name()));
    assertClosed("list", () -> closed.list("", null, 1));
    assertThat(record(lease.name())).as("the record of the held lease").isEqualTo(before);
    assertThat(store.release(lease)).as("release through another backend object").isTrue();
  }

  @Test
  @Since(2)
  @DisplayName("L26 a second close does nothing, and harms no other backend object")
  void closedTwice() throws Exception {
    Backend backend = open();
    close(backend);
    close(backend);
    acquired(unique("L26"));
  }

  @Test
  @Since(2)
  @DisplayName("L21 a store gives a JobQueue, or refuses it and does not name that capability")
  void jobQueue() {
    if (lacks(Capability.JOBS)) {
      assertLacks(Capability.JOBS, one::jobQueue);
    }
    assertThat(one.jobQueue()).as("the JobQueue").isNotNull();
  }

  @Test
  @DisplayName("L17 200-byte names that differ in the last byte are different names")
  void longNamesThatDiffer() {
    String common = "x".repeat(199);
    Lease one = acquired(common + "1");
    Lease two = acquired(other, common + "2");

    assertThat(record(one.name())).as("the one record").contains(withoutAsOf(one));
    assertThat(record(two.name())).as("the other record").contains(withoutAsOf(two));
  }

  @Test
  @DisplayName("L17 owners come back exactly, with spaces and special characters")
  void ownersRoundTrip() {
    for (String owner : Texts.ALIKE) {
      String name = unique("L17");
      store.acquire(name, owner, term);
      assertThat(other.find(name).map(Lease::owner)).as("owner").contains(owner);
    }
  }

  @Test
  @DisplayName("L21 find and list do not prolong a lease")
  void readsDoNotProlong() throws Exception {
    Lease lease = acquired(unique("L21"));
    advanceAlmost(term);

    store.find(lease.name());
    store.list("", null, 1_000);

    advanceTheRest();
    assertThat(record(lease.name())).as("find after the granted expiry").isEmpty();
  }

  @Test
  @DisplayName("L21 find and list report how much of a lease is left at the time of the call")
  @ResourceLock(LIST)
  void readsTellWhatIsLeft() throws Exception {
    String name = unique("L21");
    store.acquire(name, "kit", LEASE);
    Duration gone = Duration.ofSeconds(1);
    advance(gone);

    assertThat(store.find(name).map(Lease::remaining).orElseThrow())
        .as("remaining, by find")
        .isLessThanOrEqualTo(LEASE.minus(gone));
    assertThat(AllPages.of(store, ""))
        .filteredOn(lease -> lease.name().equals(name))
        .as("remaining, by list")
        .singleElement()
        .satisfies(lease -> assertThat(lease.remaining()).isLessThanOrEqualTo(LEASE.minus(gone)));
  }

  @Test
  @Disabled("needs a store that takes a clock: the backend's own tests")
  @DisplayName("L19 untested: clocks of two processes that differ")
  void untestedClocks() {}

  @Test
  @Disabled("FaultyNetworkContract, or the backend's own tests")
  @DisplayName("L22 untested: errors of the database")
  void untestedErrors() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("L29 untested: connection pools and SQL transactions")
  void untestedPools() {}

  @Test
  @Disabled("FaultyNetworkContract, or the backend's own tests")
  @DisplayName("L31 untested: calls that hang")
  void untestedHangs() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("L17 untested in part: that nothing was sent before a refusal")
  void untestedSending() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("L25 untested in part: that forgotten names do not pile up")
  void untestedCleanUp() {}
}
