package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Who is granted a lease, with which token, and until when. */
abstract class LeaseGrantContract extends StoreContract {

  /**
   * A list shows at most 1000 leases, so no test may hold that many while another test reads it.
   */
  static final String LIST = "the list of leases";

  /** The named leases, through one backend object of the store under test. */
  protected LeaseStore store;

  /** The same leases, through another backend object on the same data. */
  protected LeaseStore other;

  @BeforeEach
  void takeLeaseStores() {
    store = part(Capability.LEASES, one::leaseStore);
    other = two.leaseStore();
  }

  Lease acquired(String name) {
    return acquired(store, name);
  }

  Lease acquired(LeaseStore store, String name) {
    Optional<Lease> lease = store.acquire(name, "kit", term);
    assertThat(lease).as("acquire of the free name %s", name).isPresent();
    return lease.get();
  }

  /** The stored record, without the time of the answer. */
  Optional<Lease> record(String name) {
    return other.find(name).map(LeaseGrantContract::withoutAsOf);
  }

  static Lease withoutAsOf(Lease lease) {
    return Lease.of(lease.name(), lease.owner(), lease.token(), lease.expiresAt(), Instant.EPOCH)
        .withNote(lease.note());
  }

  /**
   * Reads the store's clock from a lease that this test alone uses.
   *
   * @return the store's now
   */
  protected final Instant storeNow() {
    Lease probe = acquired(unique("clock"));
    store.release(probe);
    return probe.asOf();
  }

  @Test
  @DisplayName(
      "L01 acquire of a free name grants a lease with that owner, a token and at most the lease"
          + " duration")
  void acquireOfAFreeName() {
    String name = unique("L01");

    Optional<Lease> lease = store.acquire(name, "owner", term);

    assertThat(lease).as("the answer").isPresent();
    assertThat(lease.get().name()).as("name").isEqualTo(name);
    assertThat(lease.get().owner()).as("owner").isEqualTo("owner");
    assertThat(lease.get().token()).as("token").isPositive();
    assertThat(lease.get().remaining()).as("remaining").isPositive().isLessThanOrEqualTo(term);
  }

  @Test
  @DisplayName("L01 the expiry of a grant is the store's now + leaseDuration")
  void acquireCountsFromTheStoresNow() {
    Instant before = storeNow();
    Lease lease = acquired(unique("L01"));
    Instant after = storeNow();

    assertThat(lease.expiresAt()).as("expiry").isBetween(before.plus(term), after.plus(term));
  }

  @Test
  @DisplayName("L02 acquire of a held name is empty and leaves the record unchanged")
  void acquireOfAHeldName() {
    Lease lease = acquired(unique("L02"));
    Optional<Lease> before = record(lease.name());

    for (LeaseStore each : List.of(store, other)) {
      assertThat(each.acquire(lease.name(), "rival", term.multipliedBy(2)))
          .as("a rival's acquire")
          .isEmpty();
    }

    assertThat(record(lease.name())).as("the record").isEqualTo(before);
  }

