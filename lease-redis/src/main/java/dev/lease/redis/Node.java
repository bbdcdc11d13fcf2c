package dev.lease.redis;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A server, and the connections for calls to it. */
final class Node {

  /** What keeps leases never waits behind a large enqueue, or the answer of a large claim. */
  enum Lane {
    URGENT,
    NORMAL
  }

  private final NodeConnection urgent;
  private final NodeConnection normal;

  Node(Supplier<CompletableFuture<NodeConnection.Link>> connect) {
    urgent = new NodeConnection(connect);
    normal = new NodeConnection(connect);
  }

  NodeConnection connection(Lane lane) {
    return lane == Lane.URGENT ? urgent : normal;
  }
}
