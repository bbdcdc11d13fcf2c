package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/** Finds the dialect of a database. */
final class Dialects {

  private Dialects() {}

  /**
   * Finds the dialect of a database.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Dialect of(Connection connection) throws SQLException {
    DatabaseMetaData metaData = connection.getMetaData();
    String product = metaData.getDatabaseProductName();
    Dialect dialect =
        switch (product) {
          case "PostgreSQL" -> new PostgresqlDialect();
          case "MariaDB" -> new MariadbDialect();
          case "SQLite" -> new SqliteDialect();
          case "MySQL" -> throw new IllegalArgumentException(MariadbDialect.NOT_MYSQL);
          default ->
              throw new IllegalArgumentException(
                  "no dialect for the database "
                      + product
                      + "; known are PostgreSQL, MariaDB and SQLite");
        };
    dialect.check(connection, metaData);
    return dialect;
  }

  /** What a driver should know before there is a connection. */
  static Properties driverProperties(String url, Duration callTimeout) {
    if (url.startsWith("jdbc:sqlite:")) {
      return SqliteDialect.driverProperties();
    }
    return url.startsWith("jdbc:mariadb:")
        ? MariadbDialect.driverProperties(callTimeout)
        : PostgresqlDialect.driverProperties(callTimeout);
  }
}
