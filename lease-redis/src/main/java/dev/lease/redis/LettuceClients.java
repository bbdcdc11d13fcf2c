package dev.lease.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Sets up Lettuce's clients, for calls and for hints. */
final class LettuceClients {

  private LettuceClients() {}

  static ClientResources resources() {
    return ClientResources.builder().ioThreadPoolSize(2).computationThreadPoolSize(2).build();
  }

  static void shutdown(ClientResources resources) {
    resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
  }

  /** Without reconnecting: Lettuce would then send unanswered commands again. */
  static RedisClient forCalls(ClientResources resources, RedisConfig config) {
    RedisClient client = RedisClient.create(resources);
    client.setOptions(
        options(ClientOptions.builder(), config)
            .autoReconnect(false)
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            // Deadline limits the whole call, so no command needs a timer.
            .timeoutOptions(TimeoutOptions.create())
            .build());
    return client;
  }

  /**
   * Connects; a second time if a server that lets nobody in was too fast. Lettuce then finds the
   * connection closed before it looks, and throws its own error instead of the server's.
   */
  static CompletableFuture<ScriptConnection> connect(RedisClient calls, RedisURI uri) {
    return connectOnce(calls, uri)
        .exceptionallyCompose(
            e -> isOfLettuce(e) ? connectOnce(calls, uri) : CompletableFuture.failedFuture(e));
  }

  private static CompletableFuture<ScriptConnection> connectOnce(RedisClient calls, RedisURI uri) {
    return calls
        .connectAsync(Texts.CODEC, uri)
        .toCompletableFuture()
        .thenApply(ScriptConnection::new);
  }

  private static boolean isOfLettuce(Throwable e) {
    return Stream.iterate(e, Objects::nonNull, Throwable::getCause)
        .anyMatch(IllegalStateException.class::isInstance);
  }

  static <B extends ClientOptions.Builder> B forHints(B builder, RedisConfig config) {
    options(builder, config).autoReconnect(true);
    return builder;
  }

  private static ClientOptions.Builder options(ClientOptions.Builder builder, RedisConfig config) {
    return builder
        .protocolVersion(ProtocolVersion.RESP2)
        .sslOptions(config.access().sslOptions(config.callTimeout()))
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(config.callTimeout())
                .keepAlive(
                    // Detects a server that has vanished while nothing is sent.
                    KeepAliveOptions.builder()
                        .enable()
                        .idle(Duration.ofSeconds(10))
                        .interval(Duration.ofSeconds(5))
                        .count(3)
                        .build())
                .build());
  }
}
