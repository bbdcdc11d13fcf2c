package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings and state of a server, and whether a store can rely on it. */
record ServerInfo(Map<String, String> values) {

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final String USED = "used_memory";
  private static final String MAX = "maxmemory";
  private static final String APPENDFSYNC = "appendfsync";

  static CompletionStage<ServerInfo> ask(RedisClusterAsyncCommands<String, String> server) {
    return server.info().thenCombine(appendfsync(server), ServerInfo::of);
  }

  /** Empty if CONFIG is refused, as it is by many managed Redis services. */
  private static CompletionStage<Map<String, String>> appendfsync(
      RedisClusterAsyncCommands<String, String> server) {
    return server
        .configGet(APPENDFSYNC)
        .exceptionallyCompose(
            e ->
                RedisErrors.unwrapped(e) instanceof RedisCommandExecutionException
                    ? CompletableFuture.completedFuture(Map.of())
                    : CompletableFuture.failedFuture(e));
  }

  private static ServerInfo of(String info, Map<String, String> config) {
    Map<String, String> values = new HashMap<>(config);
    info.lines()
        .filter(line -> line.contains(":"))
        .forEach(
            line ->
                values.putIfAbsent(
                    line.substring(0, line.indexOf(':')),
                    line.substring(line.indexOf(':') + 1).strip()));
    return new ServerInfo(values);
  }

  /** Why this server cannot be used, if so. */
  Optional<String> refusal(boolean allowEviction) {
    Matcher version = VERSION.matcher(value("redis_version"));
    if (version.matches()
        && Integer.parseInt(version.group(1)) * 100 + Integer.parseInt(version.group(2)) < 602) {
      return Optional.of("Redis must be 6.2 or newer, was " + value("redis_version"));
    }
    if (evicts() && !allowEviction) {
      return Optional.of(
          "maxmemory-policy must be noeviction, was "
              + value("maxmemory_policy")
              + ": Redis would remove jobs and leases when its memory is full. Set it on the server,"
              + " or accept the loss with RedisConfig.withAllowEviction(true)");
    }
    return Optional.empty();
  }

  /** What this server may lose. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (evicts()) {
      warnings.add(
          "maxmemory-policy is "
              + value("maxmemory_policy")
              + ": Redis removes jobs and leases when its memory is full; set noeviction");
    }
    if (isNearlyFull()) {
      warnings.add(
          "the memory is nearly full, "
              + value(USED)
              + " of "
              + value(MAX)
              + " bytes: soon Redis refuses to add jobs; give it more memory, or shorten keepDone");
    }
    if (!isAppendOnly()) {
      warnings.add(
          "appendonly is off: a crash of Redis loses all acknowledged writes since the last"
              + " snapshot");
    } else if (!value(APPENDFSYNC).equals("always")) {
      warnings.add("appendfsync is " + value(APPENDFSYNC) + ": " + lossOfSync());
    }
    return warnings;
  }

  private String lossOfSync() {
    return switch (value(APPENDFSYNC)) {
      case "everysec" -> "a crash loses the acknowledged writes of about the last second";
      case "no" ->
          "a crash of the machine loses acknowledged writes that the system has not written yet";
      default ->
          "the server refuses CONFIG; unless it is always, a crash loses the last acknowledged"
              + " writes";
    };
  }

  boolean isCluster() {
    return value("cluster_enabled").equals("1");
  }

  private boolean evicts() {
    return !value("maxmemory_policy").equals("noeviction");
  }

  /** Whether four fifths of the limit are used, if there is a limit. */
  private boolean isNearlyFull() {
    return value(MAX).matches("[1-9]\\d*")
        && value(USED).matches("\\d+")
        && Long.parseLong(value(USED)) / 4 >= Long.parseLong(value(MAX)) / 5;
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
            value("redis_version"),
            isCluster() ? " Cluster" : "",
            isAppendOnly() ? "on, appendfsync " + value(APPENDFSYNC) : "off");
  }
}
