package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/** MariaDB: many writers, and locked rows are skipped. */
final class MariadbDialect extends OwnDialect {

  static final String NOT_MYSQL =
      "MySQL is not supported, nor MariaDB through MySQL's driver or under its name: the statements are MariaDB's"
          + " (insert .. returning); use MariaDB 10.6 or newer with jdbc:mariadb:";

  /**
   * The packet that the server must accept: a row with the largest payload, each byte of it
   * escaped, and some rows beside it. On a larger packet the server just closes the connection, and
   * the outcome is unknown.
   */
  private static final int MIN_PACKET_BYTES = 4 << 20;

  /** Access to a database or a command denied, also for one column, and a privilege missing. */
  private static final Set<Integer> NO_RIGHT = Set.of(1044, 1142, 1143, 1227);

  /** Whether the server of the one store knows {@code innodb_snapshot_isolation}. */
  private boolean snapshotIsolation;

  MariadbDialect() {
    super("mariadb", Style.LOCKING_READS);
  }

  /**
   * Limits how long a connection waits for a server that does not answer. Each call of the store
   * sets its own limit; that of an answer here, at least a minute, holds before the first call.
   */
  @Override
  protected Properties driverProperties(Duration callTimeout) {
    var properties = new Properties();
    properties.setProperty("connectTimeout", Long.toString(callTimeout.toMillis()));
    properties.setProperty(
        "socketTimeout", Long.toString(Math.max(60_000, callTimeout.toMillis())));
    return properties;
  }

  @Override
  protected boolean hasKeys() {
    return true;
  }

  @Override
  protected Map<String, String> words() {
    // The time at which the statement began. In UTC, since local time comes twice in an autumn
    // night, which rules out sysdate(). Where a wait for a lock could make this time too old, a
    // statement before takes the lock.
    return Map.of("now", "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))");
  }

  /** Without a hint the server may read all of a small table, and wait for locked rows. */
  @Override
  protected String useIndex(String index) {
    return "force index (" + index + ")";
  }

  @Override
  Library flywayModule() {
    return new Library(
        "org.flywaydb.database.mysql.mariadb.MariaDBDatabaseType", "org.flywaydb:flyway-mysql");
  }

