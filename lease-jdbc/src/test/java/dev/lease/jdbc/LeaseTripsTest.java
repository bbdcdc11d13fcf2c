package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Named leases that several callers take, or end, in one trip to the database. */
class LeaseTripsTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "L01 L02 L05 a trip takes what is free or over, for as long as each asks, and no more")
  void acquired(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      LeaseStore store = backend.leaseStore();
      Lease held = store.acquire("held", "w", LEASE).orElseThrow();
      Lease over = store.acquire("over", "w", LEASE, "a note").orElseThrow();
      TestDatabase.execute(url, "update lease_lease set expires_at = 1 where name = 'over'");

      List<Lease> acquired =
          backend
              .database
              .on(Lane.LEASES)
              .run(
                  "acquire",
                  session ->
                      backend
                          .database
                          .statements()
                          .acquireEach(
                              session,
                              List.of(
                                  new LeaseRequest("free", "a", LEASE, null),
                                  new LeaseRequest("held", "b", LEASE.plusSeconds(1), null),
                                  new LeaseRequest("over", "c", LEASE.plusSeconds(2), null)),
                              LockWait.SHORT));

      assertThat(acquired).extracting(Lease::name).containsExactlyInAnyOrder("free", "over");
      for (Lease lease : acquired) {
        boolean isFree = lease.name().equals("free");
        assertThat(lease.owner()).isEqualTo(isFree ? "a" : "c");
        assertThat(Duration.between(lease.asOf(), lease.expiresAt()))
            .isEqualTo(isFree ? LEASE : LEASE.plusSeconds(2));
        assertThat(lease.token()).isGreaterThan(isFree ? 0 : over.token());
        assertThat(lease.note()).as("the note of %s", lease.name()).isNull();
        assertThat(store.find(lease.name())).map(LeaseKey::of).hasValue(LeaseKey.of(lease));
      }
      assertThat(store.find("held")).map(LeaseKey::of).hasValue(LeaseKey.of(held));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "L11 L12 L13 a trip ends the leases that are held by that owner and token, no others")
  void released(TestDatabase kind) throws Exception {
    try (var backend = JdbcBackend.open(TestDatabase.config(kind.newUrl()))) {
      LeaseStore store = backend.leaseStore();
      LeaseKey a = LeaseKey.of(store.acquire("a", "w", LEASE).orElseThrow());
      LeaseKey b = LeaseKey.of(store.acquire("b", "w", LEASE).orElseThrow());
      LeaseKey c = LeaseKey.of(store.acquire("c", "w", LEASE).orElseThrow());

      List<LeaseKey> released =
          backend
              .database
              .on(Lane.LEASES)
              .run(
                  "release",
                  session ->
                      backend
                          .database
                          .statements()
                          .releaseEach(
                              session,
                              List.of(
                                  a,
                                  new LeaseKey("b", "v", b.token()),
                                  new LeaseKey("c", "w", c.token() + 1),
                                  new LeaseKey("d", "w", 1)),
                              LockWait.SHORT));

      assertThat(released).containsExactly(a);
      assertThat(store.find("a")).isEmpty();
      assertThat(store.find("b")).map(LeaseKey::of).hasValue(b);
      assertThat(store.find("c")).map(LeaseKey::of).hasValue(c);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("L04 L14 of those who meet for one name one takes it, and one ends it")
  void oneName(TestDatabase kind) throws Exception {
    try (var backend = JdbcBackend.open(TestDatabase.config(kind.newUrl()))) {
      LeaseStore store = backend.leaseStore();
      for (int round = 0; round < 10; round++) {
        List<Optional<Lease>> leases =
            Together.run(
                IntStream.range(0, 8)
                    .mapToObj(
                        i ->
                            (Callable<Optional<Lease>>)
                                () -> store.acquire(i < 4 ? "one" : "name-" + i, "w" + i, LEASE))
                    .toList());
        assertThat(leases.subList(0, 4)).filteredOn(Optional::isPresent).hasSize(1);
        assertThat(leases.subList(4, 8)).allMatch(Optional::isPresent);
        for (int i = 0; i < 8; i++) {
          String owner = "w" + i;
          leases.get(i).ifPresent(lease -> assertThat(lease.owner()).isEqualTo(owner));
        }

        Lease one = leases.stream().flatMap(Optional::stream).findFirst().orElseThrow();
        List<Boolean> released =
            Together.run(
                IntStream.range(0, 8)
                    .mapToObj(
                        i ->
                            (Callable<Boolean>)
                                () -> store.release(i < 4 ? one : leases.get(i).orElseThrow()))
                    .toList());
        assertThat(released.subList(0, 4)).filteredOn(it -> it).hasSize(1);
        assertThat(released.subList(4, 8)).containsOnly(true);
      }
    }
  }
}
