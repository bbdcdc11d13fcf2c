package dev.lease.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class EmbeddedMariadbIT extends MariadbChecks {

  EmbeddedMariadbIT() {
    super("embedded");
  }

  @Test
  void aJvmThatIsKilledLeavesNothing() throws IOException, InterruptedException, SQLException {
    var other = new OtherJvm(TestServers.MARIADB.server(), "LEASE_TEST_SERVERS", "embedded");
    Path data = Path.of(answer(other.url(), "select @@datadir"));
    assertThat(data).exists();

    other.kill();

    await("the server is gone", () -> !isThere(other.url()));
    await("its directory is gone", () -> !Files.exists(data.getParent()));
  }
}
