package dev.lease.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.StoreClosedException;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a store, and how a call runs on one: its transaction, its time limit, its
 * retries, and its errors.
 *
 * <p>The store has pools of its own, also on top of a {@code DataSource} of the user's, so that
 * auto-commit and isolation are what the statements expect [L29]. Extending has a pool for itself,
 * so it never waits for a connection. Settling has one too, and so have the trips that several
 * callers share, which enqueue single jobs and acquire and release named leases. The statements on
 * those two pools wait for a lock only briefly, so that they never wait behind handlers or other
 * long waits.
 */
final class Database implements AutoCloseable, CallBatcher.Failures {

  private static final int MAX_TRIES = 5;
  private static final int SHORT_WAIT_PART = 10;
  private static final int BRIEF_WAIT_PART = 50;

  private final HikariDataSource shared;
  private final HikariDataSource extending;
  private final HikariDataSource settling;
  private final HikariDataSource trips;
  private final ConnectionFactory source;
  private final Runnable distrust;
  private final Dialect dialect;
  private final Statements statements;
  private final SqlCatalog catalog;
  private final @Nullable StatementCache cache;
  private final int timeoutMillis;
  private final ReentrantLock writer = new ReentrantLock(true);
  private final ReadWriteLock calls = new ReentrantReadWriteLock();
  private volatile boolean closed;

  /** Whether a call that writes has succeeded since the connections were last distrusted. */
  private final AtomicBoolean wrote = new AtomicBoolean(true);

  /** The newest connection outside the pools. */
  private volatile @Nullable Connection own;

  /**
   * @param distrust is called when the open connections of the source lead to the wrong server
   */
  Database(
      HikariConfig shared,
      HikariConfig extending,
      HikariConfig settling,
      HikariConfig trips,
      ConnectionFactory source,
      Runnable distrust,
      Statements statements,
      SqlCatalog catalog,
      boolean cachesStatements,
      int timeoutMillis) {
    this.shared = new HikariDataSource(shared);
    this.extending = new HikariDataSource(extending);
    this.settling = new HikariDataSource(settling);
    this.trips = new HikariDataSource(trips);
    this.source = source;
    this.distrust = distrust;
    this.dialect = statements.dialect();
    this.statements = statements;
    this.catalog = catalog;
    this.cache = cachesStatements ? new StatementCache() : null;
    this.timeoutMillis = timeoutMillis;
  }

  Dialect dialect() {
    return dialect;
  }

  Statements statements() {
    return statements;
  }

