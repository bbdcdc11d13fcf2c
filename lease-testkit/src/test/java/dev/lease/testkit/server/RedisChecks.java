package dev.lease.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What tests expect of a Redis server, whichever way it was started. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RedisChecks {

  private final String way;
  private String uri;

  RedisChecks(String way) {
    this.way = way;
  }

  @BeforeAll
  void start() {
    uri = TestServers.REDIS.url(Map.of("LEASE_TEST_SERVERS", way));
  }

  @Test
  void itKeepsWhatItIsGiven() throws IOException {
    call(uri, "SET", "key", "value");
    assertThat(call(uri, "GET", "key")).isEqualTo("value");
  }

  @Test
  void itNeitherEvictsNorWritesToDisk() throws IOException {
    assertThat(call(uri, "CONFIG", "GET", "maxmemory-policy"))
        .isEqualTo(List.of("maxmemory-policy", "noeviction"));
    assertThat(call(uri, "CONFIG", "GET", "save")).isEqualTo(List.of("save", ""));
    assertThat(call(uri, "CONFIG", "GET", "appendonly")).isEqualTo(List.of("appendonly", "no"));
  }

  @Test
  void aServerThatIsGivenGoesOnWithWhatItHas() throws IOException, InterruptedException {
    var other = new OtherJvm(TestServers.REDIS, "LEASE_TEST_REDIS_URL", uri);
    assertThat(other.url()).isEqualTo(uri);
    call(uri, "SET", "kept", "value");

    other.end();

    assertThat(call(uri, "GET", "kept")).isEqualTo("value");
  }

  @Test
  void theServerEndsWithTheJvm() throws IOException, InterruptedException {
    var other = new OtherJvm(TestServers.REDIS, "LEASE_TEST_SERVERS", way);
    assertThat(isThere(other.url())).isTrue();

    other.end();

    ServerChecks.await("the server of the other JVM is gone", () -> !isThere(other.url()));
  }

  static @Nullable Object call(String uri, String... words) throws IOException {
    try (var connection = new RedisConnection(URI.create(uri).getPort())) {
      return connection.call(words);
    }
  }

  static boolean isThere(String uri) {
    try {
      return "PONG".equals(call(uri, "PING"));
    } catch (IOException e) {
      return false;
    }
  }
}
