package dev.lease.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Limits;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connections of a caller's {@code DataSource}. The store gives each one back as it came. */
final class BorrowedConnections {

  private static final int NO_NETWORK = -1;
  private static final Logger log = LoggerFactory.getLogger(BorrowedConnections.class);

  /** The state in which the caller's pool hands a connection out. */
  private record State(
      boolean autoCommit,
      @Nullable Integer isolation,
      int networkTimeout,
      @Nullable String settings) {

    static State of(
        Connection connection, Dialect dialect, @Nullable List<String> settings, int timeoutMillis)
        throws SQLException {
      int networkTimeout = limit(connection, timeoutMillis);
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(true);
      if (settings == null) {
        return new State(autoCommit, null, networkTimeout, null);
      }
      Map<String, String> values = new LinkedHashMap<>();
      for (String setting : settings) {
        try (Statement statement = connection.createStatement();
            ResultSet row = statement.executeQuery(dialect.get(setting))) {
          row.next();
          values.put(setting, row.getString(1));
        }
      }
      return new State(
          autoCommit,
          connection.getTransactionIsolation(),
          networkTimeout,
          dialect.initialSql(values));
    }

    /**
     * From now on the connection waits for a silent server that long at most; returns the limit
     * that it had.
     */
    private static int limit(Connection connection, int timeoutMillis) throws SQLException {
      try {
        int before = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, timeoutMillis);
        return before;
      } catch (SQLFeatureNotSupportedException e) {
        return NO_NETWORK;
      }
    }

    void restore(Connection connection) throws SQLException {
      if (!connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
      if (settings != null) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(settings);
        }
      }
      if (isolation != null) {
        connection.setTransactionIsolation(isolation);
      }
      if (networkTimeout != NO_NETWORK) {
        connection.setNetworkTimeout(Runnable::run, networkTimeout);
      }
      connection.setAutoCommit(autoCommit);
    }
  }

  private final DataSource source;
  private final @Nullable HikariDataSource pool;
  private final Dialect dialect;
  private final @Nullable List<String> settings;
  private final int timeoutMillis;
  private final AtomicInteger distrusted = new AtomicInteger();

  /**
   * @param settings the names of the session settings that the store changes; null if it changes
   *     neither these nor the isolation
   * @param timeoutMillis how long each statement that reads them may take
   */
  BorrowedConnections(
      DataSource source,
      Dialect dialect,
      @Nullable Collection<String> settings,
      int timeoutMillis) {
    this.source = source;
    this.pool = pool(source);
    this.dialect = dialect;
    this.settings = settings == null ? null : List.copyOf(settings);
    this.timeoutMillis = timeoutMillis;
  }

  /** The pool behind a {@code DataSource}, if it is one of HikariCP's. */
  static @Nullable HikariDataSource pool(DataSource source) {
    try {
      return source.isWrapperFor(HikariDataSource.class)
          ? source.unwrap(HikariDataSource.class)
          : null;
    } catch (SQLException | RuntimeException e) {
      // It does not tell.
      return null;
    }
  }

  /** The caller's {@code DataSource}, whose connections remember how they came. */
  DataSource dataSource() {
    return proxy(
        DataSource.class,
        (proxy, method, arguments) -> {
          Object result = method.invoke(source, arguments);
          return result instanceof Connection connection ? borrowed(connection) : result;
        });
  }

  private Connection borrowed(Connection connection) throws SQLException {
    State state;
    try {
      state = State.of(connection, dialect, settings, timeoutMillis);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
    int since = distrusted.get();
    var over = new AtomicBoolean();
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          boolean aborts = method.getName().equals("abort");
          boolean ends = aborts || method.getName().equals("close");
          if (ends && !connection.isClosed() && !over.getAndSet(true)) {
            if (aborts || since != distrusted.get()) {
              discard(connection);
            } else {
              giveBack(connection, state);
            }
          }
          return aborts ? null : method.invoke(connection, arguments);
        });
  }

  /**
   * Gives back no connection that is borrowed now, because they all lead to the wrong server.
   * Otherwise the caller's pool would hand them out again.
   */
  void distrust() {
    distrusted.incrementAndGet();
    if (pool != null) {
      pool.getHikariPoolMXBean().softEvictConnections();
    }
  }

  private void giveBack(Connection connection, State state) {
    try {
      state.restore(connection);
    } catch (SQLException | RuntimeException e) {
      // It could not be restored, so nobody else may get it.
      discard(connection);
    }
  }

  /** Makes the caller's pool throw a connection away. A pool may be told so; others find out. */
  private void discard(Connection connection) {
    try {
      if (source instanceof HikariDataSource hikari) {
        hikari.evictConnection(connection);
      } else {
        connection.abort(Runnable::run);
      }
    } catch (SQLException | RuntimeException e) {
      log.debug(
          "Cannot discard a borrowed connection: {}",
          Limits.oneLine(String.valueOf(e.getMessage())));
    }
  }

  /** A proxy that throws what the method threw, unwrapped. */
  static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            BorrowedConnections.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              try {
                return handler.invoke(proxy, method, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
