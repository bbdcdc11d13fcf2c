package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.TcpProxy;
import dev.lease.testkit.server.PostgresqlProcess;
import java.time.Duration;
import java.util.Map;
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
    var settings =
        Map.of("synchronous_standby_names", "standby", "synchronous_commit", "remote_apply");
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

        failOver(primary, standby);
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
          + " effect; tokens grow")
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

        failOver(primary, standby);
        load.awaitDone(SOME);

        FailoverLoad.Lost lost = load.finish();
        System.out.println("PostgreSQL, asynchronous standby: " + load);
        assertThat(lost.jobs()).as("%s", load).isNotEmpty();
      }
    }
  }

  private static JdbcBackend open(PostgresqlProcess primary, PostgresqlProcess standby) {
    String url =
        "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?user=postgres&targetServerType=primary"
            .formatted(primary.port(), standby.port());
    JdbcBackend.migrate(TestDatabase.config(url));
    return JdbcBackend.open(JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(5)));
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

  private static void failOver(PostgresqlProcess primary, PostgresqlProcess standby)
      throws Exception {
    primary.kill();
    assertThat(TestDatabase.answer(standby.url(), "select pg_promote()")).isEqualTo("t");
  }
}
