package dev.lease.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterURIUtil;
import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;

/** The addresses of the servers, as Lettuce reads them from the configuration. */
final class RedisUris {

  private RedisUris() {}

  /** The addresses in a URI, which may name several nodes. */
  static List<RedisURI> of(RedisConfig config) {
    try {
      List<RedisURI> uris =
          config.uri().contains("-sentinel://")
              ? List.of(RedisURI.create(config.uri()))
              : RedisClusterURIUtil.toRedisURIs(URI.create(config.uri()));
      for (RedisURI uri : uris) {
        uri.setTimeout(config.callTimeout());
        if (uri.getClientName() == null) {
          // For CLIENT LIST.
          uri.setClientName("lease:" + config.prefix());
        }
        uri.setCredentialsProvider(config.access().provider(uri.getCredentialsProvider()));
      }
      return uris;
    } catch (IllegalArgumentException e) {
      // Its message may hold the password.
      throw new IllegalArgumentException(
          "not a URI that Lettuce understands: " + RedisConfig.redacted(config.uri()));
    }
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
