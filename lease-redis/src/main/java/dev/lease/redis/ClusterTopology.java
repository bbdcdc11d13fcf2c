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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a Redis Cluster, with separate connections to each.
 *
 * <p>Lettuce's own cluster connection is not used for calls: it keeps broken connections until all
 * of it is made again, so one failed node would fail them all. Nor does Lettuce find the nodes: it
 * waits for all of them, so one that hangs would keep a call from another. Lettuce only carries the
 * hints.
 */
final class ClusterTopology implements Topology {

  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** How long a look waits for a newer view when it has one. */
  private static final Duration FOR_OTHERS = Duration.ofMillis(100);

  /** A part of the call timeout in which Lettuce gives a node up while it connects for hints. */
  private static final int FOR_HINTS = 4;

  private final ClientResources resources = LettuceClients.resources();
  private final List<RedisURI> seeds;

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
    seeds = uris;
    addresses = uris.stream().map(RedisUris::address).collect(Collectors.joining(", "));
    calls = LettuceClients.forCalls(resources, config);
    RedisConfig brief = briefly(config);
    cluster = RedisClusterClient.create(resources, RedisUris.of(brief));
    cluster.setOptions(
        LettuceClients.forHints(ClusterClientOptions.builder(), brief)
            .topologyRefreshOptions(
                // For the hints: without it, Lettuce would try a removed node forever.
                ClusterTopologyRefreshOptions.builder()
                    .enablePeriodicRefresh(Duration.ofSeconds(30))
                    .build())
            .build());
  }

  /** For hints: Lettuce waits for each node, and has to be done within a call timeout. */
  private static RedisConfig briefly(RedisConfig config) {
    Duration part = config.callTimeout().dividedBy(FOR_HINTS);
    Duration least = RedisConfig.MIN_CALL_TIMEOUT;
    return config.withCallTimeout(part.compareTo(least) < 0 ? least : part);
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
    return look().thenApply(looked -> Map.copyOf(nodes));
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
        CompletableFuture.completedFuture(this)
            .thenCompose(ClusterTopology::newestView)
            .thenAccept(this::note)
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

  /** Asks all nodes that are known, and those in the configuration. */
  private CompletableFuture<ClusterView> newestView() {
    List<Node> onlyForThis =
        seeds.stream()
            .filter(seed -> !nodes.containsKey(RedisUris.address(seed)))
            .map(this::newNode)
            .toList();
    List<CompletableFuture<ClusterView>> views =
        Stream.concat(nodes.values().stream(), onlyForThis.stream())
            .map(ClusterTopology::viewOf)
            .toList();
    return Futures.firstValue(views)
        .orTimeout(seeds.get(0).getTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .thenCompose(first -> Futures.settled(views, FOR_OTHERS))
        .thenApply(
            waited ->
                views.stream()
                    .filter(Futures::hasValue)
                    .map(CompletableFuture::join)
                    .reduce(ClusterView::orNewer)
                    .orElseThrow())
        .whenComplete((view, e) -> onlyForThis.forEach(Node::close));
  }

  private static CompletableFuture<ClusterView> viewOf(Node node) {
    return node.connection(Urgency.NORMAL)
        .send(connection -> connection.commands().clusterNodes())
        .thenApply(answer -> ClusterView.of(answer, node.uri()));
  }

  private void note(ClusterView view) {
    Set<String> there = new HashSet<>();
    for (RedisClusterNode found : view.nodes()) {
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
    return nodes.computeIfAbsent(RedisUris.address(uri), address -> newNode(uri));
  }

  private Node newNode(RedisURI uri) {
    return new Node(uri, () -> LettuceClients.connect(calls, uri));
  }

  /** Adds the credentials and TLS of the configuration, which Lettuce does not know of a node. */
  private RedisURI uri(RedisClusterNode found) {
    return RedisURI.builder(seeds.get(0))
        .withHost(found.getUri().getHost())
        .withPort(found.getUri().getPort())
        .build();
  }

  @Override
  public CompletableFuture<? extends StatefulRedisPubSubConnection<String, String>>
      connectForHints() {
    return cluster
        .refreshPartitionsAsync()
        .toCompletableFuture()
        .thenCompose(looked -> cluster.connectPubSubAsync(StringCodec.UTF8));
  }

  @Override
  public void close() {
    calls.shutdown(0, 1, TimeUnit.SECONDS);
    cluster.shutdown(0, 1, TimeUnit.SECONDS);
    LettuceClients.shutdown(resources);
  }
}
