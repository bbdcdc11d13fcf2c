package dev.lease.testkit.server;

import static dev.lease.testkit.server.ServerChecks.answer;
import static dev.lease.testkit.server.ServerChecks.execute;
import static dev.lease.testkit.server.ServerChecks.isThere;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class MariadbProcessIT {

  @Test
  void aCopyHasWhatTheServerHadAndOptionsOfItsOwn() throws SQLException {
    try (var server = MariadbProcess.start("--server-id=7")) {
      execute(server.url(), "create table t (id int)");
      try (var copy = server.copy("--server-id=8", "--read-only=1")) {
        execute(server.url(), "insert into t values (1)");

        assertThat(answer(copy.url(), "select count(*) from t")).isEqualTo("0");
        assertThat(answer(server.url(), "select @@server_id")).isEqualTo("7");
        assertThat(answer(copy.url(), "select @@server_id + @@read_only")).isEqualTo("9");

        server.kill();
        assertThat(isThere(server.url())).isFalse();
        assertThat(isThere(copy.url())).isTrue();
      }
    }
  }

  @Test
  void aClosedServerLeavesNothing() throws SQLException {
    MariadbProcess server = MariadbProcess.start();
    Path data = Path.of(answer(server.url(), "select @@datadir"));
    assertThat(data).exists();

    server.close();
    server.close();

    assertThat(isThere(server.url())).isFalse();
    assertThat(data.getParent()).doesNotExist();
  }

  @Test
  void aServerThatDoesNotStartTellsWhy() {
    assertThatIllegalStateException()
        .isThrownBy(() -> MariadbProcess.start("--no-such-option=1"))
        .withMessageContaining("no-such-option");
  }
}
