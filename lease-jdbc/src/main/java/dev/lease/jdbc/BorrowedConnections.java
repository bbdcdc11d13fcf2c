package dev.lease.jdbc;

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
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connections of a caller's {@code DataSource}. The store gives each one back as it came. */
final class BorrowedConnections {

  private static final int NO_NETWORK = -1;
  private static final Logger log = LoggerFactory.getLogger(BorrowedConnections.class);

  /** The state in which the caller's pool hands a connection out. */
  private record State(boolean autoCommit, int isolation, int networkTimeout, String settings) {

    static State of(
        Connection connection, Dialect dialect, List<String> settings, int timeoutMillis)
        throws SQLException {
      int networkTimeout = limit(connection, timeoutMillis);
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(true);
      Map<String, String> values = new LinkedHashMap<>();
      for (String setting : settings) {
        try (Statement statement = connection.createStatement();
            ResultSet row = statement.executeQuery(dialect.get(setting))) {
          row.next();
          values.put(setting, row.getString(1));
        }
      }
      return new State(
          autoCommit, connection.getTransactionIsolation(), networkTimeout, dialect.set(values));
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
      try (Statement statement = connection.createStatement()) {
        statement.execute(settings);
      }
      connection.setTransactionIsolation(isolation);
      if (networkTimeout != NO_NETWORK) {
        connection.setNetworkTimeout(Runnable::run, networkTimeout);
      }
      connection.setAutoCommit(autoCommit);
    }
  }

  private BorrowedConnections() {}

  /**
   * @param settings the names of the session settings that the store changes
   * @param timeoutMillis how long each statement that reads them may take
   */
  static DataSource of(
      DataSource source, Dialect dialect, Collection<String> settings, int timeoutMillis) {
    List<String> names = List.copyOf(settings);
    return proxy(
        DataSource.class,
        (proxy, method, arguments) -> {
          Object result = method.invoke(source, arguments);
          return result instanceof Connection connection
              ? borrowed(connection, dialect, names, timeoutMillis)
              : result;
        });
  }

  private static Connection borrowed(
      Connection connection, Dialect dialect, List<String> settings, int timeoutMillis)
      throws SQLException {
    State state;
    try {
      state = State.of(connection, dialect, settings, timeoutMillis);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("close") && !connection.isClosed()) {
            giveBack(connection, state);
          }
          return method.invoke(connection, arguments);
        });
  }

  private static void giveBack(Connection connection, State state) {
    try {
      state.restore(connection);
    } catch (SQLException | RuntimeException e) {
      // It could not be restored, so nobody else may get it.
      try {
        connection.abort(Runnable::run);
      } catch (SQLException | RuntimeException again) {
        log.debug(
            "Cannot close a borrowed connection that could not be restored: {}",
            again.getMessage());
      }
    }
  }

  /** A proxy that throws what the method threw, unwrapped. */
  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
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
