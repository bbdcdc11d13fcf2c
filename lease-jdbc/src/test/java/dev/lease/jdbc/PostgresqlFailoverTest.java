package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import dev.lease.testkit.server.PostgresqlProcess;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A primary is killed under load, and its standby is promoted. */
@Tag("slow")
@Timeout(600)
class PostgresqlFailoverTest {

  private static final int SOME = 200;

  @ParameterizedTest(name = "cut off before it is killed: {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("with a synchronous standby nothing that was acknowledged is lost or done again")
  void synchronousStandby(boolean cutOff) throws Exception {
    var settings = Map.of("synchronous_standby_names", "standby");
    try (var primary = PostgresqlProcess.start(settings);
        var wire = new TcpProxy("127.0.0.1", primary.port());
        var standby = primary.standby(wire.port(), Map.of())) {
      awaitStandby(primary, "sync");
      try (JdbcBackend backend = open(primary, standby);
          var load = new FailoverLoad(backend)) {
        load.awaitDone(SOME);
        if (cutOff) {
          // Now the primary has commits that the standby has not, and acknowledges none of them.
          wire.blackHole();
          load.awaitFailure();
        }

        primary.kill();
        promote(standby);
        load.awaitDone(SOME);

        FailoverLoad.Lost lost = load.finish();
        System.out.println("PostgreSQL, synchronous standby, cut off " + cutOff + ": " + load);
        assertThat(lost.nothing()).as("%s", load).isTrue();
      }
    }
  }

  @Test
  @DisplayName(
      "with an asynchronous standby what it had not received is lost, and done again with one"
          + " effect; tokens grow; Q62 only claims from before let a key be over its limit")
  void asynchronousStandby() throws Exception {
    try (var primary = PostgresqlProcess.start(Map.of());
        var wire = new TcpProxy("127.0.0.1", primary.port());
        var standby = primary.standby(wire.port(), Map.of())) {
      awaitStandby(primary, "async");
      try (JdbcBackend backend = open(primary, standby);
          var load = new FailoverLoad(backend)) {
        load.awaitDone(SOME);
        wire.blackHole();
        load.awaitDone(SOME);

        primary.kill();
        long since = load.now();
        promote(standby);
        load.awaitDone(SOME);

        FailoverLoad.Lost lost = load.finish();
        System.out.println("PostgreSQL, asynchronous standby: " + load);
        assertThat(lost.jobs()).as("%s", load).isNotEmpty();
        assertThat(lost.over()).allMatch(over -> over.had() < since);
      }
    }
  }

  @Test
  @DisplayName(
      "L05 with a clock that is behind, tokens grow over those that the standby had, not over lost"
          + " ones")
  void clockBehind() throws Exception {
    try (var primary = PostgresqlProcess.start(Map.of());
        var wire = new TcpProxy("127.0.0.1", primary.port());
        var standby = primary.standby(wire.port(), Map.of())) {
      awaitStandby(primary, "async");
      JdbcBackend.migrate(config(primary, standby));
      String behind =
          " - case inet_server_port() when %d then 3600000000 else 0 end)"
              .formatted(standby.port());
      try (JdbcBackend backend =
          JdbcBackend.open(config(primary, standby), clock -> "(" + clock + behind)) {
        long had = takeOnce(backend.leaseStore());
        // The standby may not have the tables yet.
        Await.until(
            () ->
                "lease_lease"
                    .equals(
                        TestDatabase.answer(
                            standby.url(), "select to_regclass('lease_lease')::text")));
        Await.until(
            () ->
                Long.toString(had)
                    .equals(
                        // It has the release as well: else the lease is held for an hour.
                        TestDatabase.answer(
                            standby.url(),
                            "select max(token) from lease_lease where expires_at = 0")));
        wire.blackHole();
        long lost = takeOnce(backend.leaseStore());

        primary.kill();
        promote(standby);

        // Not always had + 1: the floor may be larger, if it was written meanwhile.
        assertThat(takeOnce(backend.leaseStore())).isGreaterThan(had).isLessThan(lost);
      }
    }
  }

  /** Acquires a lease and releases it. Answers its token. */
  private static long takeOnce(LeaseStore leases) throws Exception {
    var token = new AtomicLong();
    Await.until(
        () -> {
          try {
            Optional<Lease> lease = leases.acquire("n", "o", Duration.ofMinutes(1));
            lease.ifPresent(held -> token.set(held.token()));
            return lease.isPresent() && leases.release(lease.get());
          } catch (StoreException e) {
            return false;
          }
        });
    return token.get();
  }

  private static JdbcBackend open(PostgresqlProcess primary, PostgresqlProcess standby) {
    JdbcConfig config = config(primary, standby);
    JdbcBackend.migrate(config);
    return JdbcBackend.open(config.withCallTimeout(Duration.ofSeconds(5)));
  }

  private static JdbcConfig config(PostgresqlProcess primary, PostgresqlProcess standby) {
    String url =
        "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?user=postgres&targetServerType=primary"
            .formatted(primary.port(), standby.port());
    return TestDatabase.config(url);
  }

  private static void awaitStandby(PostgresqlProcess primary, String state) throws Exception {
    Await.until(
        () ->
            "streaming"
                .equals(
                    TestDatabase.answer(
                        primary.url(),
                        "select max(state) from pg_stat_replication where sync_state = '%s'"
                            .formatted(state))));
  }

  private static void promote(PostgresqlProcess standby) throws Exception {
    assertThat(TestDatabase.answer(standby.url(), "select pg_promote()")).isEqualTo("t");
  }
}
