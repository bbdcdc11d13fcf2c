package dev.lease.jdbc;

import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.Micros;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
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

  /** What says in the statement that ends a job that only its id is to stay [Q02]. */
  String unkept() {
    return ":forgets = 1 and coalesce(keep, :keep) = 0";
  }

  /** Refuses a database that this dialect cannot work with. */
  abstract void check(Connection connection, DatabaseMetaData metaData) throws SQLException;

  /** What the store's sessions are set to, by name. */
  abstract Map<String, String> settings(int timeoutMillis);

  /** Further settings for sessions that soon give up on a locked row. */
  Map<String, String> briefSettings(Duration wait) {
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

  /** Whether a connection should keep its statements, since the driver keeps none. */
  boolean cachesStatements() {
    return false;
  }

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
  abstract void notifyOthers(Session session, String news) throws SQLException;

  /** Makes what hears the notifications of other processes. */
  abstract NotificationListener listener(
      Database database, Consumer<String> wake, Runnable wakeAll);

  /** What an error says about the call. */
  abstract Verdict verdict(SQLException e);

  /** Whether an error says that a unique key is taken. */
  abstract boolean isDuplicate(SQLException e);

  /** What is done about a job's row that another transaction has locked. */
  enum Waiting {
    /** Waits as long as the transaction may. */
    LONG,
    /** Waits briefly, as some sessions do; then an error, and no change. */
    SHORT,
    /** Does without that row. */
    NONE
  }

  /** What became of a job that was to be changed. */
  enum UpdateResult {
    UPDATED,
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
  abstract UpdateResult[] updateEach(
      Database database, Session session, Sql sql, RowBatch rows, Waiting waiting)
      throws SQLException;

  /** Whether an error says that a row stayed locked by another transaction. */
  boolean isLockTimeout(SQLException e) {
    return false;
  }

  /**
   * A statement that soon gives up on a row that others have locked, where the session does not.
   */
  String briefly(String sql, Duration wait) {
    return sql;
  }

  /**
   * Stores jobs, except where a unique key is taken.
   *
   * @return for each row, whether it was inserted
   */
  abstract boolean[] insertEach(Database database, Session session, RowBatch rows, Waiting waiting)
      throws SQLException;

  /**
   * Takes named leases that nobody holds.
   *
   * @param wanted in the order in which their rows are locked, each name once
   */
  List<Lease> acquireEach(
      Database database, Session session, List<LeaseRequest> wanted, Waiting waiting)
      throws SQLException {
    int statements = wanted.size() * database.texts(Sql.LEASE_ACQUIRE).size();
    if (statements > 1 && !session.isInTransaction()) {
      return database.inTransaction(session, own -> acquireEach(database, own, wanted, waiting));
    }
    var acquired = new ArrayList<Lease>();
    for (LeaseRequest one : wanted) {
      database
          .script(session, Sql.LEASE_ACQUIRE, waiting)
          .bind("name", one.name())
          .bind("owner", one.owner())
          .bind("duration", Micros.of(one.leaseDuration()))
          .first(RowMappers::lease)
          .ifPresent(acquired::add);
    }
    return acquired;
  }

  /**
   * Ends named leases that are held.
   *
   * @param leases in the order in which their rows are locked
   * @return those that it ended
   */
  List<LeaseKey> releaseEach(
      Database database, Session session, List<LeaseKey> leases, Waiting waiting)
      throws SQLException {
    if (leases.size() > 1 && !session.isInTransaction()) {
      return database.inTransaction(session, own -> releaseEach(database, own, leases, waiting));
    }
    String text = database.waiting(database.texts(Sql.LEASE_RELEASE).get(0), waiting);
    var released = new ArrayList<LeaseKey>();
    for (LeaseKey lease : leases) {
      int ended =
          session
              .statement(text)
              .bind("name", lease.name())
              .bind("owner", lease.owner())
              .bind("token", lease.token())
              .update();
      if (ended > 0) {
        released.add(lease);
      }
    }
    return released;
  }

  /**
   * Whether a row is known to be missing, where to look for one that is would cost others
   * something.
   *
   * @param insert inserts the row unless it is there, and tells whether it did; that is taken back
   */
  boolean isMissing(Session session, Insert insert) throws SQLException {
    return false;
  }

  /** Inserts a row unless it is there, and tells whether it did. */
  interface Insert {
    boolean run() throws SQLException;
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
  long fence(Database database, Session session, Fences.Writer writer) throws SQLException {
    return writer
        .bound(session.handle().createQuery(database.text(Sql.FENCE_RAISE)))
        .mapTo(Long.class)
        .one();
  }

  /**
   * Extends leases, without waiting for rows that others have locked; those are busy.
   *
   * @param duration in microseconds
   */
  abstract List<Extension> extend(
      Database database, Session session, List<JobLease> leases, long duration) throws SQLException;

  /**
   * Waits for the row of a busy lease, in the queue of those who want to lock it, and locks it; an
   * error says that it is still locked by others.
   */
  void await(Database database, Session session, JobLease lease, Duration wait)
      throws SQLException {
    throw new UnsupportedOperationException("no lease is busy");
  }

  /**
   * Takes jobs, and ends those that it meets with no attempt left or with their cancellation asked
   * for.
   */
  abstract Look claim(
      Database database, Session session, Claiming claiming, Watermarks.Levels levels)
      throws SQLException;

  /**
   * Makes expired jobs claimable in sight, and ends those that have no attempt left or are to be
   * cancelled; what others have locked is passed over.
   */
  abstract Slice reset(Database database, Session session, Resetting resetting) throws SQLException;

  /**
   * Removes all but the last failed attempts of some jobs.
   *
   * @param jobs queue and id are their first columns
   * @param kept how many stay of each
   */
  void trim(Database database, Session session, RowBatch jobs, int kept) throws SQLException {
    var rows =
        new RowBatch(
            jobs.size(), RowBatch.text("queue"), RowBatch.text("id"), RowBatch.number("kept"));
    jobs.rows().forEach(row -> rows.add(row[0], row[1], (long) kept));
    session.statement(database.text(Sql.ATTEMPT_TRIM)).updateEach(rows);
  }

  /** Binds where to begin, as {@code due9, seq9, ... due0, seq0}. */
  static NamedStatement bind(NamedStatement statement, Watermarks.Levels levels)
      throws SQLException {
    for (int priority = 0; priority <= Limits.MAX_PRIORITY; priority++) {
      statement
          .bind("due" + priority, levels.due(priority))
          .bind("seq" + priority, levels.seq(priority));
    }
    return statement;
  }

  /**
   * What a claim met, in any order.
   *
   * @param asOf the store's time at which it looked, or earlier
   * @param cut whether it left jobs for their size, or since they were changed meanwhile
   */
  record Look(long asOf, List<RowMappers.Claimed> met, boolean cut) {}

  /**
   * What a look of a claim asks for; times are in microseconds.
   *
   * @param maxBytes what the payloads may have together
   * @param first whether the first job goes whatever its size
   */
  record Claiming(
      String queue,
      String owner,
      int limit,
      long maxBytes,
      boolean first,
      long duration,
      long keep) {

    RowMappers.@Nullable Claimed claimed(ResultSet row, int before) throws SQLException {
      return RowMappers.claimed(row, before, queue, owner);
    }

    RowMappers.Claimed claimed(ResultSet row) throws SQLException {
      return Objects.requireNonNull(claimed(row, 0));
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
      String queue, long keep, boolean exhaustedOnly, int limit, int slice, QueuePosition behind) {

    NamedStatement bind(NamedStatement statement) throws SQLException {
      return statement
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
   * @param finished those of them that it finished
   * @param next behind which job to go on; null where there are no more
   */
  record Slice(int changed, List<FinishedJob> finished, @Nullable QueuePosition next) {}
}
