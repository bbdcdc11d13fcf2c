package dev.lease.jdbc;

import dev.lease.Limits;
import dev.lease.StoreClosedException;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
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
 * How a call of a store runs on one of its connections: its transaction, its time limits, its
 * retries, and its errors.
 *
 * <p>The store has a pool of its own, also on top of a {@code DataSource} of the user's, so that
 * auto-commit and isolation are what the statements expect [L29]. Which calls share connections,
 * {@link Lane} says.
 */
final class Database implements AutoCloseable, CallBatcher.Failures {

  private static final int MAX_TRIES = 5;
  private static final int SHORTEST_LIMIT = 10;
  private static final int SHORT_WAIT_PART = 10;
  private static final int BRIEF_WAIT_PART = 50;

  /**
   * The pauses of a call that waits for a locked row: the first, twice as long each time, the last.
   */
  private static final long FIRST_PAUSE_MILLIS = 20;

  private static final long LAST_PAUSE_MILLIS = 500;

  /** The server gives up after this part of the time that the client waits. */
  private static final double UNHURRIED_PART = 0.9;

  /** A call waits for one connection and for several answers. */
  private static final int WAITS = 2;

  /** What a call that keeps a lease has at least: a loaded machine may need so long. */
  private static final Duration LEAST = Duration.ofSeconds(1);

  /** A pool waits for connections a little at a time, and a thread may wake up late. */
  private static final Duration SLACK = Duration.ofSeconds(1);

  private final ConnectionPool pool;
  private final ConnectionFactory outside;
  private final Runnable distrust;
  private final Dialect dialect;
  private final StyleStatements statements;
  private final SqlCatalog catalog;
  private final @Nullable Notifications notifications;
  private final @Nullable StatementCache cache;
  private final int timeoutMillis;
  private final ReentrantLock writer = new ReentrantLock(true);
  private final ReadWriteLock calls = new ReentrantReadWriteLock();
  private volatile boolean closed;

  /** Whether a call that writes has succeeded since the connections were last distrusted. */
  private final AtomicBoolean wrote = new AtomicBoolean(true);

  /** The newest connection outside the pool. */
  private volatile @Nullable Connection own;

  /**
   * @param outside opens connections outside the pool
   * @param distrust is called when the open connections lead to the wrong server
   */
  Database(
      ConnectionPool pool,
      ConnectionFactory outside,
      Runnable distrust,
      StyleStatements statements,
      SqlCatalog catalog,
      @Nullable Notifications notifications,
      boolean cachesStatements,
      int timeoutMillis) {
    this.pool = pool;
    this.outside = outside;
    this.distrust = distrust;
    this.dialect = statements.dialect();
    this.statements = statements;
    this.catalog = catalog;
    this.notifications = notifications;
    this.cache = cachesStatements ? new StatementCache() : null;
    this.timeoutMillis = timeoutMillis;
  }

  Dialect dialect() {
    return dialect;
  }

  StyleStatements statements() {
    return statements;
  }

