package dev.lease.jdbc;

import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.Micros;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What differs between databases: the folder of statements and migrations, a few words in the
 * statements, and how to run them where one database takes lists and another single rows.
 */
abstract class Dialect {

  /** What an error of the database says about the call that failed. */
  enum Verdict {
    /** The database rolled the transaction back, and the call may be tried again. */
    ROLLED_BACK,
    /** Nothing was done. */
    NOT_DONE,
    /** Nothing was done, because the connection leads to a server that takes no writes. */
    READ_ONLY,
    /** It may have been done. */
    UNKNOWN
  }

  /** What {@code {unfinished}} stands for, unless an index needs other words. */
  static final String UNFINISHED = "finished_at is null";

  /**
   * What {@code {unkept}} stands for: whether only the id of a finished job stays [Q02].
   * PostgreSQL, which gets rows as arrays, words it otherwise.
   */
  static final String UNKEPT = ":forgets = 1 and coalesce(keep, :keep) = 0";

  /** How many rows there are to lock for dedup keys. */
  private static final int KEY_BUCKETS = 1_000;

  private final FailedAttempts failedAttempts;

  Dialect(FailedAttempts failedAttempts) {
    this.failedAttempts = failedAttempts;
  }

  final FailedAttempts failedAttempts() {
    return failedAttempts;
  }

  /** The name of the folders with the statements and the migrations. */
  abstract String folder();

  /**
   * What {@code {now}}, {@code {asof}} and the other words in braces in the statements stand for.
   */
  abstract Map<String, String> words();

  /** The module that Flyway needs for this database; null if it needs none. */
  @Nullable Library flywayModule() {
    return null;
  }

  /**
   * Refuses a database that this dialect cannot work with.
   *
   * @param others opens further connections of the same kind
   * @param schema the schema of the store; null if it is that of the connection
   */
  abstract void check(
      Connection connection,
      DatabaseMetaData metaData,
      ConnectionFactory others,
      @Nullable String schema)
      throws SQLException;

  /** The turn of a process to migrate; the others wait until it is closed. */
  interface MigrationTurn extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits for the turn to migrate, where Flyway does not see to that. */
  MigrationTurn awaitMigrationTurn(Connection connection) throws SQLException {
    return () -> {};
  }

  /**
   * The prefix that puts a table into a schema.
   *
   * @throws IllegalArgumentException if the database has no schemas
   */
  abstract String prefix(String schema);

  /** The settings of the store's sessions, by name. */
  abstract Map<String, String> settings(int timeoutMillis);

  /** Further settings for the sessions that soon give up on a locked row. */
  Map<String, String> briefSettings(Duration wait) {
    return Map.of();
  }

  /**
   * The settings of a session that migrates the schema; each is one of {@link #settings}. A
   * statement may take as long as it needs. But it gives up on a table that others use all the
   * time: until it gets its lock, all who come after it wait.
   */
  abstract Map<String, String> migrationSettings(int timeoutMillis);

  /**
   * Fails if the user may not make tables.
   *
   * @param schema in which schema; null for that of the connection
   */
  void checkMayCreate(Connection connection, @Nullable String schema) throws SQLException {}

  /** Whether an error says that the user lacks a right. */
  boolean lacksRight(SQLException e) {
    return false;
  }

  /** A statement that changes settings of the session. */
  abstract String set(Map<String, String> settings);

  /** A statement that reads a setting of the session. */
  abstract String get(String setting);

  /**
   * The isolation level of the store's transactions, by its JDBC name; null if the database has
   * only one.
   */
  @Nullable String isolation() {
    return "TRANSACTION_READ_COMMITTED";
  }

  /**
   * Whether the database has one writer at a time. The writers of a process then queue up before
   * they ask it.
   */
  abstract boolean singleWriter();

  /** Whether the store caches the statements of its connections, because the driver does not. */
  boolean cachesStatements() {
    return false;
  }

  /** Begins a transaction that will write. */
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

