package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The server ends a statement of the store that takes too long, also if nobody waits for it. */
class StatementTimeoutTest {

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 a statement that takes too long is ended by the server, and was not done")
  void ended(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    boolean postgresql = kind == TestDatabase.POSTGRESQL;
    JdbcBackend.migrate(TestDatabase.config(url));
    try (var backend =
        JdbcBackend.open(JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(3)))) {
      String sleep = postgresql ? "select pg_sleep(3600)" : "select sleep(3600)";

      assertThatThrownBy(
              () ->
                  backend.database.run(
                      "sleep", session -> session.statement(sleep).first(row -> row.getString(1))))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> {
                assertThat(e.isOutcomeUnknown()).isFalse();
                assertThat(e.isBusy()).as("nobody kept it waiting").isFalse();
              });

      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        Await.until(
            () -> {
              try (ResultSet row =
                  statement.executeQuery(
                      postgresql
                          ? "select count(*) from pg_stat_activity where state = 'active'"
                              + " and query like '%pg_sleep%' and pid <> pg_backend_pid()"
                          : "select count(*) from information_schema.processlist"
                              + " where info like '%sleep(3600)%' and id <> connection_id()")) {
                row.next();
                return row.getInt(1) == 0;
              }
            });
      }
    }
  }
}
