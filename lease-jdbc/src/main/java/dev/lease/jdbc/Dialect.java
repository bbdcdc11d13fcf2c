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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.ConnectionFactory;
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

  /** What {@code {live}} stands for, unless an index knows it by another name. */
  static final String LIVE = "finished_at is null";

  /**
   * What {@code {unkept}} stands for where a job is finished by a statement of its own: of the job
   * only the id stays [Q02].
   */
  static final String UNKEPT = ":forgets = 1 and coalesce(keep, :keep) = 0";

  private final FailedAttempts failedAttempts;

  Dialect(FailedAttempts failedAttempts) {
    this.failedAttempts = failedAttempts;
  }

  final FailedAttempts failedAttempts() {
    return failedAttempts;
  }

  /** The name of the folders with its statements and migrations. */
  abstract String folder();

  /** What {@code {now}}, {@code {asof}} and the other words in the statements stand for. */
  abstract Map<String, String> words();

  /** The module that Flyway needs for this database; null if Flyway brings it. */
  @Nullable Library flywayModule() {
    return null;
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

  /** Works in a transaction; where it cannot be rolled back, nobody else gets the connection. */
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
        // Its transaction may be open still.
        session.fails();
      }
      throw e;
    } finally {
      session.inTransaction(false);
    }
  }

  /** What a statement is like in a transaction of the caller's. */
  String inCallersTransaction(String sql) {
    return sql;
  }

  /** Whether the database carries notifications to other processes. */
  abstract boolean canNotify();

  /** Tells other processes the news of a queue, when the transaction commits. */
  abstract void notifyOthers(Session session, String news) throws SQLException;

  /**
   * Makes what hears the notifications of other processes.
   *
   * @param connections gives it a connection of its own
   */
  abstract NotificationListener listener(
      ConnectionFactory connections, Consumer<String> wake, Runnable wakeAll);

  /** What an error says about the call. */
  abstract Verdict verdict(SQLException e);

  /** Whether an error says that a unique key is taken. */
  abstract boolean isDuplicate(SQLException e);

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
  abstract UpdateResult[] updateEach(Session session, Sql sql, RowBatch rows, LockWait waiting)
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
  abstract boolean[] insertEach(Session session, RowBatch rows, LockWait waiting)
      throws SQLException;

  /**
   * Takes named leases that nobody holds.
   *
   * @param wanted in the order in which their rows are locked, each name once
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
   * Ends named leases that are held.
   *
   * @param leases in the order in which their rows are locked
   * @return those that it ended
   */
  List<LeaseKey> releaseEach(Session session, List<LeaseKey> leases, LockWait waiting)
      throws SQLException {
    if (leases.size() > 1 && !session.isInTransaction()) {
      return inTransaction(session, own -> releaseEach(own, leases, waiting));
    }
    String text = session.texts(Sql.LEASE_RELEASE, waiting).get(0);
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

  /** Whether a guard is made in a transaction of the store's own, before the caller's raises it. */
  boolean makesGuardsApart() {
    return false;
  }

  /** Makes a guard, unless it is there. */
  void makeGuard(Session session, FenceWriter writer) throws SQLException {
    throw new UnsupportedOperationException("a guard is made when it is raised");
  }

  /**
   * Raises a guard in the caller's transaction, and locks it until that ends.
   *
   * @return the largest token that it has seen; larger than the one given if that is to be refused
   */
  long raiseGuard(Session session, FenceWriter writer) throws SQLException {
    return writer.bound(session.query(Sql.FENCE_RAISE)).mapTo(Long.class).one();
  }

  /**
   * Extends leases, without waiting for rows that others have locked; those are busy.
   *
   * @param duration in microseconds
   */
  abstract List<Extension> extend(Session session, List<JobLease> leases, long duration)
      throws SQLException;

  /**
   * Waits for the row of a busy lease, in the queue of those who want to lock it, and locks it; an
   * error says that it is still locked by others.
   */
  void await(Session session, JobLease lease, Duration wait) throws SQLException {
    throw new UnsupportedOperationException("no lease is busy");
  }

  /**
   * Takes jobs, and ends those that it meets with no attempt left or with their cancellation asked
   * for.
   */
  abstract ClaimLook claim(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException;

  /**
   * Makes expired jobs claimable in sight, and ends those that have no attempt left or are to be
   * cancelled; what others have locked is passed over.
   */
  abstract ResetSlice reset(Session session, ResetSlice.Request request) throws SQLException;
}