  /** Works in a transaction. If that cannot be rolled back, nobody else gets the connection. */
  final <T> T inTransaction(Session session, Session.Work<T> work) throws SQLException {
    Connection connection = session.connection();
    begin(connection);
    session.inTransaction(true);
    try {
      T result = work.run(session);
      commit(connection);
      return result;
    } catch (RuntimeException | SQLException | Error e) {
      try {
        rollback(connection);
      } catch (SQLException again) {
        e.addSuppressed(again);
        // The transaction may still be open.
        session.fails();
      }
      throw e;
    } finally {
      session.inTransaction(false);
    }
  }

  /** What a statement becomes in a transaction of the caller's. */
  String inCallersTransaction(String sql) {
    return sql;
  }

  /** Whether the database delivers notifications to other processes. */
  abstract boolean canNotify();

  /** Notifies other processes of news about a queue, once the transaction commits. */
  abstract void notifyOthers(Session session, String news) throws SQLException;

  /**
   * Makes a listener for the notifications of other processes.
   *
   * @param connections opens a connection for the listener
   * @param events is told what the listener hears
   */
  abstract NotificationListener listener(
      ConnectionFactory connections, NotificationListener.Events events);

  /** What an error says about the call that failed. */
  abstract Verdict verdict(SQLException e);

  /** Whether an error says that a unique key is taken. */
  abstract boolean isDuplicate(SQLException e);

  /** What became of the change of a job. */
  enum UpdateResult {
    UPDATED,
    /** The lease is lost. */
    LOST,
    /** Another transaction has locked the row, which is unchanged. */
    LOCKED
  }

  /**
   * Changes jobs that are held, one for each row of values. The first three values are queue, id
   * and token.
   *
   * @param sql {@link Sql#JOB_FINISH} or {@link Sql#JOB_RETURN}
   * @return for each row, what became of the job
   */
  abstract UpdateResult[] updateEach(Session session, Sql sql, RowBatch rows, LockWait waiting)
      throws SQLException;

  /** Whether an error says that another transaction kept a row locked. */
  boolean isLockTimeout(SQLException e) {
    return false;
  }

  /**
   * A statement that soon gives up on a locked row, if the session's settings do not see to that.
   */
  String briefly(String sql, Duration wait) {
    return sql;
  }

  /**
   * Stores jobs, except those whose id or dedup key is taken.
   *
   * @return for each row, whether it was inserted
   */
  abstract boolean[] insertEach(Session session, RowBatch rows, LockWait waiting)
      throws SQLException;

  /**
   * Locks what stands for the queues of some dedup keys, so that batches with several keys in one
   * queue go one after the other: the keys themselves are taken in the order of the jobs, which may
   * end in a deadlock. Not in a transaction of the caller's, which may stay open for long.
   */
  static void lockKeys(Session session, Set<RowBatch.Name> keys, LockWait waiting)
      throws SQLException {
    if (keys.size() > 1 && session.isInTransaction()) {
      String text = session.texts(Sql.KEY_LOCK, waiting).get(0);
      session.statementOnce(text.replace("{found}", buckets(keys))).list(row -> row.getInt(1));
    }
  }

  /** The numbers of the rows that stand for the queues of keys, as a list in a statement. */
  static String buckets(Set<RowBatch.Name> keys) {
    return keys.stream()
        .map(key -> Math.floorMod(Objects.hashCode(key.first()), KEY_BUCKETS))
        .distinct()
        .map(String::valueOf)
        .collect(Collectors.joining(","));
  }

  /** Removes the jobs that a script finds, and returns what was read of them. */
  <T> List<T> purge(Session session, SqlScript script, NamedStatement.RowReader<T> reader)
      throws SQLException {
    return script.listAndChange(reader);
  }

  /** The statement that finds the job that prevents another one. */
  String findDuplicate(Session session, LockWait waiting) {
    return session.texts(Sql.JOB_FIND_DUPLICATE, waiting).get(0);
  }

