package dev.lease.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One server, or the one that the sentinels name. */
final class ServerTopology implements Topology {

  private final ClientResources resources = LettuceClients.resources();
  private final RedisURI uri;
  private final RedisClient calls;
  private final RedisClient hints;
  private final Node node;

  ServerTopology(RedisURI uri, RedisConfig config) {
    this.uri = uri;
    RedisConfig ofEach = config.withCallTimeout(RedisUris.turn(uri, config.callTimeout()));
    this.calls = LettuceClients.forCalls(resources, ofEach);
    this.hints = RedisClient.create(resources);
    hints.setOptions(LettuceClients.forHints(ClientOptions.builder(), ofEach).build());
    this.node = new Node(uri, () -> LettuceClients.connect(calls, uri));
  }

  @Override
  public CompletableFuture<Node> nodeOf(String key) {
    return CompletableFuture.completedFuture(node);
  }

  @Override
  public CompletableFuture<Map<String, Node>> nodes() {
    return CompletableFuture.completedFuture(Map.of(RedisUris.address(uri), node));
  }

  @Override
  public @Nullable Node redirected(String refusal) {
    return null;
  }

  @Override
  public void lookAgain() {
    // The next call connects again, and then asks the sentinels again.
  }

  @Override
  public CompletableFuture<StatefulRedisPubSubConnection<String, String>> connectForHints() {
    return hints.connectPubSubAsync(StringCodec.UTF8, uri).toCompletableFuture();
  }

  @Override
  public void close() {
    calls.shutdown(0, 1, TimeUnit.SECONDS);
    hints.shutdown(0, 1, TimeUnit.SECONDS);
    LettuceClients.shutdown(resources);
  }
}
