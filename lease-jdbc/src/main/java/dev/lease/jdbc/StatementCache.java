package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The statements of connections whose driver keeps none itself: SQLite would parse and plan each
 * one for each call. Only for connections of the store's own, which end when they are closed; each
 * is used by one thread at a time.
 */
final class StatementCache {

  private final Map<Connection, Map<String, PreparedStatement>> kept = new ConcurrentHashMap<>();

  PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    Map<String, PreparedStatement> own = kept.get(connection);
    if (own == null) {
      kept.keySet().removeIf(StatementCache::isClosed);
      own = new HashMap<>();
      kept.put(connection, own);
    }
    PreparedStatement statement = own.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      own.put(sql, statement);
    }
    return statement;
  }

  private static boolean isClosed(Connection connection) {
    try {
      return connection.isClosed();
    } catch (SQLException e) {
      return true;
    }
  }

  /** Lets the statements of a connection go, one of which failed. */
  void forget(Connection connection) {
    Map<String, PreparedStatement> own = kept.remove(connection);
    if (own != null) {
      own.values().forEach(StatementCache::close);
    }
  }

  private static void close(PreparedStatement statement) {
    try {
      statement.close();
    } catch (SQLException e) {
      // It failed, and the connection is closed soon, if it is not sound.
    }
  }
}
