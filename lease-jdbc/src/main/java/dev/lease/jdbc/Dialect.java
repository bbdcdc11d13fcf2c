package dev.lease.jdbc;

import dev.lease.EndedJob;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.Limits;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

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
          case "MariaDB" -> new MariadbDialect();
          case "SQLite" -> new SqliteDialect();
          case "MySQL" -> throw new IllegalArgumentException(MariadbDialect.NOT_MYSQL);
          default ->
              throw new IllegalArgumentException(
                  "no dialect for the database "
                      + product
                      + "; known are PostgreSQL, MariaDB and SQLite");
        };
    dialect.check(connection, metaData);
    return dialect;
  }

  /** What a driver should know before there is a connection. */
  static Properties driverProperties(String url, Duration callTimeout) {
    if (url.startsWith("jdbc:sqlite:")) {
      return SqliteDialect.driverProperties();
    }
    return url.startsWith("jdbc:mariadb:")
        ? MariadbDialect.driverProperties(callTimeout)
        : PostgresqlDialect.driverProperties(callTimeout);
  }

  /** The name of the folders with its statements and migrations. */
  abstract String folder();

  /** What {@code {now}}, {@code {asof}} and the other words in the statements stand for. */
  abstract Map<String, String> words();

  /** What says in a statement that a job is not finished, and what an index knows. */
  String live() {
    return "finished_at is null";
  }

  /** Refuses a database that this dialect cannot work with. */
  abstract void check(Connection connection, DatabaseMetaData metaData) throws SQLException;

  /** What the store's sessions are set to, by name. */
  abstract Map<String, String> settings(int timeoutMillis);

  /** Further settings for the sessions that settle: they soon give up on a locked row. */
  Map<String, String> settlingSettings(Duration wait) {
    return Map.of();
  }

  /** A statement that sets a session. */
  abstract String set(Map<String, String> settings);

  /** A statement that reads a setting of the session. */
  abstract String get(String setting);

  /**
   * The isolation level of the store's transactions, by its JDBC name; null if there is no choice.
   */
  @Nullable String isolation() {
    return "TRANSACTION_READ_COMMITTED";
  }

  /**
   * Whether the database has one writer at a time, so that writers of a process may as well queue
   * up.
   */
  abstract boolean singleWriter();

  /** Begins a transaction that is going to write. */
  void begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
  }

  /** Commits what {@link #begin} began. */
  void commit(Connection connection) throws SQLException {
    connection.commit();
    connection.setAutoCommit(true);
  }

  /** Rolls back what {@link #begin} began. */
  void rollback(Connection connection) throws SQLException {
    connection.rollback();
    connection.setAutoCommit(true);
  }

  /** What a statement is like in a transaction of the caller's. */
  String inCallersTransaction(String sql) {
    return sql;
  }

  /** Whether the database carries notifications to other processes. */
  abstract boolean canNotify();

  /** Tells other processes the news of a queue, when the transaction commits. */
  abstract void notifyOthers(Handle handle, String news);

  /** Makes what hears the notifications of other processes. */
  abstract Listener listener(Database database, Consumer<String> wake, Runnable wakeAll);

  /** What an error says about the call. */
  abstract Verdict verdict(SQLException e);

  /** Whether an error says that a unique key is taken. */
  abstract boolean isDuplicate(SQLException e);

  /** What is done about a job's row that another transaction has locked. */
  enum Waiting {
    /** Waits as long as the transaction may. */
    LONG,
    /** Waits for some milliseconds, as settling sessions do; then an error, and no change. */
    SHORT,
    /** Does without that row. */
    NONE
  }

  /** What became of a job that was to be changed. */
  enum Change {
    DONE,
    /** Its lease is lost. */
    LOST,
    /** Its row is locked by another transaction, and unchanged. */
    LOCKED
  }

  /**
   * Changes jobs that are held, each as a row of values says; the first three are queue, id and
   * token.
   *
   * @param sql one of the statements that end holds
   * @return for each row, what became of the job
   */
  abstract Change[] updateEach(
      Database database, Handle handle, Sql sql, Rows rows, Waiting waiting);

  /** Whether an error says that a row stayed locked by another transaction. */
  boolean isLockTimeout(SQLException e) {
    return false;
  }

  /**
   * Inserts each row, except where a unique key is taken.
   *
   * @return for each row, whether it was inserted
   */
  abstract boolean[] insertEach(Handle handle, String sql, Rows rows);

  /**
   * Whether a row is known to be missing, where to look for one that is would cost others
   * something.
   *
   * @param insert inserts the row unless it is there, and tells whether it did; that is taken back
   */
  boolean isMissing(Handle handle, BooleanSupplier insert) {
    return false;
  }

  /** Reads by a statement whose best plan depends on the values, as with a filter. */
  <T> T plannedAnew(Handle handle, Supplier<T> read) {
    return read.get();
  }

  /**
   * Raises a guard in the caller's transaction, and locks it until that ends.
   *
   * @return the largest token that it has seen; larger than the one given if that is to be refused
   */
  long fence(Database database, Handle handle, Fences.Writer writer) {
    return writer.bound(handle.createQuery(database.text(Sql.FENCE_RAISE))).mapTo(Long.class).one();
  }

  /**
   * Extends leases, without waiting for rows that others have locked; those are busy.
   *
   * @param duration in microseconds
   */
  abstract List<Extension> extend(
      Database database, Handle handle, List<JobLease> leases, long duration);

  /**
   * Waits for the row of a busy lease, in the queue of those who want to lock it, and locks it; an
   * error says that it is still locked by others.
   */
  void await(Database database, Handle handle, JobLease lease, Duration wait) {
    throw new UnsupportedOperationException("no lease is busy");
  }

  /**
   * Takes jobs, and ends those that it meets with no attempt left or with their cancellation asked
   * for.
   */
  abstract Look claim(
      Database database, Handle handle, Claiming claiming, Watermarks.Levels levels);

  /**
   * Makes expired jobs claimable in sight, and ends those that have no attempt left or are to be
   * cancelled; what others have locked is passed over.
   */
  abstract Slice reset(Database database, Handle handle, Resetting resetting);

  /**
   * Removes all but the last failed attempts of some jobs.
   *
   * @param jobs queue and id are their first columns
   * @param kept how many stay of each
   */
  void trim(Database database, Handle handle, Rows jobs, int kept) {
    PreparedBatch batch = handle.prepareBatch(database.text(Sql.ATTEMPT_TRIM));
    jobs.rows()
        .forEach(row -> batch.bind("queue", row[0]).bind("id", row[1]).bind("kept", kept).add());
    batch.execute();
  }

  /** Binds where to begin, as {@code due9, seq9, ... due0, seq0}. */
  static Query bind(Query query, Watermarks.Levels levels) {
    for (int priority = 0; priority <= Limits.MAX_PRIORITY; priority++) {
      query
          .bind("due" + priority, levels.due(priority))
          .bind("seq" + priority, levels.seq(priority));
    }
    return query;
  }

  /**
   * What a claim met, in any order.
   *
   * @param asOf the store's time at which it looked, or earlier
   * @param cut whether it left jobs for their size, or since they were changed meanwhile
   */
  record Look(long asOf, List<JobRows.Claimed> met, boolean cut) {}

  /**
   * What a look of a claim asks for; times are in microseconds.
   *
   * @param maxBytes what the payloads may have together
   * @param first whether the first job goes whatever its size
   */
  record Claiming(
      String queue,
      String worker,
      int limit,
      long maxBytes,
      boolean first,
      long duration,
      long keep) {

    JobRows.Claimed claimed(ResultSet row) throws SQLException {
      return JobRows.claimed(row, queue, worker);
    }

    /** How many of some jobs, by their sizes, are not too large together with those before. */
    int fitting(List<Long> sizes, long before) {
      long total = before;
      for (int i = 0; i < sizes.size(); i++) {
        total += sizes.get(i);
        if (total > maxBytes && !(first && total == sizes.get(i))) {
          return i;
        }
      }
      return sizes.size();
    }
  }

  /**
   * A part of a reset, which looks at some jobs that are not finished.
   *
   * @param keep the store's default, in microseconds
   * @param exhaustedOnly only those that it ends
   * @param limit how many it may change
   * @param slice how many it may look at
   * @param behind where to begin
   */
  record Resetting(
      String queue, long keep, boolean exhaustedOnly, int limit, int slice, Place behind) {

    Query bind(Query query) {
      return query
          .bind("queue", queue)
          .bind("exhaustedOnly", exhaustedOnly)
          .bind("limit", limit)
          .bind("priority", behind.priority())
          .bind("due", behind.dueAt())
          .bind("seq", behind.seq());
    }
  }

  /**
   * What a part of a reset did.
   *
   * @param changed how many jobs it changed
   * @param ended those of them that it ended
   * @param next behind which job to go on; null where there are no more
   */
  record Slice(int changed, List<EndedJob> ended, @Nullable Place next) {}
}
