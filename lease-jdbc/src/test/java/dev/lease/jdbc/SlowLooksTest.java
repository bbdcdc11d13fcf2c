package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the log says of a queue whose full looks take long. */
class SlowLooksTest {

  private static final long LONG = Duration.ofSeconds(3).toNanos();

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q50 a slowed queue is warned of once in ten minutes")
  void warns(TestDatabase kind) throws Exception {
    try (var backend = JdbcBackend.open(TestDatabase.config(kind.newUrl()));
        var logs = new Logs(SlowLooks.class.getName())) {
      var slow = new SlowLooks(backend.database, Runnable::run);

      Together.run(
          Collections.nCopies(
              8,
              () -> {
                slow.noted("warned", LONG);
                return slow;
              }));

      assertThat(logs.from(Level.WARN)).hasSize(1);
      assertThat(logs.from(Level.WARN).get(0))
          .contains(
              "Claims from queue warned are slowed",
              "took 3 s",
              "jobs that became claimable behind the last claim wait")
          .containsPattern("old(est)? snapshot|older than a minute");
    }
  }

  @ParameterizedTest
  @CsvSource({"POSTGRESQL, pg_backend_pid()", "MARIADB, connection_id()"})
  @DisplayName("Q50 the reason is the connection with the oldest snapshot")
  void reason(TestDatabase kind, String id) throws SQLException {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection old = DriverManager.getConnection(url);
        Statement statement = old.createStatement()) {
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      old.setAutoCommit(false);
      statement.executeQuery("select count(*) from lease_job").close();
      String own;
      try (ResultSet row = statement.executeQuery("select " + id)) {
        row.next();
        own = row.getString(1);
      }
      // Other tests of the same server may have older ones.
      String query = String.valueOf(backend.database.dialect().oldestSnapshot());
      assertThat(query).contains("1 minute");
      String all = query.replace("1 minute", "-1 minute").replace("limit 1", "limit 1000");

      List<String> reasons =
          backend.database.read(
              "look for snapshots",
              session -> session.statement(all).list(row -> row.getString(1)));
      assertThat(reasons)
          .anyMatch(reason -> reason.matches(".*\\b" + own + "\\b.*since \\d{4}-.*"));
    }
  }

  @Test
  @DisplayName("Q50 there is no old snapshot on SQLite")
  void none() {
    assertThat(new SqliteDialect().oldestSnapshot()).isNull();
  }
}
