package dev.lease.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.pool.HikariPool;
import dev.lease.Limits;
import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of a store. A call takes a place in its {@link Lane} first. The pool has as many
 * connections as the lanes have places, so a call that has a place never waits for one in another
 * lane.
 *
 * <p>A call whose deadline has come loses its connection, which ends whatever it waits for [L31].
 */
final class ConnectionPool implements AutoCloseable {

  /** How long a pool waits for a connection at a time: the least that it takes. */
  static final int WAIT_MILLIS = 250;

  private static final long LOOK_MILLIS = 250;
  private static final int CLOSING_SECONDS = 10;

  private static final Logger log = LoggerFactory.getLogger(ConnectionPool.class);

  /** Without the DataSource around it, which logs each start and stop at INFO. */
  private final HikariPool pool;

  private final Map<Lane, Places> lanes;
  private final Set<Taken> inUse = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean watching = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor timer;
  private final int timeoutMillis;

  /** How long the pool may ask a connection whether it lives, for a call of this thread. */
  private static final ThreadLocal<@Nullable Integer> asking = new ThreadLocal<>();

  /** The connections of a lane, which others may share. */
  static final class Places {
    final int size;
    final Semaphore free;

    /** For calls that met a lock. They never have all connections, if there are several. */
    final Semaphore waiting;

    Places(int size) {
      this.size = size;
      free = new Semaphore(size, true);
      waiting = new Semaphore(Math.max(1, size / 3), true);
    }

    static int sum(Collection<Places> all) {
      return all.stream().distinct().mapToInt(places -> places.size).sum();
    }
  }

