package dev.lease.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.JobOrder;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.cache.internal.DefaultJdbiCacheBuilder;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a store, and how a call runs on one: its transaction, its time limit, its
 * second try, and what becomes of its errors.
 *
 * <p>The connections are the store's own, also where a user gives a {@code DataSource}: pools on
 * top of it hold them, so that auto-commit and isolation are what the statements expect [L29].
 * Extending has a pool of its own, and so has settling: neither waits for a connection behind the
 * other, behind handlers, or behind enqueueing that waits for a lock.
 */
final class Database implements AutoCloseable {

  private static final int MAX_TRIES = 5;
  private static final int SHORT_WAIT_PART = 10;
  private static final int SETTLE_WAIT_PART = 50;

  /**
   * Keeps fewer parsed texts than the thousand that are usual: some texts have numbers in them and
   * do not come again, and one of a large batch has hundreds of kilobytes.
   */
  private static final SqlParser PARSER =
      new ColonPrefixSqlParser(DefaultJdbiCacheBuilder.builder().maxSize(100));

  /** A pool, and what makes handles of its connections. */
  private record Connections(HikariDataSource pool, Jdbi jdbi) {
    static Connections of(HikariConfig config) {
      var pool = new HikariDataSource(config);
      return new Connections(pool, configured(Jdbi.create(pool)));
    }
  }

  private final Connections shared;
  private final Connections extending;
  private final Connections settling;
  private final ConnectionFactory source;
  private final Dialect dialect;
  private final Statements statements;
  private final int timeoutMillis;
  private final ReentrantLock writer = new ReentrantLock(true);
  private final ReadWriteLock calls = new ReentrantReadWriteLock();
  private volatile boolean closed;

  Database(
      HikariConfig shared,
      HikariConfig extending,
      HikariConfig settling,
      ConnectionFactory source,
      Dialect dialect,
      Statements statements,
      int timeoutMillis) {
    this.shared = Connections.of(shared);
    this.extending = Connections.of(extending);
    this.settling = Connections.of(settling);
    this.source = source;
    this.dialect = dialect;
    this.statements = statements;
    this.timeoutMillis = timeoutMillis;
  }