  @Test
  @DisplayName("L03 acquire is refused when the holder itself asks again")
  void acquireByTheHolder() {
    Lease lease = acquired(unique("L03"));
    Optional<Lease> before = record(lease.name());

    for (LeaseStore each : List.of(store, other)) {
      assertThat(each.acquire(lease.name(), lease.owner(), term.multipliedBy(2)))
          .as("the holder's second acquire")
          .isEmpty();
    }

    assertThat(record(lease.name())).as("the record").isEqualTo(before);
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("L04 of N concurrent acquires of a free name exactly one succeeds")
  void concurrentAcquires() throws Exception {
    takeLongLeases();
    for (int round = 0; round < 20; round++) {
      String name = unique("L04");

      List<Optional<Lease>> answers =
          Together.run(8, i -> (i % 2 == 0 ? store : other).acquire(name, "owner-" + i, term));

      List<Lease> granted = answers.stream().flatMap(Optional::stream).toList();
      assertThat(granted)
          .as("the leases granted to 8 threads that asked two backend objects at once")
          .hasSize(1);
      assertThat(record(name)).as("the record").contains(withoutAsOf(granted.get(0)));
    }
  }

  @Test
  @DisplayName("L05 tokens grow over release, expiry and a new store object")
  void tokensGrow() throws Exception {
    String name = unique("L05");
    Lease first = acquired(name);
    store.release(first);
    Lease afterRelease = acquired(other, name);
    expireLeases();
    Lease afterExpiry = acquired(name);
    store.release(afterExpiry);
    Lease afterRestart = acquired(open().leaseStore(), name);

    assertThat(
            List.of(first.token(), afterRelease.token(), afterExpiry.token(), afterRestart.token()))
        .as("tokens of successive grants")
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("L05 tokens grow over the clean-up of a name that was not used for a year")
  void tokensGrowOverCleanUp() throws Exception {
    Lease lease = acquired(unique("L05"));
    advance(Duration.ofDays(400));
    acquired(unique("L05"));

    assertThat(acquired(other, lease.name()).token()).as("token").isGreaterThan(lease.token());
  }

  @Test
  @Since(2)
  @DisplayName("L05 tokens grow where the clock was set back since the clean-up of an unused name")
  void tokensGrowWhenTheClockIsSetBackAfterCleanUp() throws Exception {
    for (Duration by : List.of(Duration.ofMinutes(2), Duration.ofDays(400))) {
      Lease lease = acquired(unique("L05"));
      store.release(lease);
      advance(by);
      LeaseStore restarted = open().leaseStore();
      acquired(restarted, unique("L05"));
      setBack(by.multipliedBy(2));

      Lease next = acquired(restarted, lease.name());

      assertThat(next.token()).as("token, %s after the first", by).isGreaterThan(lease.token());
    }
  }

  @Test
  @Since(3)
  @Tag(Tags.RULE)
  @DisplayName("L05 tokens grow where a name with a smaller token was cleaned up last")
  void tokensGrowAfterTheCleanUpOfASmallerOne() throws Exception {
    LeaseStore restarted = open().leaseStore();
    store.acquire(unique("L05"), "kit", Duration.ofDays(10));
    advance(Duration.ofMinutes(2));
    String held = unique("L05");
    store.acquire(held, "kit", Limits.MAX_LEASE);
    Lease late = acquired(unique("L05"));
    store.release(late);
    // A refused acquire may clean up, and leaves no name that would be cleaned up later.
    for (Duration by : List.of(Duration.ofDays(1), Duration.ofDays(30))) {
      advance(by);
      assertThat(restarted.acquire(held, "rival", term)).as("acquire of a held name").isEmpty();
    }
    setBack(Duration.ofDays(60));

    assertThat(acquired(late.name()).token()).as("token").isGreaterThan(late.token());
  }

  @Test
  @DisplayName("L06 tokens grow between grants that follow each other immediately")
  void tokensGrowWithinOneReadingOfTheClock() {
    String name = unique("L06");
    long last = 0;
    for (int i = 0; i < 100; i++) {
      Lease lease = acquired(i % 2 == 0 ? store : other, name);
      assertThat(lease.token()).as("token of grant %s", i).isGreaterThan(last);
      last = lease.token();
      store.release(lease);
    }
  }

  @Test
  @DisplayName("L07 before its expiry a lease is held: found, refused to others, renewed")
  void heldBeforeExpiry() throws Exception {
    Lease lease = acquired(unique("L07"));

    advanceAlmost(term);

    assertThat(record(lease.name())).as("find").isPresent();
    assertThat(other.acquire(lease.name(), "rival", term)).as("a rival's acquire").isEmpty();
    assertThat(store.renew(lease, term)).as("renew").isPresent();
  }

  @Test
  @DisplayName("L07 at its expiry a lease is gone: find and list do not show it")
  @ResourceLock(LIST)
  void notFoundAtExpiry() throws Exception {
    Lease lease = acquired(unique("L07"));

    advanceAlmost(term);
    advanceTheRest();

    assertThat(store.find(lease.name())).as("find").isEmpty();
    assertThat(AllPages.of(store, ""))
        .as("list")
        .extracting(Lease::name)
        .doesNotContain(lease.name());
  }

  @Test
  @DisplayName("L07 at its expiry a lease is gone: another owner can acquire it")
  void acquiredAtExpiry() throws Exception {
    Lease lease = acquired(unique("L07"));

    advanceAlmost(term);
    advanceTheRest();

    Optional<Lease> taken = other.acquire(lease.name(), "rival", term);
    assertThat(taken).as("a rival's acquire").isPresent();
    assertThat(taken.get().owner()).as("its owner").isEqualTo("rival");
    assertThat(taken.get().token()).as("its token").isGreaterThan(lease.token());
  }

  @Test
  @DisplayName("L07 at its expiry a lease is gone: renew is lost")
  void notRenewedAtExpiry() throws Exception {
    Lease lease = acquired(unique("L07"));

    advanceAlmost(term);
    advanceTheRest();

    assertThat(store.renew(lease, term)).as("renew").isEmpty();
  }

  @Test
  @DisplayName("L01 a grant lasts as long as requested: an hour or a year")
  void grantsOfSeveralLengths() {
    for (Duration leaseDuration : List.of(Duration.ofHours(1), Limits.MAX_LEASE)) {
      Instant before = storeNow();
      Optional<Lease> lease = store.acquire(unique("L01"), "kit", leaseDuration);
      Instant after = storeNow();

      assertThat(lease).as("acquire for %s", leaseDuration).isPresent();
      assertThat(lease.get().expiresAt())
          .as("expiry of a grant for %s", leaseDuration)
          .isBetween(before.plus(leaseDuration), after.plus(leaseDuration));
      store.release(lease.get());
    }
  }

  @Test
  @Since(2)
  @Tag(Tags.RULE)
  @DisplayName("L01 a grant lasts exactly as long as requested, from a millisecond to a year")
  void grantsAtTheEdges() {
    for (Duration duration : JobNumberContract.TIMES) {
      Instant before = storeNow();
      Optional<Lease> lease = store.acquire(unique("L01"), "kit", duration);
      Instant after = storeNow();
      assertThat(lease).as("acquire for %s", duration).isPresent();
      assertThat(lease.get().expiresAt())
          .as("the expiry of a grant for %s", duration)
          .isBetween(before.plus(duration), after.plus(duration));
      store.release(lease.get());
    }
  }

  @Test
  @Since(2)
  @Tag(Tags.RULE)
  @DisplayName("L08 a renewal lasts exactly as long as requested, from a year to a millisecond")
  void renewalsAtTheEdges() {
    Lease lease = acquired(unique("L08"));
    for (int i = JobNumberContract.TIMES.size() - 1; i >= 0; i--) {
      // The longest first, and none that may be over before the next one.
      Duration duration = JobNumberContract.TIMES.get(i);
      if (i > 0 && duration.compareTo(term) < 0) {
        continue;
      }
      Instant before = storeNow();
      Optional<Lease> renewed = store.renew(lease, duration);
      Instant after = storeNow();
      assertThat(renewed).as("renew for %s", duration).isPresent();
      assertThat(renewed.get().expiresAt())
          .as("the expiry of a renewal for %s", duration)
          .isBetween(before.plus(duration), after.plus(duration));
    }
  }
}
