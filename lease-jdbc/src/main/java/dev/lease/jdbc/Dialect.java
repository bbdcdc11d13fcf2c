package dev.lease.jdbc;

import com.zaxxer.hikari.HikariConfig;
import dev.lease.Extension;
import dev.lease.JobLease;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * What differs between databases beside the text of the statements: a folder of statements and
 * migrations, a few words in them, and the procedures where one takes lists and another single
 * rows.
 */
abstract class Dialect {

  /** What an error of the database says about the call. */
  enum Verdict {
    /** The database rolled the transaction back and asks for another try. */
    ROLLED_BACK,
    /** Nothing was done. */
    NOT_DONE,
    /** It may have been done. */
    UNKNOWN
  }

  /**
   * Finds the dialect of a database.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Dialect of(Connection connection) throws SQLException {
    DatabaseMetaData metaData = connection.getMetaData();
    String product = metaData.getDatabaseProductName();
    Dialect dialect =
        switch (product) {
          case "PostgreSQL" -> new PostgresqlDialect();
          case "SQLite" -> new SqliteDialect();
          default ->
              throw new IllegalArgumentException(
                  "no dialect for the database " + product + "; known are PostgreSQL and SQLite");
        };
    dialect.check(connection, metaData);
    return dialect;
  }

  /** What a driver should know before there is a connection. */
  static Properties driverProperties(String url, Duration callTimeout) {
    return url.startsWith("jdbc:sqlite:")
        ? SqliteDialect.driverProperties()
        : PostgresqlDialect.driverProperties(callTimeout);
  }

  /** The name of the folders with its statements and migrations. */
  abstract String folder();

  /** What {@code {now}}, {@code {asof}} and the other words in the statements stand for. */
  abstract Map<String, String> words();

  /** Refuses a database that this dialect cannot work with. */
  abstract void check(Connection connection, DatabaseMetaData metaData) throws SQLException;

  /** Sets up the connections of a pool. */
  abstract void configure(HikariConfig pool, int timeoutMillis);

  /**
   * Whether the database has one writer at a time, so that writers of a process may as well queue
   * up.
   */
  abstract boolean singleWriter();

  /** Begins a transaction that is going to write. */
  abstract void begin(Connection connection) throws SQLException;

  /** Commits what {@link #begin} began. */
  abstract void commit(Connection connection) throws SQLException;

  /** Rolls back what {@link #begin} began. */
  abstract void rollback(Connection connection) throws SQLException;

  /** Whether the database carries notifications to other processes. */
  abstract boolean canNotify();

  /** Notifies other processes of work in a queue, when the transaction commits. */
  abstract void notifyOthers(Handle handle, String queue);

  /** Makes what hears the notifications of other processes. */
  abstract Listener listener(Database database, Consumer<String> wake, Runnable wakeAll);

  /** What an error says about the call. */
  abstract Verdict verdict(SQLException e);

  /** Whether an error says that a unique key is taken. */
  abstract boolean isDuplicate(SQLException e);

  /**
   * Runs a statement for each row of values.
   *
   * @return for each row, whether it changed something
   */
  abstract boolean[] updateEach(Handle handle, String sql, Rows rows);

  /**
   * Inserts each row, except where a unique key is taken.
   *
   * @return for each row, whether it was inserted
   */
  abstract boolean[] insertEach(Handle handle, String sql, Rows rows);

  abstract List<Extension> extend(Handle handle, String sql, List<JobLease> leases, long duration);

  /** Makes the claim for a limit; the statement may depend on it. */
  abstract Query claim(Handle handle, String sql, int limit, Watermarks.Levels levels);
}
