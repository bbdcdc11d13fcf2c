package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresqlServerIT {

  @Test
  void databasesAreFreshAndTheServerIsOne() throws SQLException {
    String one = TestServers.postgresql().newDatabase();
    String two = TestServers.postgresql().newDatabase();

    assertThat(one).isNotEqualTo(two);
    assertThat(TestServers.postgresql()).isSameAs(TestServers.postgresql());
    for (String url : new String[] {one, two}) {
      assertThat(
              answer(
                  url,
                  "select count(*) from information_schema.tables where table_schema = 'public'"))
          .isEqualTo("0");
      assertThat(answer(url, "create table t (id int); select 'made'")).isEqualTo("made");
    }
  }

  @Test
  void whatIsAcknowledgedSurvivesACrashOfTheServer() throws SQLException {
    String url = TestServers.postgresql().newDatabase();

    assertThat(answer(url, "show synchronous_commit")).isEqualTo("on");
    assertThat(answer(url, "show server_encoding")).isEqualTo("UTF8");
  }

  @Test
  void theServerOfAnAddressIsTaken() throws SQLException {
    String address = TestServers.postgresql().newDatabase();

    TestServer server = TestServers.startPostgresql(Map.of("LEASE_TEST_POSTGRESQL_URL", address));

    assertThat(answer(server.newDatabase(), "select inet_server_port()"))
        .isEqualTo(answer(address, "select inet_server_port()"));
  }

  private static String answer(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      while (statement.getResultSet() == null) {
        statement.getMoreResults();
      }
      try (ResultSet result = statement.getResultSet()) {
        result.next();
        return result.getString(1);
      }
    }
  }
}
