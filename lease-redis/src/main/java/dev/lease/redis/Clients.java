package dev.lease.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.RedisClusterURIUtil;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Lettuce's clients of one server or cluster: one for calls, one for hints. */
interface Clients extends AutoCloseable {

  /**
   * A connection for calls, and what sends commands on it.
   *
   * @param sent the SHAs of the scripts that the server has seen in full on this connection
   */
  record Link(
      StatefulConnection<String, String> connection,
      RedisClusterAsyncCommands<String, String> commands,
      Set<String> sent) {
    Link(
        StatefulConnection<String, String> connection,
        RedisClusterAsyncCommands<String, String> commands) {
      this(connection, commands, ConcurrentHashMap.newKeySet());
    }
  }

  /** Connects for calls; such a connection stays broken when it breaks. */
  CompletableFuture<Link> connect();

  /** Connects for hints; such a connection mends itself. */
  CompletableFuture<? extends StatefulRedisPubSubConnection<String, String>> connectForHints();

  @Override
  void close();

  /** Clients of one server, or of the one that a sentinel names. */
  static Clients ofServer(List<RedisURI> uris, Duration timeout) {
    ClientResources resources = resources();
    RedisClient calls = RedisClient.create(resources);
    calls.setOptions(options(ClientOptions.builder(), timeout, false).build());
    RedisClient hints = RedisClient.create(resources);
    hints.setOptions(options(ClientOptions.builder(), timeout, true).build());
    RedisURI uri = uris.get(0);
    return new Clients() {
      @Override
      public CompletableFuture<Link> connect() {
        return calls
            .connectAsync(StringCodec.UTF8, uri)
            .toCompletableFuture()
            .thenApply(connection -> new Link(connection, connection.async()));
      }

      @Override
      public CompletableFuture<StatefulRedisPubSubConnection<String, String>> connectForHints() {
        return hints.connectPubSubAsync(StringCodec.UTF8, uri).toCompletableFuture();
      }

      @Override
      public void close() {
        calls.shutdown(0, 1, TimeUnit.SECONDS);
        hints.shutdown(0, 1, TimeUnit.SECONDS);
        resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
      }
    };
  }

  /** Clients of a Redis Cluster. */
  static Clients ofCluster(List<RedisURI> uris, Duration timeout) {
    ClientResources resources = resources();
    RedisClusterClient calls = RedisClusterClient.create(resources, uris);
    calls.setOptions(clusterOptions(timeout, false));
    RedisClusterClient hints = RedisClusterClient.create(resources, uris);
    hints.setOptions(clusterOptions(timeout, true));
    return new Clients() {
      @Override
      public CompletableFuture<Link> connect() {
        return calls
            .refreshPartitionsAsync()
            .toCompletableFuture()
            .thenCompose(refreshed -> calls.connectAsync(StringCodec.UTF8))
            .thenApply(connection -> new Link(connection, connection.async()));
      }

      @Override
      public CompletableFuture<? extends StatefulRedisPubSubConnection<String, String>>
          connectForHints() {
        return hints
            .refreshPartitionsAsync()
            .toCompletableFuture()
            .thenCompose(refreshed -> hints.connectPubSubAsync(StringCodec.UTF8));
      }

      @Override
      public void close() {
        calls.shutdown(0, 1, TimeUnit.SECONDS);
        hints.shutdown(0, 1, TimeUnit.SECONDS);
        resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
      }
    };
  }

  /** The addresses in a URI, which may name several nodes. */
  static List<RedisURI> uris(RedisConfig config) {
    try {
      List<RedisURI> uris =
          config.uri().contains("-sentinel://")
              ? List.of(RedisURI.create(config.uri()))
              : RedisClusterURIUtil.toRedisURIs(URI.create(config.uri()));
      uris.forEach(uri -> uri.setTimeout(config.callTimeout()));
      return uris;
    } catch (IllegalArgumentException e) {
      // Its message may hold the password.
      throw new IllegalArgumentException(
          "not a URI that Lettuce understands: " + RedisConfig.redacted(config.uri()));
    }
  }

  private static ClientResources resources() {
    return ClientResources.builder().ioThreadPoolSize(2).computationThreadPoolSize(2).build();
  }

  private static ClusterClientOptions clusterOptions(Duration timeout, boolean reconnect) {
    var builder = ClusterClientOptions.builder();
    options(builder, timeout, reconnect);
    return builder
        .topologyRefreshOptions(
            ClusterTopologyRefreshOptions.builder()
                .adaptiveRefreshTriggersTimeout(Duration.ofMillis(500))
                .enablePeriodicRefresh(Duration.ofSeconds(30))
                .build())
        .build();
  }

  private static ClientOptions.Builder options(
      ClientOptions.Builder builder, Duration timeout, boolean reconnect) {
    return builder
        .autoReconnect(reconnect)
        .disconnectedBehavior(
            reconnect ? DisconnectedBehavior.DEFAULT : DisconnectedBehavior.REJECT_COMMANDS)
        .protocolVersion(ProtocolVersion.RESP2)
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(timeout)
                .keepAlive(
                    // So that a server that has vanished is noticed where nothing is sent.
                    KeepAliveOptions.builder()
                        .enable()
                        .idle(Duration.ofSeconds(10))
                        .interval(Duration.ofSeconds(5))
                        .count(3)
                        .build())
                .build());
  }
}
