package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.testkit.RedisProcess;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ServerInfoTest {

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
  @DisplayName("a server older than 6.2 is refused")
  void version() {
    RedisConfig config = RedisConfig.of("redis://localhost");

    assertThatThrownBy(() -> info("6.0.16").check(config))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Redis must be 6.2 or newer, was 6.0.16");
    info("6.2.0").check(config);
    info("7.0.15").check(config);
    info("8.0.2").check(config);
    info("10.0.0").check(config);
  }

  private static ServerInfo info(String version) {
    return new ServerInfo(
        Map.of("redis_version", version, "maxmemory_policy", "noeviction", "aof_enabled", "1"));
  }

  @Test
  @DisplayName("what is logged of a server names its version and its durability")
  void shown() {
    assertThat(info("8.0.2")).hasToString("Redis 8.0.2, appendonly on");
  }
}