  /**
   * A connection outside the pool. The caller closes it, and takes another when it breaks: it is
   * aborted when it leads to the wrong server.
   */
  Connection ownConnection() throws SQLException {
    Connection connection = outside.openConnection();
    try {
      connection.setAutoCommit(true);
      ConnectionPool.limit(connection, timeoutMillis);
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

  /** How to notify other processes; null if the database cannot. */
  @Nullable Notifications notifications() {
    return notifications;
  }

  /** How many calls of a lane may write at once: a further one only waits. */
  int places(Lane lane) {
    return dialect.singleWriter() ? 1 : pool.places(lane).size;
  }

  /** A call in a lane. */
  Calls on(Lane lane) {
    return on(lane, deadline());
  }

  /** Calls in a lane that all have the same deadline. */
  Calls on(Lane lane, Deadline deadline) {
    return new Calls(lane, deadline, Locked.WAIT);
  }

  <T> T read(String what, Session.Work<T> work) {
    return on(Lane.OTHERS).read(what, work);
  }

  <T> T run(String what, Session.Work<T> work) {
    return on(Lane.OTHERS).run(what, work);
  }

  <T> T run(String what, Sql sql, Session.Work<T> work) {
    return on(Lane.OTHERS).run(what, sql, work);
  }

  <T> T transact(String what, Session.Work<T> work) {
    return on(Lane.OTHERS).transact(what, work);
  }

  /** What a call does if another transaction keeps a row locked that it needs. */
  private enum Locked {
    /** It fails. */
    FAIL,
    /** It tries again, as one of few of its lane, and needs no connection in between. */
    WAIT,
    /** The same from its first try on, since it met the lock before. */
    WAIT_FROM_THE_FIRST
  }

  /** Calls in one lane. */
  final class Calls {
    private final Lane lane;
    private final Deadline deadline;
    private final Locked locked;

    private Calls(Lane lane, Deadline deadline, Locked locked) {
      this.lane = lane;
      this.deadline = deadline;
      this.locked = locked;
    }

    /** The same, but a call fails soon if another transaction keeps a row locked. */
    Calls once() {
      return new Calls(lane, deadline, Locked.FAIL);
    }

    /** The same, for a call that has met a lock. */
    Calls again() {
      return new Calls(lane, deadline, Locked.WAIT_FROM_THE_FIRST);
    }

    /** Runs a statement that only reads; it does not wait for writers of this process. */
    <T> T read(String what, Session.Work<T> work) {
      return call(what, lane, deadline, locked, false, false, work);
    }

    /** Runs one statement, in a transaction of its own. */
    <T> T run(String what, Session.Work<T> work) {
      return call(what, lane, deadline, locked, true, false, work);
    }

    /** Runs the statements of a file, in one transaction if there are several. */
    <T> T run(String what, Sql sql, Session.Work<T> work) {
      return call(what, lane, deadline, locked, true, catalog.texts(sql).size() > 1, work);
    }

    /** Runs several statements in one transaction. */
    <T> T transact(String what, Session.Work<T> work) {
      return call(what, lane, deadline, locked, true, true, work);
    }
  }

  /**
   * Calls that fail soon if another transaction keeps a row locked; on a database with one writer,
   * if another transaction writes.
   */
  Calls brief(Lane lane) {
    return on(lane, dialect.singleWriter() ? Deadline.in(shortWait()) : deadline()).once();
  }

  /** When a call of a part that begins now has to end, but for the wait for a trip of others. */
  @Override
  public Deadline deadline() {
    return Deadline.in(callTimeout().multipliedBy(WAITS));
  }

  /** The same, for a call that keeps a lease: others have to have time for theirs. */
  Deadline deadline(Duration lease) {
    Duration third = lease.dividedBy(3);
    Duration own = third.compareTo(LEAST) < 0 ? LEAST : third;
    return Deadline.in(own.compareTo(callTimeout()) < 0 ? own : callTimeout());
  }

  @Override
  public Duration callTimeout() {
    return Duration.ofMillis(timeoutMillis);
  }

  /**
   * How long a call of a part lasts at most. It may have to wait for a trip of others first; and a
   * driver may take a connection more to end a call that is cut, as MariaDB's does.
   */
  Duration longestCall() {
    return callTimeout().multipliedBy(WAITS + 2L).plus(SLACK);
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
    return isLockTimeout((Exception) e);
  }

  private boolean isLockTimeout(Exception e) {
    SQLException cause = sqlException(e);
    return cause != null && dialect.isLockTimeout(cause);
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
      pool.close();
    } finally {
      if (quiet) {
        calls.writeLock().unlock();
      }
    }
  }

  private <T> T call(
      String what,
      Lane lane,
      Deadline deadline,
      Locked locked,
      boolean writes,
      boolean transaction,
      Session.Work<T> work) {
    ConnectionPool.Places places = pool.places(lane);
    Deadline end = deadline.orIn(callTimeout());
    // Who is in line when the time is over tries once more: the row may have been free for long.
    Deadline lineEnds = deadline.orIn(callTimeout().multipliedBy(3).dividedBy(2));
    boolean waits = locked == Locked.WAIT_FROM_THE_FIRST;
    for (long most = FIRST_PAUSE_MILLIS; ; most = Math.min(2 * most, LAST_PAUSE_MILLIS)) {
      if (waits) {
        takePlace(what, places.waiting, lineEnds);
      }
      // A trip that takes long did more than wait for a lock.
      Deadline slow = Deadline.in(callTimeout().dividedBy(2));
      long start = System.nanoTime();
      try {
        return trip(what, lane, deadline, writes, transaction, work);
      } catch (StoreException e) {
        if (locked == Locked.FAIL || !isLockTimeout(e) || slow.isOver() || end.isOver()) {
          throw e;
        }
        if (waits && places.size == 1) {
          // With its place, so that other calls get in between.
          rest(System.nanoTime() - start, end);
        }
      } finally {
        if (waits) {
          places.waiting.release();
        }
      }
      waits = true;
      pause(Duration.ofMillis(most), end);
    }
  }

  /** Takes a place among those that wait for locked rows. */
  private void takePlace(String what, Semaphore waiting, Deadline end) {
    try {
      if (waiting.tryAcquire(end.left().toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
    throw StoreException.busy("could not " + what + ": other transactions keep rows locked", null);
  }

  private <T> T trip(
      String what,
      Lane lane,
      Deadline deadline,
      boolean writes,
      boolean transaction,
      Session.Work<T> work) {
    checkOpen();
    calls.readLock().lock();
    try {
      checkOpen();
      // The database has no queue for them, only retries.
      boolean queues = writes && dialect.singleWriter();
      // After a wait in vain only the database knows whether a transaction is in the way.
      boolean hasTurn =
          queues && takesTurn(what, writer, Deadline.in(deadline.left().dividedBy(WAITS)));
      try {
        T result = attempt(what, lane, deadline, transaction, work);
        if (writes && !wrote.get()) {
          wrote.set(true);
        }
        return result;
      } finally {
        if (hasTurn) {
          writer.unlock();
        }
      }
    } finally {
      calls.readLock().unlock();
    }
  }

  private <T> T attempt(
      String what, Lane lane, Deadline deadline, boolean transaction, Session.Work<T> work) {
    for (int tries = 1; ; tries++) {
      try (ConnectionPool.Taken taken = open(what, lane, deadline)) {
        var session =
            new Session(taken.connection(), catalog, UnaryOperator.identity(), cache, tries > 1);
        return attempt(taken, session, own -> hurried(own, deadline, transaction, work));
      } catch (JdbiException | SQLException e) {
        Dialect.Verdict verdict = verdict(e);
        if (tries == MAX_TRIES
            || deadline.isOver()
            || !mayTryAgain(verdict, tries)
            || isLockTimeout(e)) {
          throw failure(what, e);
        }
        if (verdict == Dialect.Verdict.ROLLED_BACK) {
          pause(dialect.backoff(tries), deadline);
        }
      }
    }
  }

  /** A new connection may lead to another server; if that takes no writes either, there is none. */
  private static boolean mayTryAgain(Dialect.Verdict verdict, int tries) {
    return verdict == Dialect.Verdict.ROLLED_BACK
        || (verdict == Dialect.Verdict.READ_ONLY && tries == 1);
  }

  /** Waits for a random part of a time. A thread that is interrupted does not wait. */
  private static void pause(Duration most, Deadline deadline) {
    Duration left = deadline.left();
    long nanos = (most.compareTo(left) < 0 ? most : left).toNanos();
    if (nanos > 0) {
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(nanos));
    }
  }

  /** Waits for all of a time. A thread that is interrupted does not wait. */
  private static void rest(long nanos, Deadline deadline) {
    LockSupport.parkNanos(Math.min(nanos, deadline.left().toNanos()));
  }

  private <T> T attempt(ConnectionPool.Taken taken, Session session, Session.Work<T> work)
      throws SQLException {
    boolean done = false;
    try (session) {
      T result = work.run(session);
      done = true;
      return result;
    } catch (JdbiException | SQLException e) {
      Dialect.Verdict verdict = verdict(e);
      if (verdict == Dialect.Verdict.UNKNOWN) {
        session.fails();
      } else if (verdict == Dialect.Verdict.READ_ONLY) {
        session.fails();
        session.connection().abort(Runnable::run);
        distrustAll();
      }
      throw e;
    } catch (Error e) {
      // It may have been thrown in the middle of anything.
      session.fails();
      throw e;
    } finally {
      if (!done || session.hasFailed()) {
        // The pool has not seen what happened to the connection.
        dropUnlessSound(taken, session);
      }
    }
  }

  /** Works, with shorter limits on the server's side too if much less time is left than usual. */
  private <T> T hurried(
      Session session, Deadline deadline, boolean transaction, Session.Work<T> work)
      throws SQLException {
    int left = deadline.millis(timeoutMillis);
    if (left >= timeoutMillis * UNHURRIED_PART) {
      return run(session, transaction, work);
    }
    Map<String, String> usual = settings(dialect, timeoutMillis, timeoutMillis);
    // For the server 0 means no limit.
    Map<String, String> hurried = settings(dialect, Math.max(left, SHORTEST_LIMIT), timeoutMillis);
    hurried.entrySet().removeAll(usual.entrySet());
    usual.keySet().retainAll(hurried.keySet());
    if (hurried.isEmpty()) {
      return run(session, transaction, work);
    }
    String forTransaction = dialect.setForTransaction(hurried);
    if (forTransaction != null) {
      return statements.inTransaction(
          session,
          own -> {
            own.statementOnce(forTransaction).run(row -> hurried);
            return work.run(own);
          });
    }
    boolean restored = false;
    try {
      set(session, hurried);
      T result = run(session, transaction, work);
      restored = isSet(session, usual);
      return result;
    } finally {
      if (!restored) {
        session.fails();
      }
    }
  }

  /** What was done stays done: if this fails, the connection goes, and the answer is kept. */
  private boolean isSet(Session session, Map<String, String> usual) {
    try {
      set(session, usual);
      return true;
    } catch (JdbiException | SQLException e) {
      return false;
    }
  }

  private <T> T run(Session session, boolean transaction, Session.Work<T> work)
      throws SQLException {
    return transaction ? statements.inTransaction(session, work) : work.run(session);
  }

  /** The settings of a session whose calls may take so long, of {@code timeoutMillis}. */
  static Map<String, String> settings(Dialect dialect, int millis, int timeoutMillis) {
    var settings = new HashMap<>(dialect.settings(millis));
    settings.putAll(dialect.briefSettings(briefWait(timeoutMillis)));
    return settings;
  }

  private void set(Session session, Map<String, String> settings) throws SQLException {
    session.statementOnce(dialect.set(settings)).run(row -> settings);
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
    pool.retire();
  }

  private void dropUnlessSound(ConnectionPool.Taken taken, Session session) {
    if (cache != null) {
      cache.forget(taken.connection());
    }
    if (session.hasFailed() || !isIdle(taken.connection())) {
      taken.evict();
    }
  }

  private static boolean isIdle(Connection connection) {
    try {
      return !connection.isClosed() && connection.getAutoCommit();
    } catch (SQLException e) {
      return false;
    }
  }

  /** Waits for other threads of this process until the deadline; whether it has the turn. */
  boolean takesTurn(String what, Lock turn, Deadline deadline) {
    // An interrupted thread that need not wait goes on; the timed tryLock would refuse it.
    if (Thread.currentThread().isInterrupted() && turn.tryLock()) {
      return true;
    }
    try {
      return turn.tryLock(deadline.millis(timeoutMillis), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  private static StoreException interrupted(String what, InterruptedException e) {
    Thread.currentThread().interrupt();
    return StoreException.notDone("could not " + what + ": the thread was interrupted", e);
  }

  private ConnectionPool.Taken open(String what, Lane lane, Deadline deadline) {
    if (deadline.isOver()) {
      throw StoreException.notDone("could not " + what + ": it took too long", null);
    }
    try {
      return pool.take(lane, deadline);
    } catch (SQLException e) {
      checkOpen();
      throw StoreException.notDone(
          "could not " + what + ": no connection: " + reason(e), sqlException(e));
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  StoreException failure(String what, Exception e) {
    SQLException cause = sqlException(e);
    String reason = reason(e, dialect::message);
    if (cause != null && dialect.isBusy(cause)) {
      return StoreException.busy(
          "could not " + what + ": another transaction keeps it waiting: " + reason, cause);
    }
    String message = "could not " + what + ": " + reason;
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
    Throwable root = Limits.causes(told).reduce(told, (cause, its) -> its);
    String cause = line(root, message);
    return Limits.oneLine(
        root == told || root.getMessage() == null || line.contains(cause)
            ? line
            : line + " (" + root.getClass().getSimpleName() + ": " + cause + ")");
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
    return Limits.causes(e)
        .filter(SQLException.class::isInstance)
        .map(SQLException.class::cast)
        .reduce((cause, its) -> its)
        .orElse(null);
  }
}
