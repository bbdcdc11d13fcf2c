package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings and state of a server, and whether a store can rely on it. */
record ServerInfo(Map<String, String> values) {

  private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final String VERSION = "redis_version";
  private static final String CLUSTER = "cluster_enabled";
  private static final String POLICY = "maxmemory_policy";
  private static final String APPEND_ONLY = "aof_enabled";
  private static final String VALKEY = "valkey_version";
  private static final String USED = "used_memory";
  private static final String MAX = "maxmemory";
  private static final String APPENDFSYNC = "appendfsync";

  /** The value of what the server does not tell. */
  private static final String UNKNOWN = "unknown";

  static CompletionStage<ServerInfo> ask(RedisClusterAsyncCommands<String, String> server) {
    return unlessRefused(server.info().thenApply(ServerInfo::read), () -> greeted(server))
        .thenCombine(
            // Many managed Redis services refuse CONFIG.
            unlessRefused(server.configGet(APPENDFSYNC), ServerInfo::nothing), ServerInfo::of);
  }

  private static Map<String, String> read(String info) {
    Map<String, String> values = new HashMap<>();
    info.lines()
        .filter(line -> line.contains(":"))
        .forEach(
            line ->
                values.put(
                    line.substring(0, line.indexOf(':')),
                    line.substring(line.indexOf(':') + 1).strip()));
    return values;
  }

  /** What HELLO tells of the server: a user who may not call INFO may call this. */
  private static CompletionStage<Map<String, String>> greeted(
      RedisClusterAsyncCommands<String, String> server) {
    return unlessRefused(
        server
            .dispatch(CommandType.HELLO, new ArrayOutput<>(StringCodec.UTF8))
            .thenApply(
                answer -> {
                  Map<String, String> told = new HashMap<>();
                  for (int i = 0; i + 1 < answer.size(); i += 2) {
                    told.put(String.valueOf(answer.get(i)), String.valueOf(answer.get(i + 1)));
                  }
                  boolean isCluster = "cluster".equals(told.get("mode"));
                  return Map.of(
                      VERSION,
                      told.getOrDefault("version", UNKNOWN),
                      CLUSTER,
                      isCluster ? "1" : "0");
                }),
        ServerInfo::nothing);
  }

  private static CompletionStage<Map<String, String>> nothing() {
    return CompletableFuture.completedFuture(Map.of());
  }

  private static CompletionStage<Map<String, String>> unlessRefused(
      CompletionStage<Map<String, String>> answer,
      Supplier<CompletionStage<Map<String, String>>> other) {
    return answer.exceptionallyCompose(
        e ->
            RedisErrors.unwrapped(e) instanceof RedisCommandExecutionException
                ? other.get()
                : CompletableFuture.failedFuture(e));
  }

  private static ServerInfo of(Map<String, String> info, Map<String, String> config) {
    Map<String, String> values = new HashMap<>(info);
    values.putAll(config);
    return new ServerInfo(values);
  }

  /** Why this server cannot be used with this configuration, if so. */
  Optional<String> refusal(RedisConfig config) {
    if (isOlderThan(6, 2)) {
      return Optional.of("Redis must be 6.2 or newer, was " + value(VERSION));
    }
    if (config.onDisk() && isOlderThan(7, 2)) {
      return Optional.of(
          "Redis must be 7.2 or newer if the disk has to confirm writes"
              + " (RedisConfig.withDurability), was "
              + value(VERSION));
    }
    if (evicts() && !config.allowEviction()) {
      return Optional.of(
          "maxmemory-policy must be noeviction, was "
              + value(POLICY)
              + ": Redis would remove "
              + evicted()
              + " when its memory is full. Set it on the server, or accept the loss with"
              + " RedisConfig.withAllowEviction(true)");
    }
    if (config.onDisk() && value(APPENDFSYNC).equals("no")) {
      // WAITAOF does not say so before something was written.
      return Optional.of(
          "appendfsync must be always or everysec if the disk has to confirm writes"
              + " (RedisConfig.withDurability), was no");
    }
    return Optional.empty();
  }

  /** False if the version is unknown. */
  private boolean isOlderThan(int major, int minor) {
    Matcher version = NUMBERS.matcher(value(VERSION));
    return version.matches()
        && Integer.parseInt(version.group(1)) * 100 + Integer.parseInt(version.group(2))
            < major * 100 + minor;
  }

  /** What this server may lose. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (evicts()) {
      warnings.add(
          "maxmemory-policy is "
              + value(POLICY)
              + ": Redis removes "
              + evicted()
              + " when its memory is full; set noeviction");
    } else if (value(POLICY).equals(UNKNOWN)) {
      warnings.add(
          "maxmemory-policy is unknown, the server does not tell it: unless it is noeviction, Redis"
              + " removes jobs and leases when its memory is full");
    }
    if (isNearlyFull()) {
      warnings.add(
          "the memory is nearly full, "
              + value(USED)
              + " of "
              + value(MAX)
              + " bytes: soon Redis refuses to add jobs; give it more memory, or shorten rememberedIds and keepDone");
    }
    if (value(APPEND_ONLY).equals(UNKNOWN)) {
      warnings.add(
          "appendonly is unknown, the server does not tell it: unless it is on, a crash of Redis"
              + " loses acknowledged writes");
    } else if (!isAppendOnly()) {
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
    return value(CLUSTER).equals("1");
  }

  private boolean evicts() {
    return !List.of("noeviction", UNKNOWN).contains(value(POLICY));
  }

  /** What the policy may remove. Only the keys of named leases have a time to live. */
  private String evicted() {
    return value(POLICY).startsWith("volatile-")
        ? "named leases (no jobs: of Lease's keys only those have a time to live)"
        : "jobs and leases";
  }

  /** Whether four fifths of the limit are used, if there is a limit. */
  private boolean isNearlyFull() {
    return value(MAX).matches("[1-9]\\d*")
        && value(USED).matches("\\d+")
        && Long.parseLong(value(USED)) / 4 >= Long.parseLong(value(MAX)) / 5;
  }

  private boolean isAppendOnly() {
    return value(APPEND_ONLY).equals("1");
  }

  private String value(String name) {
    return values.getOrDefault(name, UNKNOWN);
  }

  /** For a log. */
  @Override
  public String toString() {
    // Valkey tells for which version of Redis it can be taken, and its own.
    String version =
        values.containsKey(VALKEY) ? "Valkey " + value(VALKEY) : "Redis " + value(VERSION);
    return "%s%s, appendonly %s".formatted(version, isCluster() ? " Cluster" : "", appends());
  }

  private String appends() {
    if (value(APPEND_ONLY).equals(UNKNOWN)) {
      return UNKNOWN;
    }
    return isAppendOnly() ? "on, appendfsync " + value(APPENDFSYNC) : "off";
  }
}
