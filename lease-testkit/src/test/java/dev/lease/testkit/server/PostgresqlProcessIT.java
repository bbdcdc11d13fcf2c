package dev.lease.testkit.server;

import static dev.lease.testkit.server.ServerChecks.answer;
import static dev.lease.testkit.server.ServerChecks.await;
import static dev.lease.testkit.server.ServerChecks.execute;
import static dev.lease.testkit.server.ServerChecks.isThere;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresqlProcessIT {

  @Test
  void aStandbyHasWhatItsPrimaryAcknowledgedBeforeItWasKilled() throws Exception {
    var settings =
        Map.of("synchronous_standby_names", "standby", "synchronous_commit", "remote_apply");
    try (var primary = PostgresqlProcess.start(settings);
        var standby = primary.standby(primary.port(), Map.of())) {
      execute(primary.url(), "create table t (id int)");
      execute(primary.url(), "insert into t values (1)");
      assertThat(answer(standby.url(), "select pg_is_in_recovery()")).isEqualTo("t");

      primary.kill();

      assertThat(isThere(primary.url())).isFalse();
      assertThat(answer(standby.url(), "select pg_promote()")).isEqualTo("t");
      execute(standby.url(), "insert into t values (2)");
      assertThat(answer(standby.url(), "select count(*) from t")).isEqualTo("2");
    }
  }

  @Test
  void aClosedServerLeavesNothing() throws SQLException, InterruptedException {
    PostgresqlProcess server = PostgresqlProcess.start(Map.of("work_mem", "5MB"));
    assertThat(answer(server.url(), "show work_mem")).isEqualTo("5MB");
    Path data = Path.of(answer(server.url(), "show data_directory"));

    server.close();
    server.close();

    assertThat(isThere(server.url())).isFalse();
    await("its directory is gone", () -> !Files.exists(data.getParent()));
  }
}
