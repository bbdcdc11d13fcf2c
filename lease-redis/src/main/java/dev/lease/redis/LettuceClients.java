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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How the clients of Lettuce are set up: those for calls, and those for hints. */
final class LettuceClients {

  private LettuceClients() {}

  static ClientResources resources() {
    return ClientResources.builder().ioThreadPoolSize(2).computationThreadPoolSize(2).build();
  }

  static void shutdown(ClientResources resources) {
    resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
  }

  /** It does not reconnect by itself, since Lettuce would then send unanswered commands again. */
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

  static CompletableFuture<ScriptConnection> connect(RedisClient calls, RedisURI uri) {
    return calls
        .connectAsync(Texts.CODEC, uri)
        .toCompletableFuture()
        .thenApply(ScriptConnection::new);
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