  @Override
  void check(Connection connection, ConnectionFactory others, JdbcConfig config)
      throws SQLException {
    DatabaseMetaData metaData = connection.getMetaData();
    int major = metaData.getDatabaseMajorVersion();
    int minor = metaData.getDatabaseMinorVersion();
    if (major < 10 || (major == 10 && minor < 6)) {
      throw new IllegalArgumentException(
          "MariaDB must be 10.6 or newer, was " + metaData.getDatabaseProductVersion());
    }
    // An update to the same values must count: extending twice within a microsecond is no loss.
    if (metaData.getURL().contains("useAffectedRows=true")) {
      throw new IllegalArgumentException("useAffectedRows must not be set in the URL of MariaDB");
    }
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "select @@log_bin = 1 and @@binlog_format = 'STATEMENT', @@max_allowed_packet")) {
        row.next();
        if (row.getBoolean(1)) {
          throw new IllegalArgumentException(
              "binlog_format must be ROW or MIXED, was STATEMENT, with which the server refuses READ COMMITTED");
        }
        if (row.getLong(2) < MIN_PACKET_BYTES) {
          throw new IllegalArgumentException(
              "max_allowed_packet must be %d or more, was %d"
                  .formatted(MIN_PACKET_BYTES, row.getLong(2)));
        }
      }
      try (ResultSet row =
          statement.executeQuery("show variables like 'innodb_snapshot_isolation'")) {
        snapshotIsolation = row.next();
      }
    }
  }

  @Override
  protected String prefix(String schema) {
    return '`' + schema + "`.";
  }

  /**
   * The server soon gives up on a lock, as soon as it can: in whole seconds, since 0 would not wait
   * at all. The store then tries again. A long list stays a list: by default the server turns it
   * into a subquery, for which it would use no index.
   */
  @Override
  protected Map<String, String> settings(int timeoutMillis) {
    String lockSeconds = Long.toString(Math.max(1, Database.briefWait(timeoutMillis).toSeconds()));
    var settings = new HashMap<String, String>();
    settings.put("innodb_lock_wait_timeout", lockSeconds);
    settings.put("lock_wait_timeout", lockSeconds);
    // A worker suspended in the middle of a call must not block its jobs for others.
    settings.put("idle_transaction_timeout", Integer.toString(Math.max(1, timeoutMillis / 1_000)));
    // The server would go on after the client has left. Less than the client waits, so that the
    // outcome is known.
    settings.put(
        "max_statement_time", String.format(Locale.ROOT, "%.3f", timeoutMillis * 0.9 / 1e3));
    settings.put("in_predicate_conversion_threshold", "0");
    if (snapshotIsolation) {
      // Else a statement that meets a row which another has just changed rolls everything back.
      settings.put("innodb_snapshot_isolation", "0");
    }
    return settings;
  }

  @Override
  protected Map<String, String> migrationSettings(int timeoutMillis) {
    Map<String, String> settings = settings(timeoutMillis);
    settings.put("lock_wait_timeout", Integer.toString(Math.max(1, timeoutMillis / 5_000)));
    settings.put("idle_transaction_timeout", "0");
    settings.put("max_statement_time", "0");
    return settings;
  }

  /** Preparing the statement checks the right, and makes nothing. */
  @Override
  protected void checkMayCreate(Connection connection, @Nullable String schema)
      throws SQLException {
    String table = (schema == null ? "" : prefix(schema)) + "lease_may_create";
    try (Statement statement = connection.createStatement()) {
      statement.execute("prepare lease_may_create from 'create table " + table + " (a int)'");
      statement.execute("deallocate prepare lease_may_create");
    }
  }

  @Override
  protected boolean lacksRight(SQLException e) {
    return NO_RIGHT.contains(e.getErrorCode());
  }

  @Override
  protected String set(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + " = " + setting.getValue())
        .collect(Collectors.joining(", ", "set session ", ""));
  }

  @Override
  String oldestSnapshot() {
    return """
        select concat('thread ', trx_mysql_thread_id, ', since ', trx_started, '; transactions that wait to be purged: ',
          (select `count` from information_schema.innodb_metrics where name = 'trx_rseg_history_len'))
        from information_schema.innodb_trx
        where trx_started < now() - interval 1 minute
        order by trx_started
        limit 1""";
  }

  @Override
  protected String get(String setting) {
    return "select @@session." + setting;
  }

  /**
   * Lets a caller's transaction under REPEATABLE READ write to a job that was extended after its
   * snapshot. By default servers from 11.6.2 on roll the whole transaction back then (error 1020),
   * to protect a value that was read before and is written now. These statements do no such thing.
   */
  @Override
  protected String inCallersTransaction(String sql) {
    return snapshotIsolation ? "set statement innodb_snapshot_isolation = off for " + sql : sql;
  }

  /** If a statement fails, the transaction stays open. */
  @Override
  String asTransaction(String statements) {
    return "begin not atomic start transaction; " + statements + "; commit; end";
  }

  @Override
  protected Verdict verdict(SQLException e) {
    int code = e.getErrorCode();
    // The server is read-only, by one of its options or in this session, or no part of a cluster.
    if (code == 1290 || code == 1836 || code == 1792 || code == 1047) {
      return Verdict.READ_ONLY;
    }
    String state = e.getSQLState();
    if (state == null || state.startsWith("08")) {
      return Verdict.UNKNOWN;
    }
    return switch (code) {
      // Connection killed; an error during the commit.
      case 1927, 1180 -> Verdict.UNKNOWN;
      // Record has changed since last read, lock wait timeout, deadlock. On the second the server
      // rolls back only the statement, and the store rolls back the rest.
      case 1020, 1205, 1213 -> Verdict.ROLLED_BACK;
      default -> Verdict.NOT_DONE;
    };
  }

  /** A change of the schema wins each deadlock, for as long as it lasts. */
  @Override
  protected Duration backoff(int tries) {
    return tries < 3 ? Duration.ZERO : Duration.ofMillis(500);
  }

  @Override
  protected boolean isDuplicate(SQLException e) {
    return e.getErrorCode() == 1062;
  }

  @Override
  protected boolean isLockTimeout(SQLException e) {
    // Lock wait timeout; max_statement_time exceeded: see briefly.
    return e.getErrorCode() == 1205 || e.getErrorCode() == 1969;
  }

  /** Without the limit of a statement, which may have been slow by itself. */
  @Override
  boolean isBusy(SQLException e) {
    return e.getErrorCode() == 1205;
  }

  /** The timeout for a lock would not do: it counts whole seconds. */
  @Override
  protected String briefly(String sql, Duration wait) {
    return String.format(
        Locale.ROOT, "set statement max_statement_time = %.3f for %s", wait.toMillis() / 1e3, sql);
  }

  @Override
  protected String message(SQLException e) {
    return Database.firstLine(e);
  }
}
