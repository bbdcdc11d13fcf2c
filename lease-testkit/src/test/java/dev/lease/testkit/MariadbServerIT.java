package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MariadbServerIT extends TestServerChecks {

  @Override
  TestServer server() {
    return TestServers.mariadb();
  }

  @Override
  TestServer serverAt(String address) {
    return TestServers.startMariadb(Map.of("LEASE_TEST_MARIADB_URL", address));
  }

  @Override
  String tables() {
    return "select count(*) from information_schema.tables where table_schema = database()";
  }

  @Override
  String identity() {
    return "select concat(@@port, ' ', @@datadir)";
  }

  @Test
  void whatIsAcknowledgedSurvivesACrashOfTheServer() throws SQLException {
    String url = server().newDatabase();

    assertThat(answer(url, "select @@innodb_flush_log_at_trx_commit")).isIn("1", "2");
  }
}
