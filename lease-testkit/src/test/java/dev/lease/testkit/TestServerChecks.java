package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What tests expect of every database server. */
abstract class TestServerChecks {

  abstract TestServer server();

  /** The server at an address, as if the environment had named it. */
  abstract TestServer serverAt(String address);

  /** SQL for the number of tables in the database. */
  abstract String tables();

  /** SQL for what tells one server from another. */
  abstract String identity();

  @Test
  void databasesAreFreshAndTheServerIsOne() throws SQLException {
    String one = server().newDatabase();
    String two = server().newDatabase();

    assertThat(one).isNotEqualTo(two);
    assertThat(server()).isSameAs(server());
    for (String url : new String[] {one, two}) {
      assertThat(answer(url, tables())).isEqualTo("0");
      execute(url, "create table t (id int)");
      assertThat(answer(url, tables())).isEqualTo("1");
    }
  }

  @Test
  void theServerOfAnAddressIsTaken() throws SQLException {
    String address = server().newDatabase();

    TestServer server = serverAt(address);

    assertThat(answer(server.newDatabase(), identity())).isEqualTo(answer(address, identity()));
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
}
