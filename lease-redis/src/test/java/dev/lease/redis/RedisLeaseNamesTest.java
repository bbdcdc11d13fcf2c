package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Lease;
import dev.lease.Micros;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The two sets of names from which leases are listed. */
class RedisLeaseNamesTest extends RedisStoreTest {

  private void assertNames(String... names) {
    for (String set : List.of(keys.leasesByExpiry(), keys.leasesByName())) {
      assertThat(redis.zrange(set, 0, -1)).as(set).containsExactlyInAnyOrder(names);
    }
  }

  @Test
  @DisplayName("L25 an acquire removes names whose leases have expired")
  void expired() {
    Lease gone = backend.leaseStore().acquire("gone", "me", Duration.ofMillis(1)).orElseThrow();
    while (now() <= Micros.of(gone.expiresAt())) {
      Thread.onSpinWait();
    }
    assertThat(backend.leaseStore().acquire("held", "me", LEASE)).isPresent();
    assertNames("held");
  }

  @Test
  @DisplayName("L25 a release removes the name")
  void released() {
    Lease lease = backend.leaseStore().acquire("released", "me", LEASE).orElseThrow();
    assertThat(backend.leaseStore().acquire("held", "me", LEASE)).isPresent();
    assertThat(backend.leaseStore().release(lease)).isTrue();
    assertNames("held");
  }

  @Test
  @DisplayName("L21 a list goes on behind names whose leases went while it read")
  void wentMeanwhile() {
    for (String name : List.of("a", "b", "c", "d", "e", "f")) {
      assertThat(backend.leaseStore().acquire(name, "me", LEASE)).isPresent();
    }
    // As if they were released after the script has read their names.
    redis.del(keys.lease("a"), keys.lease("b"), keys.lease("c"));
    assertThat(backend.leaseStore().list("", null, 3).leases())
        .extracting(Lease::name)
        .containsExactly("d", "e", "f");
  }

  @Test
  @DisplayName("L33 a list goes on behind a thousand names whose leases have expired")
  void manyThatExpired() {
    List<String> expired = IntStream.range(0, 2_500).mapToObj("a%d"::formatted).toList();
    redis.zadd(keys.leasesByName(), scored(0, expired));
    redis.zadd(keys.leasesByExpiry(), scored(1, expired));
    for (String name : List.of("a", "b", "c")) {
      assertThat(backend.leaseStore().acquire(name, "me", LEASE)).isPresent();
    }
    assertThat(backend.leaseStore().list("a", "a", 10).leases()).isEmpty();
    assertThat(backend.leaseStore().list("", null, 10).leases())
        .extracting(Lease::name)
        .containsExactly("a", "b", "c");
  }

  private static Object[] scored(double score, List<String> names) {
    List<Object> scored = new ArrayList<>();
    for (String name : names) {
      scored.add(score);
      scored.add(name);
    }
    return scored.toArray();
  }
}
