package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** What an application with the usual level sees of a store that it opens and closes. */
class OpeningLinesTest {

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "an empty database is opened with one line of Lease's, also later, and closed with none")
  void oneLine(TestDatabase database) {
    assertOneLine(JdbcConfig.of(database.emptyUrl()));
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("beside tables of the user's own, too")
  void besideOtherTables(TestDatabase database) throws SQLException {
    String url = database.emptyUrl();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("create table shop (id int)");
    }
    assertOneLine(JdbcConfig.of(url));
  }

  private static void assertOneLine(JdbcConfig config) {
    Logger root = logger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    root.setLevel(Level.INFO);
    // The test server prints its own log.
    logger("io.zonky").setLevel(Level.OFF);
    // MariaDB's driver warns that an empty database has no table yet.
    logger("org.mariadb").setLevel(Level.ERROR);
    try {
      for (int time = 1; time <= 2; time++) {
        try (Logs logs = new Logs(org.slf4j.Logger.ROOT_LOGGER_NAME)) {
          JdbcBackend backend = JdbcBackend.open(config);
          List<String> opening = logs.from(Level.INFO);
          assertThat(opening).singleElement().asString().startsWith("Opened JdbcConfig");
          backend.leaseStore().acquire("a", "me", Duration.ofSeconds(30));
          backend.close();
          assertThat(logs.from(Level.INFO)).isEqualTo(opening);
        }
      }
    } finally {
      root.setLevel(before);
      logger("io.zonky").setLevel(null);
      logger("org.mariadb").setLevel(null);
    }
  }

  private static Logger logger(String name) {
    return (Logger) LoggerFactory.getLogger(name);
  }
}
