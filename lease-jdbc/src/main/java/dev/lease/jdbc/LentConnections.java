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

/** The connections of a caller's {@code DataSource}, which gets them back as they came. */
final class LentConnections {

  private static final int NO_NETWORK = -1;

  /** What a connection is like when it comes. */
  private record State(boolean autoCommit, int isolation, int networkTimeout, String settings) {

    static State of(Connection connection, Dialect dialect, Collection<String> settings)
        throws SQLException {
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
          autoCommit,
          connection.getTransactionIsolation(),
          networkTimeout(connection),
          dialect.set(values));
    }

    private static int networkTimeout(Connection connection) throws SQLException {
      try {
        return connection.getNetworkTimeout();
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

  private LentConnections() {}

  /**
   * @param settings the names of what the store sets
   */
  static DataSource of(DataSource source, Dialect dialect, Collection<String> settings) {
    List<String> names = List.copyOf(settings);
    return proxy(
        DataSource.class,
        (proxy, method, arguments) -> {
          Object result = method.invoke(source, arguments);
          return result instanceof Connection connection
              ? lent(connection, dialect, names)
              : result;
        });
  }

  private static Connection lent(
      Connection connection, Dialect dialect, Collection<String> settings) throws SQLException {
    State state;
    try {
      state = State.of(connection, dialect, settings);
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

  private static void giveBack(Connection connection, State state) throws SQLException {
    try {
      state.restore(connection);
    } catch (SQLException e) {
      // Nobody is to get it as it is.
      connection.abort(Runnable::run);
    }
  }

  /** What the method throws comes as it is. */
  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            LentConnections.class.getClassLoader(),
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
