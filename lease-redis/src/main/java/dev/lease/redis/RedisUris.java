package dev.lease.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterURIUtil;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The addresses of the servers, as Lettuce reads them from the configuration. */
final class RedisUris {

  private RedisUris() {}

  /**
   * The addresses in a URI, which may name several nodes.
   *
   * @throws IllegalArgumentException if the URI cannot be read, or asks for what it would not get
   */
  static List<RedisURI> of(RedisConfig config) {
    URI uri = understood(config, () -> URI.create(config.uri()));
    if (uri.getAuthority() == null) {
      throw notUnderstood(config);
    }
    var settings = new UriSettings(uri, config.access().authorities() != null);
    List<RedisURI> uris = understood(config, () -> read(uri));
    for (RedisURI each : uris) {
      each.setDatabase(settings.database());
      each.setTimeout(config.callTimeout());
      Duration turn = turn(each, config.callTimeout());
      each.getSentinels().forEach(sentinel -> sentinel.setTimeout(turn));
      if (each.getClientName() == null) {
        // For CLIENT LIST.
        each.setClientName("lease:" + config.prefix());
      }
      each.setCredentialsProvider(config.access().provider(each.getCredentialsProvider()));
    }
    return uris;
  }

  /**
   * How long a server may take to let a connection in. Sentinels are asked in turn: one that hangs
   * must leave time for the others and the master.
   */
  static Duration turn(RedisURI uri, Duration callTimeout) {
    Duration turn = callTimeout.dividedBy(uri.getSentinels().size() + 1L);
    Duration least = RedisConfig.MIN_CALL_TIMEOUT;
    return turn.compareTo(least) < 0 ? least : turn;
  }

  private static List<RedisURI> read(URI uri) {
    RedisURI whole = RedisURI.create(uri);
    if (!whole.getSentinels().isEmpty()) {
      return List.of(whole);
    }
    List<RedisURI> servers = RedisClusterURIUtil.toRedisURIs(uri);
    for (RedisURI each : servers) {
      each.setClientName(whole.getClientName());
      each.setDriverInfo(whole.getDriverInfo());
      each.setLibraryVersion(whole.getLibraryVersion());
    }
    return servers;
  }

  private static <T> T understood(RedisConfig config, Supplier<T> parsed) {
    try {
      return parsed.get();
    } catch (IllegalArgumentException e) {
      throw notUnderstood(config);
    }
  }

  /** Without the message of the parser, which may hold the password. */
  private static IllegalArgumentException notUnderstood(RedisConfig config) {
    return new IllegalArgumentException(
        "not a URI that Lettuce understands: " + RedisConfig.redacted(config.uri()));
  }

  /** An address as a message may show it, and as a cluster names it. */
  static String address(RedisURI uri) {
    return uri.getSentinels().isEmpty()
        ? uri.getHost() + ":" + uri.getPort()
        : "the master %s of the sentinels %s"
            .formatted(
                uri.getSentinelMasterId(),
                uri.getSentinels().stream()
                    .map(sentinel -> sentinel.getHost() + ":" + sentinel.getPort())
                    .collect(Collectors.joining(", ")));
  }
}
