package dev.lease.jdbc;

import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jdbi.v3.core.ConnectionFactory;

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

  private static final String OTHERS =
      "; give a dialect for another database to JdbcConfig.withDialect";

  private Dialects() {}

  /**
   * Finds the dialect of a URL.
   *
   * @throws IllegalArgumentException if there is none
   */
  static OwnDialect of(String url) {
    return switch (scheme(url)) {
      case SQLITE -> new SqliteDialect();
      case MARIADB -> new MariadbDialect();
      default -> new PostgresqlDialect();
    };
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
                        + String.join(", ", SCHEMES)
                        + OTHERS));
  }

  /**
   * Finds the dialect of a database: that of the configuration, or the one of its product.
   *
   * @param others opens further connections of the same kind
   * @throws IllegalArgumentException if there is none, or if it cannot work with the database
   */
  static Dialect of(Connection connection, ConnectionFactory others, JdbcConfig config)
      throws SQLException {
    Dialect given = config.dialect();
    if (given != null) {
      DialectCheck.check(given);
      refuseWhatIsPostgresqls(given, config);
      given.check(connection);
      return given;
    }
    OwnDialect own = ofProduct(connection.getMetaData().getDatabaseProductName());
    refuseWhatIsPostgresqls(own, config);
    own.check(connection, others, config);
    return own;
  }

  private static void refuseWhatIsPostgresqls(Dialect dialect, JdbcConfig config) {
    if (!(dialect instanceof PostgresqlDialect)
        && (config.transactionPooling() || config.listenUrl() != null)) {
      throw new IllegalArgumentException(
          "transactionPooling and listenUrl are for PostgreSQL, was "
              + dialect.name()
              + ": leave them out");
    }
  }

  private static OwnDialect ofProduct(String product) {
    return switch (product) {
      case "PostgreSQL" -> new PostgresqlDialect();
      case "MariaDB" -> new MariadbDialect();
      case "SQLite" -> new SqliteDialect();
      case "MySQL" -> throw new IllegalArgumentException(MariadbDialect.NOT_MYSQL);
      default ->
          throw new IllegalArgumentException(
              "no dialect for the database "
                  + product
                  + "; known are PostgreSQL, MariaDB and SQLite"
                  + OTHERS);
    };
  }

  /**
   * Checks that a driver takes a URL.
   *
   * @throws StoreException if there is no driver for it
   */
  static void checkDriver(String url) {
    try {
      // Otherwise the pool, or a driver that cannot read the URL, would show all of it in a
      // message.
      DriverManager.getDriver(url).getPropertyInfo(url, new Properties());
    } catch (SQLException e) {
      throw StoreException.notDone(
          "could not connect to %s: %s".formatted(JdbcConfig.redacted(url), missing(url)), null);
    }
  }

  private static String missing(String url) {
    return DRIVERS.entrySet().stream()
        .filter(driver -> url.startsWith(driver.getKey()) && driver.getValue().isMissing())
        .findFirst()
        .map(driver -> "no driver for " + driver.getKey() + " " + driver.getValue().advice())
        .orElse("no driver accepts this URL");
  }
}
