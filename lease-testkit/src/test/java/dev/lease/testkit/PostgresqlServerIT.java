package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresqlServerIT extends TestServerChecks {

  @Override
  TestServer server() {
    return TestServers.postgresql();
  }

  @Override
  TestServer serverAt(String address) {
    return TestServers.startPostgresql(Map.of("LEASE_TEST_POSTGRESQL_URL", address));
  }

  @Override
  String tables() {
    return "select count(*) from information_schema.tables where table_schema = 'public'";
  }

  @Override
  String identity() {
    return "select inet_server_port() || ' ' || pg_postmaster_start_time()";
  }

  @Test
  void whatIsAcknowledgedSurvivesACrashOfTheServer() throws SQLException {
    String url = server().newDatabase();

    assertThat(answer(url, "show synchronous_commit")).isEqualTo("on");
    assertThat(answer(url, "show server_encoding")).isEqualTo("UTF8");
  }
}
