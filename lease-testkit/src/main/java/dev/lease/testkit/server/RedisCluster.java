package dev.lease.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A Redis Cluster that belongs to the test: three masters without replicas, each a {@link
 * RedisProcess}. The 16,384 slots are spread evenly: node 0 has the lowest, node 2 the highest. The
 * cluster ends when this JVM ends, even if the JVM is killed.
 *
 * <p>Safe for use by many threads.
 */
public final class RedisCluster implements AutoCloseable {

  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;

  /** Few, because both nodes stand still meanwhile. */
  private static final int KEYS_AT_ONCE = 2;

  private static final int MIGRATE_MILLIS = 60_000;

  private final List<RedisProcess> nodes = new ArrayList<>();
  private final List<String> ids = new ArrayList<>();

  private RedisCluster() {}

  /**
   * Starts a cluster, and returns when every node knows that all slots are served.
   *
   * @param options options of each node, as on the command line of redis-server
   * @return the cluster
   * @throws IllegalStateException if it does not start within two minutes; the message says why
   */
  public static RedisCluster start(String... options) {
    var cluster = new RedisCluster();
    try {
      cluster.join(options);
      return cluster;
    } catch (IOException e) {
      cluster.close();
      throw new IllegalStateException("the Redis cluster did not start: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cluster.close();
      throw new IllegalStateException("interrupted while the Redis cluster was starting", e);
    } catch (IllegalStateException e) {
      cluster.close();
      throw e;
    }
  }

  private void join(String... options) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"));
    for (int i = 0; i < MASTERS; i++) {
      nodes.add(RedisProcess.start(all.toArray(String[]::new)));
      ids.add(text(i, "CLUSTER", "MYID"));
      // Otherwise two nodes may have the same epoch, and must resolve that conflict first.
      text(i, "CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
      List<String> words = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
      for (int slot = i * SLOTS / MASTERS; slot < (i + 1) * SLOTS / MASTERS; slot++) {
        words.add(Integer.toString(slot));
      }
      text(i, words.toArray(String[]::new));
    }
    for (int i = 1; i < MASTERS; i++) {
      text(0, "CLUSTER", "MEET", "127.0.0.1", Integer.toString(nodes.get(i).port()));
    }
    awaitOk();
  }

  /**
   * The address of one node, from which a client learns the others.
   *
   * @return {@code redis://127.0.0.1:port}
   */
  public String uri() {
    return nodes.get(0).uri();
  }

  /**
   * The nodes. A test may kill them and start them again.
   *
   * @return the three nodes, in the order of their slots at the start
   */
  public List<RedisProcess> nodes() {
    return List.copyOf(nodes);
  }

  /**
   * The place of a key.
   *
   * @param node the node that has the key, by its place in {@link #nodes}
   * @param slot 0 to 16,383
   */
  public record Place(int node, int slot) {}

  /**
   * Looks for a key on all nodes.
   *
   * @param pattern a pattern for its name, as for {@code KEYS}; if several keys match, it finds one
   *     of them
   * @return the place of the key
   * @throws UncheckedIOException if a node does not answer
   * @throws IllegalStateException if no key matches
   */
  public Place placeOf(String pattern) {
    try {
      for (int node = 0; node < MASTERS; node++) {
        try (var connection = new RedisConnection(nodes.get(node).port())) {
          if (connection.call("KEYS", pattern) instanceof List<?> keys && !keys.isEmpty()) {
            Object slot = connection.call("CLUSTER", "KEYSLOT", String.valueOf(keys.get(0)));
            return new Place(node, Integer.parseInt(String.valueOf(slot)));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for keys like " + pattern, e);
    }
    throw new IllegalStateException("no key matches " + pattern);
  }

  /**
   * Moves a slot with all its keys, as resharding does. During the move each of the two nodes
   * redirects clients to the other. When this returns, all nodes know the new place.
   *
   * @param slot 0 to 16,383
   * @param fromNode the node that has the slot, by its place in {@link #nodes}
   * @param toNode the node that gets the slot
   * @throws UncheckedIOException if a node refuses or does not answer; the slot may then be half
   *     moved
   */
  public synchronized void moveSlot(int slot, int fromNode, int toNode) {
    String number = Integer.toString(slot);
    try {
      text(toNode, "CLUSTER", "SETSLOT", number, "IMPORTING", ids.get(fromNode));
      text(fromNode, "CLUSTER", "SETSLOT", number, "MIGRATING", ids.get(toNode));
      moveKeys(number, fromNode, nodes.get(toNode).port());
      // Tell the new node first, so that the slot always has an owner.
      text(toNode, "CLUSTER", "SETSLOT", number, "NODE", ids.get(toNode));
      for (int node = 0; node < MASTERS; node++) {
        text(node, "CLUSTER", "SETSLOT", number, "NODE", ids.get(toNode));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot move slot " + slot + " from node " + fromNode + " to node " + toNode, e);
    }
  }

  private void moveKeys(String slot, int fromNode, int toPort) throws IOException {
    try (var connection = new RedisConnection(nodes.get(fromNode).port())) {
      while (true) {
        List<String> words = new ArrayList<>();
        words.addAll(List.of("MIGRATE", "127.0.0.1", Integer.toString(toPort), "", "0"));
        words.addAll(List.of(Integer.toString(MIGRATE_MILLIS), "KEYS"));
        int before = words.size();
        if (connection.call("CLUSTER", "GETKEYSINSLOT", slot, Integer.toString(KEYS_AT_ONCE))
            instanceof List<?> keys) {
          keys.forEach(key -> words.add(String.valueOf(key)));
        }
        if (words.size() == before) {
          return;
        }
        connection.call(words);
      }
    }
  }

  /** Kills the nodes and removes their directories. */
  @Override
  public void close() {
    nodes.forEach(RedisProcess::close);
  }

  private void awaitOk() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    for (int i = 0; i < nodes.size(); i++) {
      String info = text(i, "CLUSTER", "INFO");
      while (!knowsAll(info)) {
        if (System.nanoTime() - deadline > 0) {
          throw new IOException(info);
        }
        Thread.sleep(20);
        info = text(i, "CLUSTER", "INFO");
      }
    }
  }

  /** A node may report ok before it has heard of the other nodes' slots, so this checks both. */
  private static boolean knowsAll(String info) {
    return info.contains("cluster_state:ok") && info.contains("cluster_slots_assigned:16384");
  }

  private String text(int node, String... words) throws IOException {
    try (var connection = new RedisConnection(nodes.get(node).port())) {
      return Objects.requireNonNull(connection.call(words)).toString();
    }
  }
}
