package dev.lease.jdbc;

import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/** Which dialects there are, and the driver of each. */
final class Dialects {

  private static final String SQLITE = "jdbc:sqlite:";
  private static final String POSTGRESQL = "jdbc:postgresql:";
  private static final String MARIADB = "jdbc:mariadb:";
  private static final List<String> SCHEMES = List.of(SQLITE, POSTGRESQL, MARIADB);

  /** The drivers, by the schemes of their URLs. */
  private static final Map<String, Library> DRIVERS =
      Map.of(
          SQLITE, new Library("org.sqlite.JDBC", "org.xerial:sqlite-jdbc"),
          POSTGRESQL, new Library("org.postgresql.Driver", "org.postgresql:postgresql"),
          MARIADB, new Library("org.mariadb.jdbc.Driver", "org.mariadb.jdbc:mariadb-java-client"));

  private Dialects() {}

  /**
   * Finds the dialect of a database.
   *
   * @param others opens further connections of the same kind
   * @param schema the schema of the store; null if it is that of the connection
   * @throws IllegalArgumentException if there is none
   */
  static Dialect of(Connection connection, ConnectionFactory others, @Nullable String schema)
      throws SQLException {
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
    dialect.check(connection, metaData, others, schema);
    return dialect;
  }

  /**
   * Checks that a driver takes a URL.
   *
   * @throws IllegalArgumentException if there is no dialect for it
   * @throws StoreException if there is no driver for it
   */
  static void checkDriver(String url) {
    String scheme = scheme(url);
    try {
      // Otherwise the pool, or a driver that cannot read the URL, would show all of it in a
      // message.
      DriverManager.getDriver(url).getPropertyInfo(url, new Properties());
    } catch (SQLException e) {
      Library driver = Objects.requireNonNull(DRIVERS.get(scheme));
      throw StoreException.notDone(
          "could not connect to %s: %s"
              .formatted(
                  JdbcConfig.redacted(url),
                  driver.isMissing()
                      ? "no driver for " + scheme + " " + driver.advice()
                      : "no driver accepts this URL"),
          null);
    }
  }

  private static String scheme(String url) {
    return SCHEMES.stream()
        .filter(url::startsWith)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no dialect for "
                        + JdbcConfig.redacted(url)
                        + "; known are "
                        + String.join(", ", SCHEMES)));
  }

  /** The properties that a driver needs before it connects. */
  static Properties driverProperties(String url, JdbcConfig config) {
    Duration callTimeout = config.callTimeout();
    return switch (scheme(url)) {
      case SQLITE -> SqliteDialect.driverProperties(config.migrate());
      case MARIADB -> MariadbDialect.driverProperties(callTimeout);
      default -> PostgresqlDialect.driverProperties(callTimeout);
    };
  }
}