  /**
   * @param config what the pool is like, but for its size
   * @param timeoutMillis the longest wait for a connection, and for an answer
   */
  ConnectionPool(HikariConfig config, Map<Lane, Places> lanes, int timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
    this.lanes = lanes;
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              var thread = new Thread(task, "lease-jdbc-timer");
              thread.setDaemon(true);
              return thread;
            },
            // Closed meanwhile.
            new ThreadPoolExecutor.DiscardPolicy());
    timer.setRemoveOnCancelPolicy(true);
    config.setMaximumPoolSize(Places.sum(lanes.values()));
    config.setConnectionTimeout(WAIT_MILLIS);
    config.setScheduledExecutor(timer);
    // It would ask connections on the timer's thread, and a silent server would stop the alarms.
    config.setKeepaliveTime(0);
    config.validate();
    pool = new HikariPool(config);
  }

  Places places(Lane lane) {
    return Objects.requireNonNull(lanes.get(lane));
  }

  /**
   * A {@code DataSource} for a pool. The pool sets no time limit for the logins of the whole JVM,
   * and asks a connection whether it lives for no longer than the call has that wants it.
   */
  static DataSource asked(DataSource source) {
    return BorrowedConnections.proxy(
        DataSource.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("setLoginTimeout")) {
            return null;
          }
          if (method.getName().equals("getLoginTimeout")) {
            // For so long a pool that is closed waits for a connection that it is about to get.
            return CLOSING_SECONDS;
          }
          try {
            Object result = method.invoke(source, arguments);
            return result instanceof Connection connection ? asked(connection) : result;
          } catch (InvocationTargetException e) {
            // Else the pool, which waits longer each time, could try again 5 s after an outage. A
            // thread of it that is interrupted gives up, and the next call that waits begins anew.
            Thread.currentThread().interrupt();
            throw e;
          }
        });
  }

  private static Connection asked(Connection connection) {
    return BorrowedConnections.proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("unwrap")) {
            return connection;
          }
          Integer millis = asking.get();
          if (millis != null && method.getName().equals("isValid")) {
            limit(connection, millis);
            // MariaDB's driver goes by this alone.
            return connection.isValid(Math.max(1, millis / 1_000));
          }
          return method.invoke(connection, arguments);
        });
  }

  /** From now on the connection waits that long at most for an answer. */
  static void limit(Connection connection, int millis) throws SQLException {
    try {
      connection.setNetworkTimeout(Runnable::run, millis);
    } catch (SQLFeatureNotSupportedException e) {
      // An embedded database has no network; others were told of at opening.
    }
  }

  /**
   * Takes a connection. The deadline has effect on it until it is given back.
   *
   * @throws SQLException if there is none in time; its transient kind if the pool has none
   */
  Taken take(Lane lane, Deadline deadline) throws SQLException, InterruptedException {
    Semaphore place = places(lane).free;
    // An interrupted thread that need not wait goes on; the timed tryAcquire would refuse it.
    if (!place.tryAcquire()
        && !place.tryAcquire(deadline.millis(timeoutMillis), TimeUnit.MILLISECONDS)) {
      throw new SQLTransientConnectionException(
          "other calls of this process have all connections for " + lane);
    }
    try {
      return new Taken(place, deadline);
    } catch (SQLException | RuntimeException | Error e) {
      place.release();
      throw e;
    }
  }

  /** Looks at the calls now and then: to set an alarm for each would wake a thread each time. */
  private void watch(Taken taken) {
    inUse.add(taken);
    if (!watching.get() && watching.compareAndSet(false, true)) {
      var unused = timer.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
    long left = taken.deadline.left().toMillis();
    if (left < timeoutMillis) {
      // It keeps a lease. There are few of these.
      var unused = timer.schedule(this::cutLate, left + 1, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    watching.set(false);
    cutLate();
    if (!inUse.isEmpty() && watching.compareAndSet(false, true)) {
      var unused = timer.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void cutLate() {
    inUse.forEach(Taken::cutIfLate);
  }

  /** A connection in use. */
  final class Taken implements AutoCloseable {
    private final Semaphore lane;
    private final Connection pooled;
    private final Connection bare;

    /** Whether the call has ended or has been ended, whichever came first. */
    private final AtomicBoolean over = new AtomicBoolean();

    private final Deadline deadline;

    private Taken(Semaphore lane, Deadline deadline) throws SQLException {
      this.lane = lane;
      this.deadline = deadline;
      pooled = open(deadline);
      try {
        // Not through the pool's wrappers of it and of all it makes.
        bare = pooled.unwrap(Connection.class).unwrap(Connection.class);
        limit(bare, deadline.millis(timeoutMillis));
        watch(this);
      } catch (SQLException | RuntimeException e) {
        pool.evictConnection(pooled);
        pooled.close();
        throw e;
      }
    }

    private Connection open(Deadline deadline) throws SQLException {
      Deadline waiting = Deadline.in(Duration.ofMillis(deadline.millis(timeoutMillis)));
      SQLException told = null;
      while (true) {
        asking.set(waiting.millis(timeoutMillis));
        try {
          return pool.getConnection();
        } catch (SQLTransientConnectionException e) {
          // Only one of several tells why the pool cannot connect.
          told = told == null || e.getCause() != null ? e : told;
          if (waiting.isOver() || pool.poolState == HikariPool.POOL_SHUTDOWN) {
            throw told;
          }
        } finally {
          asking.remove();
        }
      }
    }

    Connection connection() {
      return bare;
    }

    /** The pool must not hand it out again. */
    void evict() {
      pool.evictConnection(pooled);
    }

    private void cutIfLate() {
      if (deadline.isOver() && over.compareAndSet(false, true)) {
        // On a thread of its own: MariaDB's driver asks the server to end the statement.
        var thread = new Thread(this::abort, "lease-jdbc-abort");
        thread.setDaemon(true);
        thread.start();
      }
    }

    private void abort() {
      try {
        bare.abort(Runnable::run);
      } catch (SQLException | RuntimeException e) {
        log.debug(
            "Cannot abort a call that takes too long: {}",
            Limits.oneLine(String.valueOf(e.getMessage())));
      }
    }

    @Override
    public void close() throws SQLException {
      inUse.remove(this);
      try {
        if (over.getAndSet(true)) {
          evict();
        }
        pooled.close();
      } finally {
        lane.release();
      }
    }
  }

  /** Replaces all connections. Those in use go when their calls have ended. */
  void retire() {
    pool.softEvictConnections();
  }

  @Override
  public void close() {
    try {
      pool.shutdown();
    } catch (InterruptedException e) {
      log.warn(
          "Interrupted while the pool was closed; connections in use stay open until their calls end");
      Thread.currentThread().interrupt();
    }
    timer.shutdownNow();
  }
}
