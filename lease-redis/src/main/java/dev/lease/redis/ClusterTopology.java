package dev.lease.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a Redis Cluster, with separate connections to each.
 *
 * <p>Lettuce's own cluster connection is not used for calls: it keeps broken connections until all
 * of it is made again, so one failed node would fail them all. Lettuce only finds the nodes, and
 * carries the hints.
 */
final class ClusterTopology implements Topology {

  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final ClientResources resources = LettuceClients.resources();
  private final RedisURI seed;

  /** The addresses in the configuration, for messages. */
  private final String addresses;

  private final RedisClient calls;
  private final RedisClusterClient cluster;

  /** By host and port. */
  private final Map<String, Node> nodes = new ConcurrentHashMap<>();

  private final AtomicReferenceArray<@Nullable Node> bySlot =
      new AtomicReferenceArray<>(SlotHash.SLOT_COUNT);

  private final AtomicReference<@Nullable CompletableFuture<Void>> look = new AtomicReference<>();
  private volatile long lastLook = System.nanoTime() - LOOK_AGAIN_NANOS;

  ClusterTopology(List<RedisURI> uris, RedisConfig config) {
    seed = uris.get(0);
    addresses = uris.stream().map(RedisUris::address).collect(Collectors.joining(", "));
    calls = LettuceClients.forCalls(resources, config);
    cluster = RedisClusterClient.create(resources, uris);
    cluster.setOptions(
        LettuceClients.forHints(ClusterClientOptions.builder(), config)
            .topologyRefreshOptions(
                // For the hints: without it, Lettuce would try a removed node forever.
                ClusterTopologyRefreshOptions.builder()
                    .enablePeriodicRefresh(Duration.ofSeconds(30))
                    .build())
            .build());
  }

  @Override
  public CompletableFuture<Node> nodeOf(String key) {
    int slot = SlotHash.getSlot(key);
    Node known = bySlot.get(slot);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    return look()
        .thenApply(
            looked -> {
              Node node = bySlot.get(slot);
              if (node == null) {
                throw new RedisException("no node has slot " + slot);
              }
              return node;
            });
  }

  @Override
  public CompletableFuture<Map<String, Node>> nodes() {
    return look()
        .thenApply(
            looked ->
                cluster.getPartitions().stream()
                    .map(this::uri)
                    .collect(Collectors.toMap(RedisUris::address, this::node, (one, same) -> one)));
  }

  @Override
  public @Nullable Node redirected(String refusal) {
    String[] words = refusal.split(" ", 3);
    Node node = nodes.get(words[2]);
    if (node == null) {
      lookAgain();
    } else if (words[0].equals("MOVED")) {
      bySlot.set(Integer.parseInt(words[1]), node);
    }
    return node;
  }

  @Override
  public void lookAgain() {
    if (System.nanoTime() - lastLook > LOOK_AGAIN_NANOS) {
      var unused = look();
    }
  }

  /** Asks the cluster which node has which slots. Callers that ask meanwhile share the answer. */
  private CompletableFuture<Void> look() {
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> others = look.compareAndExchange(null, mine);
    if (others != null) {
      return others;
    }
    lastLook = System.nanoTime();
    var unused =
        CompletableFuture.completedFuture(cluster)
            .thenCompose(RedisClusterClient::refreshPartitionsAsync)
            .thenRun(this::noteSlots)
            .whenComplete(
                (looked, e) -> {
                  look.set(null);
                  if (e == null) {
                    mine.complete(null);
                  } else {
                    mine.completeExceptionally(
                        new NoConnectionException(
                            "cannot find the nodes of the cluster at "
                                + addresses
                                + ": "
                                + RedisErrors.reason(e),
                            e));
                  }
                });
    return mine;
  }

  private void noteSlots() {
    Set<String> there = new HashSet<>();
    for (RedisClusterNode found : cluster.getPartitions()) {
      RedisURI uri = uri(found);
      there.add(RedisUris.address(uri));
      Node node = node(uri);
      found.forEachSlot(slot -> bySlot.set(slot, node));
    }
    for (String address : Set.copyOf(nodes.keySet())) {
      Node gone = there.contains(address) ? null : nodes.remove(address);
      if (gone != null) {
        gone.close();
      }
    }
  }

  private Node node(RedisURI uri) {
    return nodes.computeIfAbsent(
        RedisUris.address(uri),
        address -> new Node(address, () -> LettuceClients.connect(calls, uri)));
  }

  /** Adds the credentials and TLS of the configuration, which Lettuce does not know of a node. */
  private RedisURI uri(RedisClusterNode found) {
    return RedisURI.builder(seed)
        .withHost(found.getUri().getHost())
        .withPort(found.getUri().getPort())
        .build();
  }

  @Override
  public CompletableFuture<? extends StatefulRedisPubSubConnection<String, String>>
      connectForHints() {
    return look().thenCompose(looked -> cluster.connectPubSubAsync(StringCodec.UTF8));
  }

  @Override
  public void close() {
    calls.shutdown(0, 1, TimeUnit.SECONDS);
    cluster.shutdown(0, 1, TimeUnit.SECONDS);
    LettuceClients.shutdown(resources);
  }
}
