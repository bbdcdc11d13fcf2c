package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.NewJob;
import dev.lease.testkit.server.RedisCluster;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.AclCategory;
import io.lettuce.core.RedisClient;
import io.lettuce.core.protocol.CommandType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ServerInfoTest {

  private static final RedisConfig CONFIG = RedisConfig.of("redis://localhost");

  @Test
  @DisplayName("a server that removes keys when its memory is full is refused, unless allowed")
  void eviction() {
    try (var evicting =
        RedisProcess.start("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")) {
      RedisConfig config = RedisConfig.of(evicting.uri());

      assertThatThrownBy(() -> RedisBackend.open(config))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("maxmemory-policy must be noeviction, was allkeys-lru");
      RedisBackend.open(config.withAllowEviction(true)).close();
    }
  }

  @Test
  @DisplayName("a server that never waits for its disk is refused where the disk has to confirm")
  void neverFlushes() {
    try (var server = RedisProcess.start("--appendonly", "yes", "--appendfsync", "no")) {
      RedisConfig config = RedisConfig.of(server.uri());
      RedisConfig onDisk = config.withDurability(0, true);
      Map<String, String> told = new TreeMap<>(ask(server.uri()).values());
      told.put("redis_version", "7.2.4"); // An older one is refused for that.

      assertThat(new ServerInfo(told).refusal(onDisk))
          .hasValue(
              "appendfsync must be always or everysec if the disk has to confirm writes"
                  + " (RedisConfig.withDurability), was no");
      assertThatThrownBy(() -> RedisBackend.open(onDisk))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("127.0.0.1:%d: ", server.port());
      RedisBackend.open(config).close();
    }
  }

  @Test
  @DisplayName("every node of a cluster is looked at, and one that is down keeps no store closed")
  void everyNode() {
    try (var cluster = RedisCluster.start("--cluster-require-full-coverage", "no")) {
      RedisConfig config = RedisConfig.of(cluster.uri());
      for (RedisProcess node : cluster.nodes()) {
        configure(node, "maxmemory-policy", "volatile-ttl");

        assertThatThrownBy(() -> RedisBackend.open(config))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith(
                "127.0.0.1:%d: maxmemory-policy must be noeviction, was volatile-ttl", node.port());
        RedisBackend.open(config.withAllowEviction(true)).close();
        configure(node, "maxmemory-policy", "noeviction");
      }
      RedisBackend.open(config).close();

      configure(cluster.nodes().get(2), "maxmemory-policy", "volatile-ttl");
      cluster.nodes().get(2).kill();
      RedisBackend.open(config).close();
    }
  }

  private static void configure(RedisProcess server, String name, String value) {
    try (var client = RedisClient.create(server.uri())) {
      client.connect().sync().configSet(name, value);
    }
  }

  @Test
  @DisplayName("what a server may lose in a crash is told")
  void durability() {
    try (var server = RedisProcess.start("--appendonly", "yes")) {
      assertDurability(server, "everysec", "a crash loses the acknowledged writes of about");
      assertDurability(server, "no", "a crash of the machine loses acknowledged writes");
      configure(server, "appendfsync", "always");
      assertThat(ask(server.uri()).toString()).endsWith("appendonly on, appendfsync always");
      assertThat(ask(server.uri()).warnings()).isEmpty();

      configure(server, "appendonly", "no");
      assertThat(ask(server.uri()).toString()).endsWith("appendonly off");
      assertThat(ask(server.uri()).warnings())
          .singleElement()
          .asString()
          .startsWith("appendonly is off");
    }
  }

  private static void assertDurability(RedisProcess server, String appendfsync, String warning) {
    configure(server, "appendfsync", appendfsync);
    ServerInfo info = ask(server.uri());
    assertThat(info.toString()).endsWith("appendonly on, appendfsync " + appendfsync);
    assertThat(info.warnings())
        .singleElement()
        .asString()
        .startsWith("appendfsync is " + appendfsync + ": " + warning);
  }

  @Test
  @DisplayName("a user who may not ask for the configuration opens a store, which tells so")
  void configRefused() {
    try (var server = RedisProcess.start("--appendonly", "yes")) {
      assertSyncUnknown(LimitedUser.of(server, all -> all.removeCommand(CommandType.CONFIG)));
    }
  }

  @Test
  @DisplayName("so does one of a server that has no such command")
  void configMissing() {
    try (var server = RedisProcess.start("--appendonly", "yes", "--rename-command", "CONFIG", "")) {
      assertSyncUnknown(server.uri());
    }
  }

  private static void assertSyncUnknown(String uri) {
    ServerInfo info = ask(uri);
    assertThat(info.toString()).endsWith("appendonly on, appendfsync unknown");
    assertThat(info.warnings())
        .singleElement()
        .asString()
        .startsWith("appendfsync is unknown: the server refuses CONFIG");
    try (var backend = RedisBackend.open(RedisConfig.of(uri))) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "j", "t", "").build()));
    }
  }

  private static ServerInfo ask(String uri) {
    try (var client = RedisClient.create(uri)) {
      return ServerInfo.ask(client.connect().async()).toCompletableFuture().join();
    }
  }

  @Test
  @DisplayName("a user who may not call INFO opens a store, which says what it does not know")
  void infoRefused() {
    try (var server = RedisProcess.start("--maxmemory-policy", "allkeys-lru")) {
      String uri = LimitedUser.of(server, all -> all.removeCategory(AclCategory.DANGEROUS));
      ServerInfo info = ask(uri);
      assertThat(info.toString()).matches("Redis \\d+\\.\\d+\\.\\d+, appendonly unknown");
      assertThat(info.warnings())
          .satisfiesExactly(
              policy -> assertThat(policy).startsWith("maxmemory-policy is unknown"),
              append -> assertThat(append).startsWith("appendonly is unknown"));
      try (var backend = RedisBackend.open(RedisConfig.of(uri))) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", "j", "t", "").build()));
      }
    }
  }

  @Test
  @DisplayName("a cluster is known as one, though its nodes refuse INFO")
  void infoRefusedByACluster() {
    try (var cluster = RedisCluster.start()) {
      for (RedisProcess node : cluster.nodes()) {
        LimitedUser.of(node, all -> all.removeCommand(CommandType.INFO));
      }
      String uri = LimitedUser.of(cluster.uri());
      assertThat(ask(uri).isCluster()).isTrue();
      try (var backend = RedisBackend.open(RedisConfig.of(uri))) {
        for (int i = 0; i < 10; i++) {
          backend.jobQueue().enqueue(List.of(NewJob.builder("q" + i, "j", "t", "").build()));
        }
      }
    }
  }

  @Test
  @DisplayName("a policy that the server does not tell is a warning, and no reason to refuse")
  void policyUnknown() {
    Map<String, String> values = new TreeMap<>(info("8.0.2").values());
    values.remove("maxmemory_policy");
    var info = new ServerInfo(values);
    assertThat(info.refusal(CONFIG)).isEmpty();
    assertThat(info.warnings())
        .singleElement()
        .asString()
        .startsWith("maxmemory-policy is unknown, the server does not tell it");
  }

  @Test
  @DisplayName("the refusal of a policy says what it would remove")
  void volatilePolicy() {
    Map<String, String> values = new TreeMap<>(info("8.0.2").values());
    values.put("maxmemory_policy", "volatile-lru");
    assertThat(new ServerInfo(values).refusal(CONFIG).orElseThrow())
        .startsWith(
            "maxmemory-policy must be noeviction, was volatile-lru: Redis would remove named leases"
                + " (no jobs");
  }

  @Test
  @DisplayName("a memory that is nearly full is told, where there is a limit")
  void memory() {
    assertThat(memory("799", "1000").warnings()).isEmpty();
    assertThat(memory("800", "1000").warnings())
        .singleElement()
        .asString()
        .startsWith("the memory is nearly full, 800 of 1000 bytes");
    assertThat(memory("800", "0").warnings()).isEmpty();
  }

  private static ServerInfo memory(String used, String most) {
    Map<String, String> values = new TreeMap<>(info("8.0.2").values());
    values.put("used_memory", used);
    values.put("maxmemory", most);
    return new ServerInfo(values);
  }

  @Test
  @DisplayName("a server older than 6.2 is refused")
  void version() {
    assertThat(info("6.0.16").refusal(CONFIG.withAllowEviction(true)))
        .hasValue("Redis must be 6.2 or newer, was 6.0.16");
    for (String version : List.of("6.2.0", "7.0.15", "8.0.2", "10.0.0")) {
      assertThat(info(version).refusal(CONFIG)).isEmpty();
    }
  }

  @Test
  @DisplayName("a server that is too old for WAITAOF is told so first, where the disk confirms")
  void versionForTheDisk() {
    RedisConfig onDisk = CONFIG.withDurability(0, true);
    Map<String, String> old = new TreeMap<>(info("6.2.7").values());
    old.put("appendfsync", "no");
    assertThat(new ServerInfo(old).refusal(onDisk))
        .hasValue(
            "Redis must be 7.2 or newer if the disk has to confirm writes"
                + " (RedisConfig.withDurability), was 6.2.7");
    assertThat(info("7.2.4").refusal(onDisk)).isEmpty();
  }

  @Test
  @DisplayName("what is logged of servers names those that are alike together")
  void shown() {
    var servers =
        new Servers(
            new TreeMap<>(
                Map.of("a:1", info("8.0.2"), "b:2", info("7.2.4"), "c:3", info("8.0.2"))));

    assertThat(servers)
        .hasToString(
            "Redis 8.0.2, appendonly on, appendfsync always at a:1, c:3;"
                + " Redis 7.2.4, appendonly on, appendfsync always at b:2");
  }

  @Test
  @DisplayName("Valkey is shown by its own version, not that of Redis that it stands for")
  void valkey() {
    Map<String, String> values = new TreeMap<>(info("7.2.4").values());
    values.put("valkey_version", "8.1.1");

    assertThat(new ServerInfo(values)).asString().startsWith("Valkey 8.1.1, ");
  }

  private static ServerInfo info(String version) {
    return new ServerInfo(
        Map.of(
            "redis_version",
            version,
            "maxmemory_policy",
            "noeviction",
            "aof_enabled",
            "1",
            "appendfsync",
            "always"));
  }
}
