package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
          "update lease_lease set token = token + 86400000000 where name like 'ahead%'",
          "update lease_token_floor set token = " + gone.token());
      assertThat(store.sweep(Duration.ZERO)).isEqualTo(1);

      assertThat(store.find("held")).isPresent();
      assertThat(store.acquire("gone", "me", DURATION).orElseThrow().token())
          .isGreaterThan(gone.token());
      assertThat(store.acquire("ahead of the clock", "me", DURATION).orElseThrow().token())
          .isEqualTo(ahead.token() + Duration.ofDays(1).toNanos() / 1_000 + 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("L25 a sweep finds the old names behind many young ones, a thousand at a time")
  void behindYoungNames(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      var store = (JdbcLeaseStore) backend.leaseStore();
      long now = Micros.of(Duration.ofMillis(System.currentTimeMillis()));
      long hoursAgo = now - Micros.of(Duration.ofHours(12));
      long daysAgo = now - Micros.of(Duration.ofDays(2));
      TestDatabase.execute(url, "update lease_token_floor set token = " + now);
      // In the order of the names: as many as a sweep removes, ended within the age or ahead.
      insert(url, "a-", Limits.MAX_BATCH, daysAgo, hoursAgo);
      insert(url, "b-", Limits.MAX_BATCH, now + Micros.of(Duration.ofDays(1)), daysAgo);
      insert(url, "c-", Limits.MAX_BATCH + 1, daysAgo, daysAgo);

      assertThat(store.sweep(Duration.ofDays(3))).isZero();
      assertThat(store.sweep(Duration.ofDays(1))).isEqualTo(Limits.MAX_BATCH);
      assertThat(store.sweep(Duration.ofDays(1))).isEqualTo(1);
      assertThat(store.sweep(Duration.ofDays(1))).isZero();
      assertThat(TestDatabase.answer(url, "select count(*) from lease_lease"))
          .isEqualTo(String.valueOf(2 * Limits.MAX_BATCH));
    }
  }

  private static void insert(String url, String names, int number, long token, long expiresAt)
      throws SQLException {
    TestDatabase.execute(
        url,
        IntStream.range(0, number)
            .mapToObj(i -> "('%s%d', 'me', %d, %d)".formatted(names, i, token, expiresAt))
            .collect(
                Collectors.joining(
                    ", ", "insert into lease_lease (name, owner, token, expires_at) values ", "")));
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
          "update lease_token_floor set token = 1",
          "create table pin as select name from lease_lease",
          "alter table pin add foreign key (name) references lease_lease (name)");
      assertThatThrownBy(() -> store.sweep(Duration.ZERO)).isInstanceOf(StoreException.class);

      store.sweep.next.set(System.nanoTime());
      assertThat(store.acquire("new", "me", DURATION)).isPresent();
    }
  }
}