  /**
   * Acquires named leases that nobody holds.
   *
   * @param wanted each name once, in the order in which the rows are to be locked
   */
  List<Lease> acquireEach(Session session, List<LeaseRequest> wanted, LockWait waiting)
      throws SQLException {
    int statements = wanted.size() * session.texts(Sql.LEASE_ACQUIRE).size();
    if (statements > 1 && !session.isInTransaction()) {
      return inTransaction(session, own -> acquireEach(own, wanted, waiting));
    }
    var acquired = new ArrayList<Lease>();
    for (LeaseRequest one : wanted) {
      new SqlScript(session, Sql.LEASE_ACQUIRE, waiting)
          .bind("name", one.name())
          .bind("owner", one.owner())
          .bind("duration", Micros.of(one.leaseDuration()))
          .first(RowMappers::lease)
          .ifPresent(acquired::add);
    }
    return acquired;
  }

  /**
   * Releases named leases that are held.
   *
   * @param leases in the order in which the rows are to be locked
   * @return those that it released
   */
  List<LeaseKey> releaseEach(Session session, List<LeaseKey> leases, LockWait waiting)
      throws SQLException {
    if (leases.size() > 1 && !session.isInTransaction()) {
      return inTransaction(session, own -> releaseEach(own, leases, waiting));
    }
    String text = session.texts(Sql.LEASE_RELEASE, waiting).get(0);
    var released = new ArrayList<LeaseKey>();
    for (LeaseKey lease : leases) {
      int changed =
          session
              .statement(text)
              .bind("name", lease.name())
              .bind("owner", lease.owner())
              .bind("token", lease.token())
              .update();
      if (changed > 0) {
        released.add(lease);
      }
    }
    return released;
  }

  /**
   * Whether a row is certainly missing. If the answer is false, the caller has to look for it.
   *
   * <p>In some databases a search for a missing row hinders others. Their dialects find out with an
   * insert, and roll it back. The others always answer false.
   *
   * @param insert inserts the row unless it is there, and tells whether it did
   */
  boolean isMissing(Session session, Insert insert) throws SQLException {
    return false;
  }

  /** Inserts a row unless it is there, and tells whether it did. */
  interface Insert {
    boolean run() throws SQLException;
  }

  /** Runs a query whose best plan depends on its values, such as one with a filter. */
  <T> T plannedAnew(Handle handle, Supplier<T> read) {
    return read.get();
  }

  /**
   * Whether a guard is made in a transaction of the store's own, before the caller's transaction
   * raises it.
   */
  boolean makesGuardsApart() {
    return false;
  }

  /** Makes a guard, unless it exists. */
  void makeGuard(Session session, FenceWriter writer) throws SQLException {
    throw new UnsupportedOperationException("a guard is made when it is raised");
  }

  /**
   * Raises a guard in the caller's transaction, and locks it until that transaction ends.
   *
   * @return the largest token that the guard has seen; if it is larger than the writer's, the
   *     writer is refused
   */
  long raiseGuard(Session session, FenceWriter writer) throws SQLException {
    return writer.bound(session.query(Sql.FENCE_RAISE)).mapTo(Long.class).one();
  }

  /**
   * Extends leases. It does not wait for rows that others have locked; those leases are busy.
   *
   * @param duration in microseconds
   */
  abstract List<Extension> extend(Session session, List<JobLease> leases, long duration)
      throws SQLException;

  /**
   * Waits for the row of a busy lease, in the queue of those that want to lock it, and locks it. It
   * fails if others still have it locked after that time.
   */
  void await(Session session, JobLease lease, Duration wait) throws SQLException {
    throw new UnsupportedOperationException("no lease is busy");
  }

  /**
   * Claims jobs. Of those that it meets, it finishes the ones that have no attempt left or whose
   * cancellation was requested.
   */
  abstract ClaimLook claim(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException;

  /**
   * Returns expired jobs to RETRY, and finishes those that have no attempt left or whose
   * cancellation was requested. It skips rows that others have locked.
   */
  abstract ResetSlice reset(Session session, ResetSlice.Request request) throws SQLException;
}