  /**
   * A connection outside the pools. The caller closes it, and takes another when it breaks: it is
   * aborted when it leads to the wrong server.
   */
  Connection ownConnection() throws SQLException {
    Connection connection = source.openConnection();
    try {
      connection.setAutoCommit(true);
      limit(connection);
      own = connection;
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  SqlCatalog catalog() {
    return catalog;
  }

  /** Runs a statement that only reads; it does not wait for writers of this process. */
  <T> T read(String what, Session.Work<T> work) {
    return call(what, shared, false, false, work);
  }

  /** Runs one statement, in a transaction of its own. */
  <T> T run(String what, Session.Work<T> work) {
    return call(what, shared, true, false, work);
  }

  /** Runs the statements of a file, in one transaction if there are several. */
  <T> T run(String what, Sql sql, Session.Work<T> work) {
    return call(what, shared, true, catalog.texts(sql).size() > 1, work);
  }

  /** Runs several statements in one transaction. */
  <T> T transact(String what, Session.Work<T> work) {
    return call(what, shared, true, true, work);
  }

  /** Runs several statements in one transaction, on the connection for extending. */
  <T> T transactExtending(String what, Session.Work<T> work) {
    return call(what, extending, true, true, work);
  }

  /**
   * Settles in one transaction, on a connection for settling. It soon gives up on a row that
   * another transaction has locked.
   */
  <T> T settle(String what, Session.Work<T> work) {
    return call(what, settling, true, true, work);
  }

  /**
   * Runs one statement on the connection for trips that several callers share. It soon gives up on
   * a row that another transaction has locked.
   */
  <T> T trip(String what, Session.Work<T> work) {
    return call(what, trips, true, false, work);
  }

  /** Runs several statements in one transaction, on the same connection. */
  <T> T transactTrip(String what, Session.Work<T> work) {
    return call(what, trips, true, true, work);
  }

  /** Runs statements in a transaction of the caller's. It neither commits nor rolls back. */
  <T> T within(String what, Connection connection, Session.Work<T> work) {
    checkOpen();
    try (var session = new Session(connection, catalog, dialect::inCallersTransaction)) {
      return work.run(session);
    } catch (JdbiException | SQLException e) {
      throw failure(what, e);
    }
  }

  /** How long a call that may wait for a locked row does so at most. */
  Duration shortWait() {
    return Duration.ofMillis(timeoutMillis / SHORT_WAIT_PART);
  }

  /** How long a statement waits for a locked row that waits only briefly. */
  static Duration briefWait(int timeoutMillis) {
    return Duration.ofMillis(Math.max(1, timeoutMillis / BRIEF_WAIT_PART));
  }

  @Override
  public boolean isLockTimeout(StoreException e) {
    return e.getCause() instanceof SQLException cause && dialect.isLockTimeout(cause);
  }

  @Override
  public boolean isOutage(StoreException e) {
    return e.isOutcomeUnknown()
        || e.getCause() instanceof SQLTransientConnectionException
        || (e.getCause() instanceof SQLException cause
            && (String.valueOf(cause.getSQLState()).startsWith("08")
                || dialect.verdict(cause) == Dialect.Verdict.READ_ONLY));
  }

  void checkOpen() {
    if (closed) {
      throw new StoreClosedException();
    }
  }

  /** Refuses new calls, and waits for those under way, but no longer than {@code callTimeout}. */
  @Override
  public void close() {
    closed = true;
    boolean quiet = false;
    try {
      quiet = calls.writeLock().tryLock(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      shared.close();
      extending.close();
      settling.close();
      trips.close();
    } finally {
      if (quiet) {
        calls.writeLock().unlock();
      }
    }
  }

  private <T> T call(
      String what,
      HikariDataSource from,
      boolean writes,
      boolean transaction,
      Session.Work<T> work) {
    calls.readLock().lock();
    try {
      checkOpen();
      boolean queued = writes && dialect.singleWriter() && queueUp(what);
      try {
        T result = attempt(what, from, transaction, work);
        if (writes && !wrote.get()) {
          wrote.set(true);
        }
        return result;
      } finally {
        if (queued) {
          writer.unlock();
        }
      }
    } finally {
      calls.readLock().unlock();
    }
  }

  private <T> T attempt(
      String what, HikariDataSource from, boolean transaction, Session.Work<T> work) {
    long start = System.nanoTime();
    for (int tries = 1; ; tries++) {
      try (Connection pooled = open(what, from)) {
        return attempt(pooled, from, transaction, tries > 1, work);
      } catch (JdbiException | SQLException e) {
        boolean late = System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        if (tries == MAX_TRIES || late || !mayTryAgain(verdict(e), tries)) {
          throw failure(what, e);
        }
      }
    }
  }

  /** A new connection may lead to another server; if that takes no writes either, there is none. */
  private static boolean mayTryAgain(Dialect.Verdict verdict, int tries) {
    return verdict == Dialect.Verdict.ROLLED_BACK
        || (verdict == Dialect.Verdict.READ_ONLY && tries == 1);
  }

  /**
   * Works on the driver's connection, not through the pool's wrappers of it and of all it makes.
   */
  private <T> T attempt(
      Connection pooled,
      HikariDataSource from,
      boolean transaction,
      boolean triedAgain,
      Session.Work<T> work)
      throws SQLException {
    Connection bare = pooled.unwrap(Connection.class);
    var session = new Session(bare, catalog, UnaryOperator.identity(), cache, triedAgain);
    boolean done = false;
    try (session) {
      T result = transaction ? dialect.inTransaction(session, work) : work.run(session);
      done = true;
      return result;
    } catch (JdbiException | SQLException e) {
      Dialect.Verdict verdict = verdict(e);
      if (verdict == Dialect.Verdict.UNKNOWN) {
        session.fails();
      } else if (verdict == Dialect.Verdict.READ_ONLY) {
        session.fails();
        bare.abort(Runnable::run);
        distrustAll();
      }
      throw e;
    } catch (Error e) {
      // It may have been thrown in the middle of anything.
      session.fails();
      throw e;
    } finally {
      if (!done) {
        // The pool has not seen what happened to the connection.
        dropUnlessSound(pooled, bare, session, from);
      }
    }
  }

  /**
   * After a switchover all connections lead to the old server. But while no server takes writes,
   * new connections are no better: then each call only drops its own.
   */
  private void distrustAll() throws SQLException {
    if (wrote.compareAndSet(true, false)) {
      distrust.run();
      retireConnections();
      Connection outside = own;
      if (outside != null) {
        outside.abort(Runnable::run);
      }
    }
  }

  /** Replaces all connections. Those in use go when their calls have ended. */
  void retireConnections() {
    for (HikariDataSource pool : List.of(shared, extending, settling, trips)) {
      pool.getHikariPoolMXBean().softEvictConnections();
    }
  }

  private void dropUnlessSound(
      Connection pooled, Connection bare, Session session, HikariDataSource from) {
    if (cache != null) {
      cache.forget(bare);
    }
    if (session.hasFailed() || !isIdle(bare)) {
      from.evictConnection(pooled);
    }
  }

  private static boolean isIdle(Connection connection) {
    try {
      return !connection.isClosed() && connection.getAutoCommit();
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * Waits for the other writers of this process: the database has no queue for them, only retries.
   */
  private boolean queueUp(String what) {
    // An interrupted thread that need not wait goes on; the timed tryLock would refuse it.
    if (Thread.currentThread().isInterrupted() && writer.tryLock()) {
      return true;
    }
    try {
      if (writer.tryLock(timeoutMillis, TimeUnit.MILLISECONDS)) {
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StoreException.notDone("could not " + what + ": the thread was interrupted", e);
    }
    throw StoreException.notDone(
        "could not " + what + ": other writers of this process took too long", null);
  }

  private Connection open(String what, HikariDataSource from) {
    try {
      Connection pooled = from.getConnection();
      try {
        limit(pooled.unwrap(Connection.class));
        return pooled;
      } catch (SQLException | RuntimeException e) {
        from.evictConnection(pooled);
        pooled.close();
        throw e;
      }
    } catch (SQLException e) {
      checkOpen();
      throw StoreException.notDone(
          "could not " + what + ": no connection: " + reason(e), sqlException(e));
    }
  }

  private void limit(Connection connection) throws SQLException {
    try {
      connection.setNetworkTimeout(Runnable::run, timeoutMillis);
    } catch (SQLFeatureNotSupportedException e) {
      // An embedded database has no network.
    }
  }

  StoreException failure(String what, Exception e) {
    SQLException cause = sqlException(e);
    String message = "could not " + what + ": " + reason(e, dialect::message);
    return verdict(e) == Dialect.Verdict.UNKNOWN
        ? StoreException.outcomeUnknown(message, cause)
        : StoreException.notDone(message, cause);
  }

  private Dialect.Verdict verdict(Exception e) {
    SQLException cause = sqlException(e);
    return cause == null ? Dialect.Verdict.UNKNOWN : dialect.verdict(cause);
  }

  /** Why there is no connection, or why something else that has no rows has failed, in one line. */
  static String reason(Throwable e) {
    return reason(e, Database::firstLine);
  }

  /**
   * The database's own message in one line, and what caused it. A library's message would repeat
   * the statement and its values.
   */
  private static String reason(Throwable e, Function<SQLException, String> message) {
    SQLException sql = sqlException(e);
    Throwable told = sql == null ? e : sql;
    String line = line(told, message);
    Throwable root = told;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String cause = line(root, message);
    return root == told || root.getMessage() == null || line.contains(cause)
        ? line
        : line + " (" + root.getClass().getSimpleName() + ": " + cause + ")";
  }

  private static String line(Throwable e, Function<SQLException, String> message) {
    if (e instanceof SQLException sql) {
      return message.apply(sql);
    }
    return e instanceof JdbiException
        ? e.getClass().getSimpleName()
        : String.valueOf(e.getMessage())
            .lines()
            .map(String::strip)
            .collect(Collectors.joining(" "));
  }

  /**
   * Of a database's message only the first line: the others, which PostgreSQL's driver begins with
   * words in the language of the JVM, may quote the row or the values.
   */
  static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().map(String::strip).findFirst().orElse("");
  }

  static @Nullable SQLException sqlException(Throwable e) {
    SQLException found = null;
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql) {
        found = sql;
      }
    }
    return found;
  }
}
