package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ForeignConnectionsTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  @ParameterizedTest
  @CsvSource({
    "SQLITE, true, TRANSACTION_SERIALIZABLE",
    "SQLITE, false, TRANSACTION_SERIALIZABLE",
    "POSTGRESQL, false, TRANSACTION_SERIALIZABLE",
    "POSTGRESQL, false, TRANSACTION_REPEATABLE_READ",
    "POSTGRESQL, true, TRANSACTION_READ_COMMITTED",
    "MARIADB, false, TRANSACTION_SERIALIZABLE",
    "MARIADB, false, TRANSACTION_REPEATABLE_READ",
    "MARIADB, true, TRANSACTION_READ_COMMITTED"
  })
  @DisplayName("L29 a pool with another auto-commit or isolation changes nothing")
  void settings(TestDatabase kind, boolean autoCommit, String isolation) throws Exception {
    // For two backends: each holds up to seven, and takes two more while it opens.
    try (var pool = pool(kind, autoCommit, isolation, 18);
        var backend = JdbcBackend.over(pool)) {
      var lease = backend.leaseStore().acquire("name", "me", LEASE).orElseThrow();
      assertThat(backend.leaseStore().acquire("name", "you", LEASE)).isEmpty();
      assertThat(backend.leaseStore().release(lease)).isTrue();

      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
      ClaimedJob job = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
      assertThat(backend.jobQueue().extend(List.of(job.lease()), LEASE))
          .singleElement()
          .isInstanceOf(Extension.Held.class);
      backend.jobQueue().settle(List.of(new Settlement.Done(job.lease(), null)));

      try (var witness = JdbcBackend.over(pool)) {
        assertThat(witness.jobQueue().find("q", "1").orElseThrow().state())
            .isEqualTo(JobState.DONE);
      }
      try (Connection connection = pool.getConnection()) {
        assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SQLITE, pragma busy_timeout = 4321, pragma busy_timeout",
    "POSTGRESQL, set lock_timeout = 4321, 'select name, setting from pg_settings order by name'",
    "MARIADB, set session idle_transaction_timeout = 43,"
        + " 'select variable_name, variable_value from information_schema.session_variables"
        + " where variable_name not in (''TIMESTAMP'', ''PSEUDO_THREAD_ID'', ''RAND_SEED1'',"
        + " ''RAND_SEED2'', ''LAST_GTID'', ''LAST_INSERT_ID'', ''IDENTITY'') order by 1'"
  })
  @DisplayName("a pool gets its connections back with the settings that they had")
  void givenBack(TestDatabase kind, String setting, String session) throws Exception {
    int size = 10;
    HikariConfig config = config(kind, false, "TRANSACTION_SERIALIZABLE", size);
    config.setConnectionInitSql(setting);
    // Else the setting would be undone with the pool's first rollback.
    config.setIsolateInternalQueries(true);
    try (var pool = new HikariDataSource(config)) {
      List<String> before = sessions(pool, 1, session).get(0);
      assertThat(before.toString()).contains("43");
      try (var backend = JdbcBackend.over(pool)) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
        ClaimedJob job =
            backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
        backend.jobQueue().settle(List.of(new Settlement.Done(job.lease(), null)));
      }
      for (List<String> after : sessions(pool, size, session)) {
        after.removeAll(before);
        assertThat(after).as("what was changed").isEmpty();
      }
    }
  }

  /** What some connections of a pool say of their sessions. */
  private static List<List<String>> sessions(HikariDataSource pool, int count, String query)
      throws SQLException {
    List<List<String>> sessions = new ArrayList<>();
    List<Connection> connections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Connection connection = pool.getConnection();
      connections.add(connection);
      List<String> lines = new ArrayList<>();
      lines.add(Integer.toString(connection.getTransactionIsolation()));
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(query)) {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
          lines.add(rows.getString(1) + " " + rows.getString(columns));
        }
      }
      sessions.add(lines);
    }
    for (Connection connection : connections) {
      connection.close();
    }
    return sessions;
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("leases are kept while handlers have all connections of the user's pool")
  void starved(TestDatabase kind) throws Exception {
    try (var pool = pool(kind, true, "TRANSACTION_READ_COMMITTED", 5);
        var backend = JdbcBackend.over(pool, JdbcConfig.defaults().withPoolSize(1))) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
      ClaimedJob job = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
      try (Connection one = pool.getConnection();
          Connection two = pool.getConnection()) {
        assertThat(one).isNotSameAs(two);
        assertThat(backend.jobQueue().extend(List.of(job.lease()), LEASE))
            .singleElement()
            .isInstanceOf(Extension.Held.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("E16 a connection that the server cut is replaced")
  void cut(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withPoolSize(1))) {
      backend.jobQueue().find("q", "1");
      cutAll(kind, url);
      Await.until(
          () -> {
            try {
              return backend.jobQueue().find("q", "1").isEmpty();
            } catch (dev.lease.StoreException e) {
              return false;
            }
          });
    }
  }

  private static void cutAll(TestDatabase kind, String url) throws SQLException {
    String others =
        kind == TestDatabase.MARIADB
            ? "select id from information_schema.processlist"
                + " where db = database() and id <> connection_id()"
            : "select pid from pg_stat_activity"
                + " where datname = current_database() and pid <> pg_backend_pid()";
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      List<Long> connections = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery(others)) {
        while (rows.next()) {
          connections.add(rows.getLong(1));
        }
      }
      assertThat(connections).isNotEmpty();
      for (long other : connections) {
        statement.execute(kind.cut(other));
      }
    }
  }

  private static HikariDataSource pool(
      TestDatabase kind, boolean autoCommit, String isolation, int size) {
    return new HikariDataSource(config(kind, autoCommit, isolation, size));
  }

  private static HikariConfig config(
      TestDatabase kind, boolean autoCommit, String isolation, int size) {
    var config = new HikariConfig();
    config.setJdbcUrl(kind.newUrl());
    config.setAutoCommit(autoCommit);
    config.setTransactionIsolation(isolation);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(1);
    return config;
  }
}
