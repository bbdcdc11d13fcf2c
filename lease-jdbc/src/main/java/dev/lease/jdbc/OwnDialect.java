package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/** What the store asks of its own dialects only. */
abstract class OwnDialect extends Dialect {

  OwnDialect(String name, Style style) {
    super(name, style);
  }

  /**
   * Refuses a database as {@link #check(Connection)} does, and may open more connections for that.
   *
   * @param others opens further connections of the same kind
   */
  abstract void check(Connection connection, ConnectionFactory others, JdbcConfig config)
      throws SQLException;

  /**
   * The properties of {@link #driverProperties(Duration)}, for a database that may be a file.
   *
   * @param makesFile whether a file that is missing is made
   */
  Properties driverProperties(Duration callTimeout, boolean makesFile) {
    return driverProperties(callTimeout);
  }

  /** The module that Flyway needs for this database; null if it needs none. */
  @Nullable Library flywayModule() {
    return null;
  }
}
