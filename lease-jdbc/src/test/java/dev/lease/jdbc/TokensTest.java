package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Tokens that are ahead of the database's clock, which was set back, in races and transactions. */
class TokensTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  /** In the year 2255. */
  private static final long AHEAD = 9_000_000_000_000_000L;

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L05 a lease that is acquired and released during a sweep keeps its token")
  void sweep(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      var store = (JdbcLeaseStore) backend.leaseStore();
      store.release(store.acquire("name", "me", LEASE).orElseThrow());
      // As the look at the clock does, a minute later: a sweep may take what is not above it.
      statement.execute("update lease_token_floor set token = " + (AHEAD - 1));
      other.setAutoCommit(false);
      // As an acquisition and a release do.
      statement.execute("update lease_lease set token = " + AHEAD + ", expires_at = 0");
      var swept = CompletableFuture.supplyAsync(() -> store.sweep(Duration.ZERO));
      kind.awaitBlocked(url);
      other.commit();

      assertThat(swept.get(2, TimeUnit.MINUTES)).isZero();
      assertThat(store.acquire("name", "me", LEASE).orElseThrow().token()).isEqualTo(AHEAD + 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("L05 policy 2 a name gets a token above the floor, whether it has a row or not")
  void names(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      LeaseStore store = backend.leaseStore();
      store.release(store.acquire("old", "me", LEASE).orElseThrow());
      TestDatabase.execute(url, "update lease_token_floor set token = " + AHEAD);

      assertThat(store.acquire("new", "me", LEASE).orElseThrow().token()).isEqualTo(AHEAD + 1);
      assertThat(store.acquire("old", "me", LEASE).orElseThrow().token()).isEqualTo(AHEAD + 1);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L05 a job that is made anew while its predecessor is deleted gets larger tokens")
  void madeAnew(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      backend.jobQueue().enqueue(List.of(job("1")));
      other.setAutoCommit(false);
      // As a deletion does.
      statement.execute("delete from lease_job");
      statement.execute("update lease_token_floor set token = " + AHEAD);
      var enqueued =
          CompletableFuture.supplyAsync(() -> backend.jobQueue().enqueue(List.of(job("1"))));
      kind.awaitBlocked(url);
      other.commit();

      assertThat(enqueued.get(2, TimeUnit.MINUTES)).containsExactly(Enqueued.of("1", true));
      assertThat(claim(backend).lease().token()).isGreaterThan(AHEAD);
    }
  }

  private static ClaimedJob claim(JdbcBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("L05 jobs that a process of the version before has stored get larger tokens, too")
  void storedByTheVersionBefore(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      backend.jobQueue().enqueue(List.of(job("1")));
      // As its enqueue does, which does not look at the floor.
      TestDatabase.execute(
          url, "update lease_job set token = 0", "update lease_token_floor set token = " + AHEAD);

      assertThat(claim(backend).lease().token()).isGreaterThan(AHEAD);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L05 Q08 an enqueue in an open transaction does not hold up a deletion elsewhere")
  void callersTransaction(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    // Of its connections none waits for a lock for long.
    try (var backend =
            JdbcBackend.open(JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(20)));
        Connection callers = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(job("ahead")));
      TestDatabase.execute(url, "update lease_job set token = " + AHEAD);
      backend.jobQueue().settle(List.of(Settlement.done(claim(backend).lease())));
      callers.setAutoCommit(false);
      backend.enqueue(callers, List.of(job("callers")));

      assertThat(backend.jobAdmin().delete("q", "ahead")).isTrue();

      callers.commit();
      assertThat(claim(backend).lease().token()).isGreaterThan(AHEAD + 1);
    }
  }
}
