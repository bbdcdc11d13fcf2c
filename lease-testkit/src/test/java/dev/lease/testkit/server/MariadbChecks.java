package dev.lease.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;

abstract class MariadbChecks extends ServerChecks {

  MariadbChecks(String way) {
    super(TestServers.MARIADB, way);
  }

  @Override
  void checkSettings(String url) throws SQLException {
    assertThat(answer(url, "select @@innodb_flush_log_at_trx_commit")).isIn("1", "2");
    assertThat(answer(url, "select @@innodb_snapshot_isolation")).isEqualTo("1");
  }
}
