package dev.lease.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a server says of itself, and whether a store can rely on it. */
record ServerInfo(Map<String, String> values) {

  private static final Logger log = LoggerFactory.getLogger(RedisBackend.class);
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  static ServerInfo of(Redis redis) {
    String text = redis.command("open the store", "", RedisClusterAsyncCommands::info);
    return new ServerInfo(
        text.lines()
            .filter(line -> line.contains(":"))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.indexOf(':')),
                    line -> line.substring(line.indexOf(':') + 1).strip(),
                    (first, second) -> first)));
  }

  void check(RedisConfig config) {
    Matcher version = VERSION.matcher(value("redis_version"));
    if (version.matches()
        && Integer.parseInt(version.group(1)) * 100 + Integer.parseInt(version.group(2)) < 602) {
      throw new IllegalStateException("Redis must be 6.2 or newer, was " + value("redis_version"));
    }
    String policy = value("maxmemory_policy");
    if (!policy.equals("noeviction")) {
      if (!config.allowEviction()) {
        throw new IllegalStateException(
            "maxmemory-policy must be noeviction, was "
                + policy
                + ": jobs and leases would vanish when the memory is full."
                + " Set it on the server, or allow it with RedisConfig.withAllowEviction(true)");
      }
      log.warn(
          "maxmemory-policy is {}: jobs and leases vanish when the memory is full; set noeviction",
          policy);
    }
    if (!isAppendOnly()) {
      log.warn(
          "appendonly is off: what was acknowledged since the last snapshot is lost when Redis"
              + " crashes");
    }
  }

  boolean isCluster() {
    return value("cluster_enabled").equals("1");
  }

  private boolean isAppendOnly() {
    return value("aof_enabled").equals("1");
  }

  private String value(String name) {
    return values.getOrDefault(name, "unknown");
  }

  /** For a log. */
  @Override
  public String toString() {
    return "Redis %s%s, appendonly %s"
        .formatted(
            value("redis_version"), isCluster() ? " Cluster" : "", isAppendOnly() ? "on" : "off");
  }
}
