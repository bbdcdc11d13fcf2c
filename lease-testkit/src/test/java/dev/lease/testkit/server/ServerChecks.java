package dev.lease.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What tests expect of a database server, whichever way it was started. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServerChecks {

  private final DatabaseKind kind;
  private final String way;
  private TestServer server;

  ServerChecks(DatabaseKind kind, String way) {
    this.kind = kind;
    this.way = way;
  }

  /** Reads the settings that let a commit survive the server process, and the encoding. */
  abstract void checkSettings(String url) throws SQLException;

  @BeforeAll
  void start() {
    server = kind.start(Map.of("LEASE_TEST_SERVERS", way));
  }

  @Test
  void eachDatabaseIsFresh() throws SQLException {
    for (int i = 0; i < 2; i++) {
      execute(server.newDatabase(), "create table t (id int)");
    }
  }

  @Test
  void whatIsAcknowledgedSurvivesAKillOfTheServer() throws SQLException {
    checkSettings(server.newDatabase());
  }

  @Test
  void databasesOfAServerThatGoesOnAreDroppedWithTheJvm() throws IOException, InterruptedException {
    var other = new OtherJvm(kind.server(), kind.server().variable(), server.newDatabase());
    assertThat(isThere(other.url())).isTrue();

    other.end();

    assertThat(isThere(other.url())).isFalse();
  }

  @Test
  void theServerEndsWithTheJvm() throws IOException, InterruptedException {
    var other = new OtherJvm(kind.server(), "LEASE_TEST_SERVERS", way);
    assertThat(isThere(other.url())).isTrue();

    other.end();

    await("the server of the other JVM is gone", () -> !isThere(other.url()));
  }

  static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static String answer(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  static boolean isThere(String url) {
    try {
      DriverManager.getConnection(url).close();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still not so: %s", what).isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
