package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Renewal and release: by the holder, by a former holder, and by somebody who never held the lease.
 */
abstract class LeaseRenewContract extends LeaseGrantContract {

  private static Lease withToken(Lease lease, long token) {
    return Lease.of(lease.name(), lease.owner(), token, lease.expiresAt(), lease.asOf());
  }

  private static Lease withOwner(Lease lease, String owner) {
    return Lease.of(lease.name(), owner, lease.token(), lease.expiresAt(), lease.asOf());
  }

  private void assertLost(Lease lease, String why) {
    Optional<Lease> before = record(lease.name());
    assertThat(store.renew(lease, term.multipliedBy(3))).as("renew %s", why).isEmpty();
    assertThat(other.renew(lease, term.multipliedBy(3))).as("renew %s", why).isEmpty();
    assertThat(store.release(lease)).as("release %s", why).isFalse();
    assertThat(other.release(lease)).as("release %s", why).isFalse();
    assertThat(record(lease.name())).as("the record after calls %s", why).isEqualTo(before);
  }

  @Test
  @DisplayName(
      "L08 renew sets the expiry to the store's now + leaseDuration, not to the old expiry +"
          + " leaseDuration")
  void renewCountsFromNow() {
    Lease lease = acquired(unique("L08"));

    Instant before = storeNow();
    Optional<Lease> renewed = other.renew(lease, term.multipliedBy(2));
    Instant after = storeNow();

    assertThat(renewed).as("renew").isPresent();
    assertThat(renewed.get().expiresAt())
        .as("expiry")
        .isBetween(before.plus(term.multipliedBy(2)), after.plus(term.multipliedBy(2)));
    assertThat(renewed.get().asOf()).as("asOf").isBetween(before, after);
    assertThat(record(lease.name())).as("the record").contains(withoutAsOf(renewed.get()));
  }

  @Test
  @DisplayName("L08 renew keeps token and owner")
  void renewKeepsTheGrant() {
    Lease lease = acquired(unique("L08"));

    Optional<Lease> renewed = store.renew(lease, term.multipliedBy(2));

    assertThat(renewed).as("renew").isPresent();
    assertThat(renewed.get().token()).as("token").isEqualTo(lease.token());
    assertThat(renewed.get().owner()).as("owner").isEqualTo(lease.owner());
  }

