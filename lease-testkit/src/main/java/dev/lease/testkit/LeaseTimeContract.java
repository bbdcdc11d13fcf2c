package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Named leases over days, months and years, and up to the last unit of the clock. */
@Since(3)
abstract class LeaseTimeContract extends LeaseRefusalContract {

  private static final Duration DAY = Duration.ofDays(1);

  /** Two clock readings that are so far apart are alike in their low 32 bits, in microseconds. */
  static final Duration SAME_LOW_BITS = Duration.ofMillis((1L << 32) / 8);

  /** Past the year 2038. */
  static final Duration YEARS = Duration.ofDays(13 * 365 + 3);

  private static final int MOST_PAGES = 100;

  private void othersComeAndGo() {
    Lease one = acquired(unique("other"));
    acquired(other, unique("other"));
    store.release(one);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L02 a lease of a year is held for the year, whatever other names do")
  void aYear() throws Exception {
    String name = unique("L02");
    Optional<Lease> lease = store.acquire(name, "kit", Duration.ofDays(365));
    assertThat(lease).as("acquire").isPresent();
    for (Duration step : List.of(DAY, DAY.multipliedBy(31), DAY.multipliedBy(330))) {
      advance(step);
      othersComeAndGo();
      assertThat(other.acquire(name, "rival", term)).as("acquire after %s more", step).isEmpty();
      assertThat(other.find(name).map(Lease::token))
          .as("the token after %s more", step)
          .contains(lease.get().token());
    }
    assertThat(other.renew(lease.get(), Duration.ofDays(365))).as("renew").isPresent();
    advance(Duration.ofDays(364));
    othersComeAndGo();
    assertThat(store.acquire(name, "rival", term)).as("acquire a year later").isEmpty();
    advance(Duration.ofDays(2));
    assertThat(store.acquire(name, "rival", term)).as("acquire after its end").isPresent();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L08 a lease that is renewed for longer than a week stays the same lease")
  void renewedForLong() throws Exception {
    Lease lease = store.acquire(unique("L08"), "kit", DAY).orElseThrow();
    for (int i = 0; i < 10; i++) {
      advance(Duration.ofHours(23));
      othersComeAndGo();
      LeaseStore turn = i % 2 == 0 ? store : other;
      assertThat(turn.renew(lease, DAY).map(Lease::token))
          .as("the token after renewal %s", i + 1)
          .contains(lease.token());
    }
    advance(Duration.ofHours(23));
    assertThat(other.release(lease)).as("release").isTrue();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L33 a lease is listed up to its end, and then costs no other its place on a page")
  @ResourceLock(LIST)
  void listedToTheEnd() throws Exception {
    String name = unique("L33");
    List<String> held = List.of(name + "b", name + "e");
    for (String each : held) {
      assertThat(store.acquire(each, "kit", DAY)).as("acquire").isPresent();
    }
    // Nobody acquires after these have expired, so a store may still have their rows.
    List<String> brief = Stream.of("", "a", "c", "d", "f").map(name::concat).toList();
    brief.forEach(this::acquired);
    advanceAlmost(term);
    assertThat(AllPages.of(other, name))
        .as("list just before the end")
        .extracting(Lease::name)
        .containsExactlyElementsOf(Stream.concat(held.stream(), brief.stream()).sorted().toList());
    advanceTheRest();
    assertThat(AllPages.of(other, name + "c")).as("list of expired ones alone").isEmpty();
    for (int limit : new int[] {1, 2, 3, 1_000}) {
      assertThat(AllPages.of(other, name, null, limit))
          .as("list at the end, in pages of %s", limit)
          .extracting(Lease::name)
          .containsExactlyElementsOf(held);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L33 a listing goes on where it stopped, also days later")
  @ResourceLock(LIST)
  void pagesDaysApart() throws Exception {
    String prefix = unique("L33");
    List<String> names = List.of(prefix + 1, prefix + 2, prefix + 3);
    for (String name : names) {
      assertThat(store.acquire(name, "kit", Duration.ofDays(365))).as("acquire").isPresent();
    }
    List<String> seen = new ArrayList<>();
    String after = null;
    for (int pages = 0; pages == 0 || after != null; pages++) {
      assertThat(pages).as("pages of three names").isLessThan(MOST_PAGES);
      LeasePage page = other.list(prefix, after, 1);
      page.leases().stream().map(Lease::name).forEach(seen::add);
      after = page.next();
      advance(DAY);
    }
    assertThat(seen).as("the names of all pages").isEqualTo(names);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L11 an old token that is alike in its low 32 bits is lost")
  void tokensThatAreAlike() throws Exception {
    advance(DAY);
    Lease old = acquired(unique("L11"));
    advance(SAME_LOW_BITS);
    Lease held = acquired(other, old.name());
    Optional<Lease> before = record(old.name());
    assertThat(held.token()).as("the new token").isGreaterThan(old.token());

    for (LeaseStore each : List.of(store, other)) {
      assertThat(each.renew(old, LEASE)).as("renew with the old token").isEmpty();
      assertThat(each.release(old)).as("release with the old token").isFalse();
    }
    assertThat(record(old.name())).as("the lease that is held").isEqualTo(before);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L01 leases are granted, renewed and lost after the year 2038 as before")
  void after2038() throws Exception {
    Lease old = acquired(unique("L01"));
    advance(YEARS);
    assertThat(other.find(old.name())).as("find of what expired years ago").isEmpty();
    Lease lease = acquired(other, old.name());
    assertThat(lease.token()).as("token").isGreaterThan(old.token());
    assertThat(lease.remaining()).as("remaining").isPositive().isLessThanOrEqualTo(term);
    assertThat(store.acquire(old.name(), "rival", term)).as("acquire of a held name").isEmpty();
    Optional<Lease> renewed = store.renew(lease, term.multipliedBy(2));
    assertThat(renewed).as("renew").isPresent();
    assertThat(renewed.get().remaining()).as("remaining").isBetween(term, term.multipliedBy(2));
    advance(term.multipliedBy(3));
    assertThat(other.renew(lease, term)).as("renew after the end").isEmpty();
    assertThat(other.acquire(old.name(), "rival", term)).as("acquire after it").isPresent();
  }
}