  static Jdbi configured(Jdbi jdbi) {
    jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP).setSqlParser(PARSER);
    jdbi.getConfig(Handles.class).setForceEndTransactions(false);
    jdbi.registerArrayType(String.class, "text");
    jdbi.registerArrayType(Long.class, "bigint");
    jdbi.registerArrayType(Integer.class, "integer");
    return jdbi;
  }

  Dialect dialect() {
    return dialect;
  }

  /** A connection outside the pools, which the caller closes. */
  Connection ownConnection() throws SQLException {
    Connection connection = source.openConnection();
    connection.setAutoCommit(true);
    limit(connection);
    return connection;
  }

  String text(Sql sql) {
    return statements.text(sql);
  }

  /** The statements of a file, which may have several. */
  List<String> texts(Sql sql) {
    return statements.texts(sql);
  }

  /** The statement for a page of a list of jobs. */
  String listText(JobConditions conditions, JobOrder order) {
    return statements.list(conditions, order);
  }

  /** Runs a statement that only reads, and waits for no writer of this process. */
  <T> T read(String what, Function<Handle, T> work) {
    return call(what, shared, false, false, work);
  }

  /** The statements of a file, to be run with values. */
  Steps steps(Handle handle, Sql sql) {
    return new Steps(handle, texts(sql));
  }

  /** Runs one statement, which is a transaction of its own. */
  <T> T run(String what, Function<Handle, T> work) {
    return call(what, shared, true, false, work);
  }

  /** Runs the statements of a file: in one transaction, if they are several. */
  <T> T run(String what, Sql sql, Function<Handle, T> work) {
    return call(what, shared, true, texts(sql).size() > 1, work);
  }

  /** Runs several statements in one transaction. */
  <T> T transact(String what, Function<Handle, T> work) {
    return call(what, shared, true, true, work);
  }

  /** Runs several statements in one transaction, on the connection that is kept to extend. */
  <T> T transactExtending(String what, Function<Handle, T> work) {
    return call(what, extending, true, true, work);
  }

  /** Runs several statements in one transaction, on a connection that is kept to settle. */
  <T> T transactSettling(String what, Function<Handle, T> work) {
    return call(what, settling, true, true, work);
  }

  /** Runs statements in a transaction of the caller's, which it neither commits nor rolls back. */
  <T> T within(String what, Connection connection, Function<Handle, T> work) {
    checkOpen();
    Jdbi jdbi = configured(Jdbi.create(connection));
    jdbi.getConfig(SqlStatements.class)
        .setTemplateEngine((sql, context) -> dialect.inCallersTransaction(sql));
    try (Handle handle = jdbi.open()) {
      return work.apply(handle);
    } catch (JdbiException e) {
      throw failure(what, e);
    }
  }

  /** How long a call may wait for a row that another transaction has locked, where it may. */
  Duration shortWait() {
    return Duration.ofMillis(timeoutMillis / SHORT_WAIT_PART);
  }

  /** How long a settlement waits for the row of a job that another transaction has locked. */
  Duration settleWait() {
    return settleWait(timeoutMillis);
  }

  static Duration settleWait(int timeoutMillis) {
    return Duration.ofMillis(Math.max(1, timeoutMillis / SETTLE_WAIT_PART));
  }

  /** Whether nothing was done since a row stayed locked by another transaction. */
  boolean isLockTimeout(StoreException e) {
    return e.getCause() instanceof SQLException cause && dialect.isLockTimeout(cause);
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the backend is closed");
    }
  }

  /**
   * Refuses new calls; waits for those under way, but no longer than one wait of theirs may last.
   */
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
      shared.pool().close();
      extending.pool().close();
      settling.pool().close();
    } finally {
      if (quiet) {
        calls.writeLock().unlock();
      }
    }
  }

  private <T> T call(
      String what,
      Connections from,
      boolean writes,
      boolean transaction,
      Function<Handle, T> work) {
    calls.readLock().lock();
    try {
      checkOpen();
      boolean queued = writes && dialect.singleWriter() && queueUp(what);
      try {
        return attempt(what, from, transaction, work);
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
      String what, Connections from, boolean transaction, Function<Handle, T> work) {
    long start = System.nanoTime();
    for (int tries = 1; ; tries++) {
      try (Handle handle = open(what, from)) {
        return transaction ? inTransaction(handle, from, work) : work.apply(handle);
      } catch (JdbiException | SQLException e) {
        boolean late = System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        if (tries == MAX_TRIES || late || verdict(e) != Dialect.Verdict.ROLLED_BACK) {
          throw failure(what, e);
        }
      }
    }
  }

  /** Waits for the other writers of this process; the database's own queue is one of tries. */
  private boolean queueUp(String what) {
    // A call of an interrupted thread that need not wait is done; a timed try would refuse it.
    if (Thread.currentThread().isInterrupted() && writer.tryLock()) {
      return true;
    }
    try {
      if (writer.tryLock(timeoutMillis, TimeUnit.MILLISECONDS)) {
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StoreException.notDone("could not " + what + ": interrupted", e);
    }
    throw StoreException.notDone(
        "could not " + what + ": other calls of this process take too long", null);
  }

  private Handle open(String what, Connections from) {
    try {
      Handle handle = from.jdbi().open();
      try {
        limit(handle.getConnection());
      } catch (SQLException | RuntimeException e) {
        handle.close();
        throw e;
      }
      return handle;
    } catch (JdbiException | SQLException e) {
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

  private <T> T inTransaction(Handle handle, Connections from, Function<Handle, T> work)
      throws SQLException {
    Connection connection = handle.getConnection();
    dialect.begin(connection);
    try {
      T result = work.apply(handle);
      dialect.commit(connection);
      return result;
    } catch (RuntimeException | SQLException | Error e) {
      try {
        dialect.rollback(connection);
      } catch (SQLException again) {
        e.addSuppressed(again);
        // Its transaction may be open still.
        from.pool().evictConnection(connection);
      }
      throw e;
    }
  }

  StoreException failure(String what, Exception e) {
    SQLException cause = sqlException(e);
    String message = "could not " + what + ": " + reason(e);
    return verdict(e) == Dialect.Verdict.UNKNOWN
        ? StoreException.outcomeUnknown(message, cause)
        : StoreException.notDone(message, cause);
  }

  private Dialect.Verdict verdict(Exception e) {
    SQLException cause = sqlException(e);
    return cause == null ? Dialect.Verdict.UNKNOWN : dialect.verdict(cause);
  }

  /**
   * The database's own words in one line; a library's would repeat the statement and its values.
   */
  static String reason(Throwable e) {
    SQLException cause = sqlException(e);
    String message = String.valueOf((cause == null ? e : cause).getMessage());
    return message.lines().map(String::strip).collect(Collectors.joining(" "));
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