  @Test
  @DisplayName("L08 a renewed lease lasts until its new expiry")
  void renewedLeaseLasts() throws Exception {
    Lease lease = acquired(unique("L08"));
    advanceAlmost(term);
    store.renew(lease, term);

    advanceAlmost(term);

    assertThat(record(lease.name())).as("find before the new expiry").isPresent();
    advanceTheRest();
    assertThat(record(lease.name())).as("find after the new expiry").isEmpty();
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("L15 a lease can be released until its expiry, and no longer")
  void releaseAtTheExpiry() throws Exception {
    Lease kept = acquired(unique("L15"));
    Lease released = acquired(unique("L15"));
    advanceAlmost(term);
    assertThat(other.release(released)).as("release before the expiry").isTrue();
    advanceTheRest();
    assertThat(other.release(kept)).as("release at the expiry").isFalse();
  }

  @Test
  @DisplayName("L09 renew may shorten")
  void renewShortens() throws Exception {
    Lease lease = acquired(unique("L09"));
    Duration half = term.dividedBy(2);

    Optional<Lease> renewed = store.renew(lease, half);

    assertThat(renewed).as("renew").isPresent();
    assertThat(renewed.get().expiresAt()).as("expiry").isBefore(lease.expiresAt());
    advanceAlmost(half);
    assertThat(record(lease.name())).as("find before the new expiry").isPresent();
    advanceTheRest();
    assertThat(record(lease.name())).as("find after the new expiry").isEmpty();
  }

  @Test
  @DisplayName("L10 renew after expiry is lost and creates nothing")
  void renewAfterExpiry() throws Exception {
    Lease lease = acquired(unique("L10"));

    expireLeases();

    assertThat(store.renew(lease, term)).as("renew").isEmpty();
    assertThat(store.find(lease.name())).as("find").isEmpty();
    acquired(other, lease.name());
  }

  @Test
  @DisplayName(
      "L10 renew after expiry is lost if another owner acquired the lease, and that owner keeps it")
  void renewAfterReacquisition() throws Exception {
    Lease lease = acquired(unique("L10"));
    expireLeases();
    acquired(other, lease.name());

    assertLost(lease, "with the token of the previous holder");
  }

  @Test
  @DisplayName("L11 renew and release with another token are lost")
  void wrongToken() {
    Lease lease = acquired(unique("L11"));
    long token = lease.token();

    for (long wrong : new long[] {token - 1, token + 1, 0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertLost(withToken(lease, wrong), "with token " + wrong + " instead of " + token);
    }
  }

  @Test
  @DisplayName("L11 renew and release with another name's token are lost")
  void anotherNamesToken() {
    Lease lease = acquired(unique("L11"));
    Lease equal = acquired(unique("L11"));
    store.release(equal);
    Lease another = acquired(equal.name());
    assertThat(another.token()).as("token of another name").isNotEqualTo(lease.token());

    assertLost(withToken(lease, another.token()), "with another name's token");
  }

  @Test
  @DisplayName("L12 renew and release with the right token and a wrong owner are lost")
  void wrongOwner() {
    Lease lease = acquired(unique("L12"));

    for (String wrong : List.of("rival", "KIT", "kit ", " kit", "ki")) {
      assertLost(withOwner(lease, wrong), "with owner '" + wrong + "' instead of 'kit'");
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("L12 owners that look alike, or differ at the end of 200 bytes, are different")
  void ownersThatLookAlike() {
    String most = "x".repeat(199);
    for (List<String> owners :
        List.of(Texts.ALIKE_FIRST, List.of(most + "1", most + "2", most, most + " "))) {
      Optional<Lease> lease = store.acquire(unique("L12"), owners.get(0), term);
      assertThat(lease).as("acquire of a free name").isPresent();
      for (String wrong : owners.subList(1, owners.size())) {
        Lease forged = withOwner(lease.get(), wrong);
        assertThat(store.renew(forged, term)).as("renew with owner '%s'", wrong).isEmpty();
        assertThat(other.release(forged)).as("release with owner '%s'", wrong).isFalse();
      }
      assertThat(other.release(lease.get())).as("release by the owner").isTrue();
    }
  }

  @Test
  @DisplayName("L13 release frees the name at once")
  void releaseFrees() {
    Lease lease = acquired(unique("L13"));

    assertThat(store.release(lease)).as("release").isTrue();

    assertThat(other.find(lease.name())).as("find").isEmpty();
    acquired(other, lease.name());
  }

  @Test
  @DisplayName("L13 release works with the lease as it was granted and as it was renewed")
  void releaseAfterRenew() {
    Lease granted = acquired(unique("L13"));
    store.renew(granted, term.multipliedBy(2));
    assertThat(store.release(granted)).as("release with the lease as granted").isTrue();

    Lease again = acquired(granted.name());
    Optional<Lease> renewed = store.renew(again, term.multipliedBy(2));
    assertThat(renewed.map(store::release)).as("release with the renewed lease").contains(true);
  }

  @Test
  @DisplayName("L14 a second release is lost")
  void secondRelease() {
    Lease lease = acquired(unique("L14"));
    store.release(lease);

    assertThat(store.release(lease)).as("the second release").isFalse();
    assertThat(store.renew(lease, term)).as("renew after release").isEmpty();
  }

  @Test
  @DisplayName("L14 a second release does not change a lease that was acquired in between")
  void secondReleaseAfterReacquisition() {
    Lease lease = acquired(unique("L14"));
    store.release(lease);
    acquired(other, lease.name());

    assertLost(lease, "with the token of the previous holder");
  }

  @Test
  @DisplayName("L15 release after expiry is lost, and tokens keep growing")
  void releaseAfterExpiry() throws Exception {
    Lease lease = acquired(unique("L15"));
    expireLeases();

    assertThat(store.release(lease)).as("release").isFalse();

    assertThat(acquired(lease.name()).token()).as("next token").isGreaterThan(lease.token());
  }

  @Test
  @DisplayName("L10 renew is lost and creates nothing when the record may have been cleaned up")
  void renewAfterCleanUp() throws Exception {
    Lease lease = acquired(unique("L10"));
    advance(Duration.ofDays(400));
    acquired(other, unique("L10"));

    assertThat(store.renew(lease, term)).as("renew").isEmpty();

    assertThat(record(lease.name())).as("the record").isEmpty();
  }

  @Test
  @DisplayName("L13 release works through another store object")
  void releaseElsewhere() {
    Lease lease = acquired(unique("L13"));

    assertThat(other.release(lease)).as("release").isTrue();

    acquired(lease.name());
  }

  @Test
  @Since(3)
  @Tag(Tags.RULE)
  @DisplayName("L13 a name is free at once, also for a store object that saw it held")
  void freeForWhoSawItHeld() throws Exception {
    for (boolean isReleased : new boolean[] {true, false}) {
      String name = unique("L13");
      Optional<Lease> lease = store.acquire(name, "kit", term.multipliedBy(3));
      assertThat(other.acquire(name, "rival", term)).as("a rival's acquire").isEmpty();
      assertThat(other.find(name).map(Lease::token)).as("find").isEqualTo(lease.map(Lease::token));
      if (isReleased) {
        assertThat(lease.map(store::release)).as("release").contains(true);
      } else {
        assertThat(store.renew(lease.orElseThrow(), term)).as("renew for less").isPresent();
        expireLeases();
      }
      assertThat(other.find(name)).as("find, released: %s", isReleased).isEmpty();
      acquired(other, name);
    }
  }
}
