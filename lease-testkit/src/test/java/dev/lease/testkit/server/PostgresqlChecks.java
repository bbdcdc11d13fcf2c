package dev.lease.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;

abstract class PostgresqlChecks extends ServerChecks {

  PostgresqlChecks(String way) {
    super(TestServers.POSTGRESQL, way);
  }

  @Override
  void checkSettings(String url) throws SQLException {
    assertThat(answer(url, "show synchronous_commit")).isEqualTo("on");
    assertThat(answer(url, "show server_encoding")).isEqualTo("UTF8");
  }
}
