package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Caches the prepared statements of connections whose driver does not: SQLite would parse and plan
 * each statement for each call. Only for the store's own connections, which really close when they
 * are closed. One thread at a time uses each of them.
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

  /** Closes the statements of a connection after one of them failed. */
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
      // If the connection is not sound, it is closed soon.
    }
  }
}
