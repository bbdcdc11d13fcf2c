package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.TcpProxy;
import dev.lease.testkit.server.MariadbProcess;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A primary is killed under load, its replica is promoted, and the address moves to it. */
@Tag("slow")
@Timeout(600)
class MariadbFailoverTest {

  private static final int SOME = 200;

  @ParameterizedTest(name = "cut off before it is killed: {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("with a semi-synchronous replica nothing acknowledged is lost or done again")
  void semiSynchronousReplica(boolean cutOff) throws Exception {
    try (var primary = primary();
        var wire = new TcpProxy("127.0.0.1", primary.port());
        var replica = replica(primary, wire);
        var address = new TcpProxy("127.0.0.1", primary.port())) {
      TestDatabase.execute(
          primary.url(),
          "set global rpl_semi_sync_master_timeout = 600000",
          "set global rpl_semi_sync_master_wait_point = 'AFTER_SYNC'",
          "set global rpl_semi_sync_master_enabled = on");
      Await.until(() -> "1".equals(status(primary, "Rpl_semi_sync_master_clients")));
      try (JdbcBackend backend = open(address);
          var load = new FailoverLoad(backend)) {
        load.awaitDone(SOME);
        if (cutOff) {
          // Now the primary has commits that the replica has not, and acknowledges none of them.
          wire.blackHole();
          load.awaitFailure();
        }

        primary.kill();
        promote(replica, address);
        load.awaitDone(SOME);

        FailoverLoad.Lost lost = load.finish();
        System.out.println("MariaDB, semi-synchronous replica, cut off " + cutOff + ": " + load);
        assertThat(lost.nothing()).as("%s", load).isTrue();
      }
    }
  }

  @Test
  @DisplayName(
      "with an asynchronous replica what it had not received is lost, and done again with one"
          + " effect; tokens grow; Q62 only claims from before let a key be over its limit")
  void asynchronousReplica() throws Exception {
    try (var primary = primary();
        var wire = new TcpProxy("127.0.0.1", primary.port());
        var replica = replica(primary, wire);
        var address = new TcpProxy("127.0.0.1", primary.port());
        JdbcBackend backend = open(address);
        var load = new FailoverLoad(backend)) {
      load.awaitDone(SOME);
      wire.blackHole();
      load.awaitDone(SOME);

      primary.kill();
      long since = load.now();
      promote(replica, address);
      load.awaitDone(SOME);

      FailoverLoad.Lost lost = load.finish();
      System.out.println("MariaDB, asynchronous replica: " + load);
      assertThat(lost.jobs()).as("%s", load).isNotEmpty();
      assertThat(lost.over()).allMatch(over -> over.had() < since);
    }
  }

  private static MariadbProcess primary() {
    return MariadbProcess.start("--log-bin=binlog", "--binlog-format=row", "--server-id=1");
  }

  private static MariadbProcess replica(MariadbProcess primary, TcpProxy wire) throws Exception {
    MariadbProcess replica =
        primary.copy(
            "--log-bin=binlog",
            "--binlog-format=row",
            "--server-id=2",
            "--read-only=1",
            "--rpl-semi-sync-slave-enabled=on");
    TestDatabase.execute(
        replica.url(),
        ("change master to master_host = '127.0.0.1', master_port = %d, master_user = 'lease',"
                + " master_password = 'lease', master_ssl = 0, master_ssl_verify_server_cert = 0,"
                + " master_log_file = '%s', master_log_pos = %s")
            .formatted(
                wire.port(),
                row(primary, "show master status", "File"),
                row(primary, "show master status", "Position")),
        "start slave");
    Await.until(
        () -> {
          assertThat(row(replica, "show slave status", "Last_IO_Error")).isEmpty();
          return "Yes".equals(row(replica, "show slave status", "Slave_IO_Running"));
        });
    return replica;
  }

  private static JdbcBackend open(TcpProxy address) {
    String url =
        "jdbc:mariadb://127.0.0.1:%d/lease?user=lease&password=lease&createDatabaseIfNotExist=true"
            .formatted(address.port());
    JdbcBackend.migrate(TestDatabase.config(url));
    return JdbcBackend.open(JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(5)));
  }

  private static void promote(MariadbProcess replica, TcpProxy address) throws Exception {
    TestDatabase.execute(replica.url(), "stop slave io_thread");
    Await.until(
        () ->
            row(replica, "show slave status", "Read_Master_Log_Pos")
                .equals(row(replica, "show slave status", "Exec_Master_Log_Pos")));
    assertThat(row(replica, "show slave status", "Last_Error")).isEmpty();
    TestDatabase.execute(
        replica.url(), "stop slave", "reset slave all", "set global read_only = off");
    address.turnTo("127.0.0.1", replica.port());
  }

  private static String status(MariadbProcess server, String name) throws SQLException {
    return row(server, "show status like '" + name + "'", "Value");
  }

  private static String row(MariadbProcess server, String sql, String column) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.url());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(column);
    }
  }
}
