package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/** What the store asks of its own dialects only. */
abstract class OwnDialect extends Dialect {

  private static final List<String> SCRIPTS =
      List.of(
          "V1__lease.sql",
          "V2__failed_attempts.sql",
          "V3__remembered_ids.sql",
          "V4__checks.sql",
          "V5__indexes.sql",
          "V6__crashes_and_failures.sql",
          "V7__actions.sql",
          "V8__lease_notes.sql",
          "V9__operators.sql");

  OwnDialect(String name, Style style) {
    super(name, style);
  }

  @Override
  protected final List<String> migrations() {
    return SCRIPTS;
  }

  /**
   * Refuses a database as {@link #check(Connection)} does, and may open more connections for that.
   *
   * @param others opens further connections of the same kind
   * @param schema the schema of the store; null if it is that of the connection
   */
  abstract void check(Connection connection, ConnectionFactory others, @Nullable String schema)
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
