package dev.lease.testkit.server;

import static dev.lease.testkit.server.RedisChecks.call;
import static dev.lease.testkit.server.RedisChecks.isThere;
import static dev.lease.testkit.server.ServerChecks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisProcessIT {

  @Test
  void aKilledServerHasAfterwardsWhatItAcknowledged() throws IOException {
    try (var server = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always")) {
      try (var connection = new RedisConnection(server.port())) {
        for (int i = 1; i <= 1_000; i++) {
          connection.call("SET", "key" + i, "value" + i);
        }
        server.kill();
      }
      assertThat(isThere(server.uri())).isFalse();

      server.restart();

      assertThat(call(server.uri(), "DBSIZE")).isEqualTo(1_000L);
      assertThat(call(server.uri(), "GET", "key1000")).isEqualTo("value1000");
    }
  }

  @Test
  void aServerStartsAnewWithItsOptionsAndHadNoTimeToSave() throws IOException {
    // The server would save its data at SIGTERM.
    try (var server = RedisProcess.start("--save", "3600", "1", "--maxclients", "17")) {
      call(server.uri(), "SET", "key", "value");

      server.restart();

      assertThat(call(server.uri(), "DBSIZE")).isEqualTo(0L);
      assertThat(call(server.uri(), "CONFIG", "GET", "maxclients"))
          .isEqualTo(List.of("maxclients", "17"));
    }
  }

  @Test
  void aRestartWaitsUntilWhatIsOnDiskIsRead() throws IOException {
    // The server answers LOADING once for every 2 MB that it reads.
    String[] slowToRead = {"--key-load-delay", "200000", "--rdbcompression", "no"};
    try (var server = RedisProcess.start(slowToRead)) {
      for (int i = 0; i < 4; i++) {
        call(server.uri(), "SET", "key" + i, "x".repeat(3_000_000));
      }
      call(server.uri(), "SAVE");

      server.restart();

      assertThat(call(server.uri(), "DBSIZE")).isEqualTo(4L);
    }
  }

  @Test
  void serversHavePortsAndDirectoriesOfTheirOwn() throws IOException {
    try (var one = RedisProcess.start();
        var other = RedisProcess.start("--replicaof", "127.0.0.1", "" + one.port())) {
      assertThat(one.uri()).isEqualTo("redis://127.0.0.1:" + one.port());
      assertThat(other.port()).isNotEqualTo(one.port());
      assertThat(directory(other.uri())).isNotEqualTo(directory(one.uri()));
    }
  }

  @Test
  void aSentinelKnowsAfterwardsWhatItWasToldToWatch() throws IOException {
    try (var master = RedisProcess.start();
        var sentinel = RedisProcess.start("--sentinel")) {
      call(sentinel.uri(), "SENTINEL", "MONITOR", "main", "127.0.0.1", "" + master.port(), "1");

      sentinel.restart();

      assertThat(call(sentinel.uri(), "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"))
          .isEqualTo(List.of("127.0.0.1", "" + master.port()));
    }
  }

  @Test
  void aClosedServerLeavesNothing() throws IOException {
    RedisProcess server = RedisProcess.start();
    Path directory = directory(server.uri());
    assertThat(directory).exists();

    server.close();
    server.close();

    assertThat(isThere(server.uri())).isFalse();
    assertThat(directory).doesNotExist();
    assertThatIllegalStateException().isThrownBy(server::restart);
  }

  @Test
  void aServerThatDoesNotStartTellsWhy() {
    assertThatIllegalStateException()
        .isThrownBy(() -> RedisProcess.start("--no-such-option", "1"))
        .withMessageContaining("no-such-option");
  }

  @Test
  void aJvmThatIsKilledLeavesNothing() throws IOException, InterruptedException {
    var other = new OtherJvm(TestServers.REDIS, "LEASE_TEST_SERVERS", "embedded");
    Path directory = directory(other.url());
    assertThat(directory).exists();

    other.kill();

    await("the server is gone", () -> !isThere(other.url()));
    await("its directory is gone", () -> !Files.exists(directory));
  }

  @Test
  void aPortIsOfOneJvmAlsoWhileItsServerIsDown() throws IOException, InterruptedException {
    var other = new OtherJvm(TestServers.REDIS, "LEASE_TEST_SERVERS", "embedded");
    int port = URI.create(other.url()).getPort();
    assertThatIOException().isThrownBy(() -> call(other.url(), "SHUTDOWN", "NOSAVE"));
    await("the server is gone", () -> !isThere(other.url()));

    assertThat(ServerPort.take(port)).isEmpty();

    other.kill();
    try (ServerPort taken = ServerPort.take(port).orElseThrow()) {
      assertThat(taken.number()).isEqualTo(port);
    }
  }

  private static Path directory(String uri) throws IOException {
    if (call(uri, "CONFIG", "GET", "dir") instanceof List<?> answer) {
      return Path.of(String.valueOf(answer.get(1)));
    }
    throw new IOException("no answer");
  }
}
