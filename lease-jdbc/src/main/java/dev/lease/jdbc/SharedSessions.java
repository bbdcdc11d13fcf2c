package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jdbi.v3.core.ConnectionFactory;
import org.postgresql.PGConnection;

/**
 * Finds out whether a pooler gives each transaction another session of PostgreSQL, as PgBouncer
 * does in transaction mode. There settings of a session would reach other clients, and a session
 * that listens would hear for others.
 */
final class SharedSessions {

  /** Other clients of the pooler may disturb a look. */
  private static final int LOOKS = 10;

  private SharedSessions() {}

  /**
   * Whether sessions are shared.
   *
   * @param connection in auto-commit mode
   * @param others opens further connections of the same kind; used only if there is a pooler
   */
  static boolean behind(Connection connection, ConnectionFactory others) throws SQLException {
    if (!connection.isWrapperFor(PGConnection.class)
        || connection.unwrap(PGConnection.class).getBackendPID() == session(connection)) {
      // The server itself said at the start which session this is.
      return false;
    }
    try (Connection other = others.openConnection()) {
      boolean autoCommit = other.getAutoCommit();
      try {
        other.setAutoCommit(false);
        for (int looks = 0; looks < LOOKS; looks++) {
          long before = session(connection);
          // Its transaction holds a session: the one that was just used, if that is free.
          boolean taken = session(other) == before;
          if (taken || session(connection) != before) {
            return true;
          }
          other.rollback();
        }
        return false;
      } finally {
        other.rollback();
        other.setAutoCommit(autoCommit);
      }
    }
  }

  private static long session(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getLong(1);
    }
  }
}
