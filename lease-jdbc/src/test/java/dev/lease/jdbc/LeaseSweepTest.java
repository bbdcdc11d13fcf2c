package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Lease;
import dev.lease.StoreException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class LeaseSweepTest {

  private static final Duration DURATION = Duration.ofMinutes(1);

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("L25 names that nobody has held for long are swept, and their tokens still grow")
  void sweep(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      var store = (JdbcLeaseStore) backend.leaseStore();
      Lease gone = store.acquire("gone", "me", DURATION).orElseThrow();
      Lease ahead = store.acquire("ahead of the clock", "me", DURATION).orElseThrow();
      assertThat(store.acquire("held", "me", DURATION)).isPresent();
      TestDatabase.execute(
          url,
          "update lease_lease set expires_at = 1 where name <> 'held'",
          "update lease_lease set token = token + 86400000000 where name like 'ahead%'");
      Await.until(() -> store.sweep(Duration.ZERO) == 1);

      assertThat(store.find("held")).isPresent();
      assertThat(store.acquire("gone", "me", DURATION).orElseThrow().token())
          .isGreaterThan(gone.token());
      assertThat(store.acquire("ahead of the clock", "me", DURATION).orElseThrow().token())
          .isEqualTo(ahead.token() + Duration.ofDays(1).toNanos() / 1_000 + 1);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 a lease is granted although the sweep after it fails")
  void failing(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      var store = (JdbcLeaseStore) backend.leaseStore();
      assertThat(store.acquire("old", "me", DURATION)).isPresent();
      TestDatabase.execute(
          url,
          "update lease_lease set expires_at = 1, token = 1",
          "create table pin as select name from lease_lease",
          "alter table pin add foreign key (name) references lease_lease (name)");
      assertThatThrownBy(() -> store.sweep(Duration.ZERO)).isInstanceOf(StoreException.class);

      store.sweep.next.set(System.nanoTime());
      assertThat(store.acquire("new", "me", DURATION)).isPresent();
    }
  }
}
