package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.testkit.server.RedisProcess;
import dev.lease.testkit.server.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a URI says is obeyed, or refused before anything is stored. */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
class RedisUriTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private final RedisProcess server = RedisProcess.start("--databases", "4");
  private final RedisClient client = RedisClient.create();
  private final RedisCommands<String, String> redis =
      client.connect(RedisURI.create(server.uri())).sync();

  @AfterEach
  void empty() {
    redis.flushall();
  }

  @AfterAll
  void close() {
    client.shutdown();
    server.close();
  }

  private long keysIn(int database) {
    redis.select(database);
    long keys = redis.dbsize();
    redis.select(0);
    return keys;
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "payload").build();
  }

  @Test
  @DisplayName("the store is in the database that the URI names, in each form")
  void database() throws InterruptedException {
    for (String named :
        List.of(
            "/3", "/?database=3", "?database=3", "/?db=3", "/3?database=3", "?clientName=a&db=3")) {
      assertIsIn3(named);
      redis.flushall();
    }
  }

  private void assertIsIn3(String named) throws InterruptedException {
    try (var backend = RedisBackend.open(RedisConfig.of(server.uri() + named))) {
      var hints = new Semaphore(0);
      backend.jobQueue().onWork("q", hints::release);
      hints.acquire();
      backend.jobQueue().enqueue(List.of(job("j")));
      hints.acquire();
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).hasSize(1);
      assertThat(backend.leaseStore().acquire("n", "me", LEASE)).isPresent();

      assertThat(redis.clientList().lines().filter(line -> !line.contains(" cmd=client")))
          .as(named)
          .hasSizeGreaterThan(1)
          .allMatch(line -> line.contains(" db=3 "));
    }
    assertThat(keysIn(3)).as(named).isPositive();
    assertThat(keysIn(0)).as(named).isZero();
  }

  @Test
  @DisplayName("two stores with one prefix in two databases of a server do not meet")
  void apart() throws InterruptedException {
    try (var one = RedisBackend.open(RedisConfig.of(server.uri() + "/1"));
        var two = RedisBackend.open(RedisConfig.of(server.uri() + "/2"))) {
      for (RedisBackend each : List.of(one, two)) {
        var hints = new Semaphore(0);
        each.jobQueue().onWork("q", hints::release);
        hints.acquire();
      }
      assertThat(redis.pubsubChannels()).as("hints are not kept apart by Redis").hasSize(2);
      one.jobQueue().enqueue(List.of(job("j")));

      assertThat(two.jobQueue().find("q", "j")).isEmpty();
      assertThat(two.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).isEmpty();
      assertThat(two.jobQueue().enqueue(List.of(job("j"))).get(0).created()).isTrue();
      assertThat(one.leaseStore().acquire("n", "me", LEASE)).isPresent();
      assertThat(two.leaseStore().acquire("n", "me", LEASE)).isPresent();
    }
  }

  @Test
  @DisplayName("a database that the server does not have is refused when the store opens")
  void noSuchDatabase() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisBackend.open(RedisConfig.of(server.uri() + "/4")))
        .withMessageContaining("database 4")
        .withMessageContaining("127.0.0.1:" + server.port())
        .withMessageContaining("databases")
        .withMessageContaining("withPrefix");
    assertThat(keysIn(0)).isZero();
  }

  @Test
  @DisplayName("a cluster has database 0 alone, and refuses another before anything is stored")
  void databaseOfCluster() {
    try (RedisProcess node = RedisProcess.start("--cluster-enabled", "yes")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RedisBackend.open(RedisConfig.of(node.uri() + "/1")))
          .withMessageContaining("was database 1")
          .withMessageContaining("Redis Cluster")
          .withMessageContaining("withPrefix");
      assertThat(client.connect(RedisURI.create(node.uri())).sync().dbsize()).isZero();
    }
  }

  @Test
  @DisplayName("the names that a URI gives to its client and library are those of the connections")
  void names() {
    String uri = server.uri() + "?clientName=orders&libraryName=shop";
    assertThat(RedisUris.of(RedisConfig.of(uri)).get(0).getLibraryName()).startsWith("shop");
    try (var backend = RedisBackend.open(RedisConfig.of(uri))) {
      assertThat(backend.jobQueue().find("q", "j")).isEmpty();

      assertThat(redis.clientList()).contains(" name=orders ").doesNotContain(" name=lease:lease ");
    }
  }

  private static final String REFUSED =
      """
      redis://host/five                             | database must be a number from 0, was five
      redis://host/-1                               | database must be a number from 0, was -1
      redis://host/1/2                              | database must be a number from 0, was 1/2
      redis://host?database=five                    | database must be a number from 0, was five
      redis://host?database=5x                      | database must be a number from 0, was 5x
      redis://host?db=                              | database must be a number from 0, was empty
      redis://host?database=99999999999             | database must be a number from 0, was 99999999999
      redis://host/1?database=2                     | uri names two databases, 1 and 2
      redis://host?db=1&database=1                  | uri has database twice
      redis://host?verifyPeer=CA                    | verifyPeer is for TLS: begin uri with rediss
      rediss://host?verifyPeer=maybe                | verifyPeer must be FULL, CA or NONE, was maybe
      redis://host?timeout=5s                       | uri must not have timeout: use RedisConfig.withCallTimeout
      redis://host?protocol=3                       | uri must have no parameters but
      redis://host?password=geheim                  | uri must have no parameters but
      redis://host?sentinelMasterId=main            | begin uri with redis-sentinel://
      redis://host/0#main                           | begin uri with redis-sentinel://
      redis-sentinel://host                         | uri must name the master that the sentinels watch
      redis-sentinel://host?sentinelMasterId=a#main | uri names two masters, main and a
      redis://host1,host2/5                         | a Redis Cluster has database 0 alone, was database 5
      redis://user:@host                            | uri has a user without a password
      redis://host:0                                | port must be 1 to 65535, was 0
      redis://host:70000                            | port must be 1 to 65535, was 70000
      redis://host1,host2:0                         | port must be 1 to 65535, was 0
      redis://user:ge?heim@host                     | uri must have no @ behind the servers
      redis://user:ge/heim@host                     | uri must have no @ behind the servers
      """;

  @Test
  @DisplayName("what cannot be obeyed is refused with the value, the rule and the remedy")
  void refused() {
    for (String row : REFUSED.strip().split("\n", -1)) {
      String[] refused = row.strip().split(" +\\| ", 2);
      assertThatIllegalArgumentException()
          .as(refused[0])
          .isThrownBy(() -> RedisBackend.open(RedisConfig.of(refused[0])))
          .withMessageContaining(refused[1])
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("geheim"));
    }
  }

  @Test
  @DisplayName("certificates of authorities are refused where the URI lets every server in")
  void authoritiesForNothing(@TempDir Path directory) throws Exception {
    Path authorities = Files.createFile(directory.resolve("authorities.pem"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RedisBackend.open(
                    RedisConfig.of("rediss://host?verifyPeer=NONE").withAuthorities(authorities)))
        .withMessageContaining("verifyPeer=NONE")
        .withMessageContaining("withAuthorities");
  }

  @Test
  @DisplayName("a server without TLS is told apart within the call timeout")
  void noTls() {
    var timeout = Duration.ofMillis(700);
    RedisConfig config =
        RedisConfig.of(server.uri().replace("redis:", "rediss:")).withCallTimeout(timeout);
    assertThatThrownBy(() -> RedisBackend.open(config))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("700ms")
        .hasMessageContaining("TLS");
  }

  @Test
  @DisplayName("L31 TLS at a port without it fails within the time of a call, and with a hint")
  void tlsAtAPlainPort() {
    RedisConfig config =
        RedisConfig.of(TestServers.redis().replaceFirst("^redis:", "rediss:"))
            .withCallTimeout(Duration.ofMillis(300));
    assertThatThrownBy(() -> RedisBackend.open(config))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("handshake timed out after 300ms, does the server speak TLS");
  }
}
