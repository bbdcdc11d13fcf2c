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

/** What a server says of itself, and whether a store can rely on it. */
record ServerInfo(Map<String, String> values) {

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final String USED = "used_memory";
  private static final String MOST = "maxmemory";
  private static final String APPENDFSYNC = "appendfsync";

  static CompletionStage<ServerInfo> ask(RedisClusterAsyncCommands<String, String> server) {
    return server.info().thenCombine(appendfsync(server), ServerInfo::of);
  }

  /** Nothing where that is refused, as it is by many who run Redis for others. */
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

  /** Why no store can be there, if so. */
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
              + ": jobs and leases would vanish when the memory is full."
              + " Set it on the server, or allow it with RedisConfig.withAllowEviction(true)");
    }
    return Optional.empty();
  }

  /** What it may lose. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (evicts()) {
      warnings.add(
          "maxmemory-policy is "
              + value("maxmemory_policy")
              + ": jobs and leases vanish when the memory is full; set noeviction");
    }
    if (isNearlyFull()) {
      warnings.add(
          "the memory is nearly full, "
              + value(USED)
              + " of "
              + value(MOST)
              + " bytes: what adds jobs will be refused; take more memory, or a shorter keepDone");
    }
    if (!isAppendOnly()) {
      warnings.add(
          "appendonly is off: what was acknowledged since the last snapshot is lost when Redis"
              + " crashes");
    } else if (!value(APPENDFSYNC).equals("always")) {
      warnings.add("appendfsync is " + value(APPENDFSYNC) + ": " + lossOfSync());
    }
    return warnings;
  }

  private String lossOfSync() {
    return switch (value(APPENDFSYNC)) {
      case "everysec" -> "about the last second of what was acknowledged is lost in a crash";
      case "no" ->
          "what was acknowledged and the system had not written yet is lost when the machine"
              + " crashes";
      default ->
          "CONFIG is refused; unless it is always, what was acknowledged last is lost in a crash";
    };
  }

  boolean isCluster() {
    return value("cluster_enabled").equals("1");
  }

  private boolean evicts() {
    return !value("maxmemory_policy").equals("noeviction");
  }

  /** Where there is a limit, four fifths of it. */
  private boolean isNearlyFull() {
    return value(MOST).matches("[1-9]\\d*")
        && value(USED).matches("\\d+")
        && Long.parseLong(value(USED)) / 4 >= Long.parseLong(value(MOST)) / 5;
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
