package dev.lease.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.RedisClusterURIUtil;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The way to one server or to the nodes of a cluster: for calls, and for hints. */
interface Topology extends AutoCloseable {

  /** The node that has a key. It fails, with the reason, if there is none. */
  CompletableFuture<Node> nodeOf(String key);

  /**
   * The nodes that there are, by host and port. It fails, with the reason, if that is not known.
   */
  CompletableFuture<Map<String, Node>> nodes();

  /**
   * The node that a refusal names, {@code MOVED} or {@code ASK} with slot and address; null if that
   * is not known yet.
   */
  @Nullable Node redirected(String refusal);

  /** Looks which nodes there are, some time soon: a call has failed in a way that asks for it. */
  void lookAgain();

  /** Connects for hints; such a connection mends itself. */
  CompletableFuture<? extends StatefulRedisPubSubConnection<String, String>> connectForHints();

  @Override
  void close();

  /** Topology of one server, or of the one that a sentinel names. */
  static Topology ofServer(RedisURI uri, Duration timeout) {
    ClientResources resources = resources();
    RedisClient calls = forCalls(resources, timeout);
    RedisClient hints = RedisClient.create(resources);
    hints.setOptions(forHints(ClientOptions.builder(), timeout).build());
    var node = new Node(() -> connect(calls, uri));
    return new Topology() {
      @Override
      public CompletableFuture<Node> nodeOf(String key) {
        return CompletableFuture.completedFuture(node);
      }

      @Override
      public CompletableFuture<Map<String, Node>> nodes() {
        return CompletableFuture.completedFuture(Map.of(address(uri), node));
      }

      @Override
      public @Nullable Node redirected(String refusal) {
        return null;
      }

      @Override
      public void lookAgain() {
        // The connection is made anew, and a sentinel asked again.
      }

      @Override
      public CompletableFuture<StatefulRedisPubSubConnection<String, String>> connectForHints() {
        return hints.connectPubSubAsync(StringCodec.UTF8, uri).toCompletableFuture();
      }

      @Override
      public void close() {
        calls.shutdown(0, 1, TimeUnit.SECONDS);
        hints.shutdown(0, 1, TimeUnit.SECONDS);
        shutdown(resources);
      }
    };
  }

  /** As a message may show it, and a cluster names it. */
  static String address(RedisURI uri) {
    return uri.getSentinels().isEmpty()
        ? uri.getHost() + ":" + uri.getPort()
        : "the master " + uri.getSentinelMasterId();
  }

  /** The addresses in a URI, which may name several nodes. */
  static List<RedisURI> uris(RedisConfig config) {
    try {
      List<RedisURI> uris =
          config.uri().contains("-sentinel://")
              ? List.of(RedisURI.create(config.uri()))
              : RedisClusterURIUtil.toRedisURIs(URI.create(config.uri()));
      for (RedisURI uri : uris) {
        uri.setTimeout(config.callTimeout());
        uri.setCredentialsProvider(atHand(uri.getCredentialsProvider()));
      }
      return uris;
    } catch (IllegalArgumentException e) {
      // Its message may hold the password.
      throw new IllegalArgumentException(
          "not a URI that Lettuce understands: " + RedisConfig.redacted(config.uri()));
    }
  }

  /**
   * With those of a URI as it reads them, Lettuce goes on in another thread than the connection's,
   * and may hand out a connection that refuses commands, since it is not ready yet.
   */
  private static RedisCredentialsProvider atHand(RedisCredentialsProvider provider) {
    return new StaticCredentialsProvider(provider.resolveCredentials().block());
  }

  static ClientResources resources() {
    return ClientResources.builder().ioThreadPoolSize(2).computationThreadPoolSize(2).build();
  }

  static void shutdown(ClientResources resources) {
    resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
  }

  static RedisClient forCalls(ClientResources resources, Duration timeout) {
    RedisClient client = RedisClient.create(resources);
    client.setOptions(
        options(ClientOptions.builder(), timeout)
            .autoReconnect(false)
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            // A call has a time limit of its own, without a timer for each command.
            .timeoutOptions(TimeoutOptions.create())
            .build());
    return client;
  }

  static CompletableFuture<NodeConnection.Link> connect(RedisClient calls, RedisURI uri) {
    return calls
        .connectAsync(Texts.CODEC, uri)
        .toCompletableFuture()
        .thenApply(NodeConnection.Link::new);
  }

  static <B extends ClientOptions.Builder> B forHints(B builder, Duration timeout) {
    options(builder, timeout).autoReconnect(true);
    return builder;
  }

  private static ClientOptions.Builder options(ClientOptions.Builder builder, Duration timeout) {
    return builder
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
