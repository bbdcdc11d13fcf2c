package dev.lease.redis;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A server, and the connections for calls to it. */
final class Node {

  private final NodeConnection urgent;
  private final NodeConnection normal;

  /**
   * @param address the name of the server in messages
   * @param connect makes a connection
   */
  Node(String address, Supplier<CompletableFuture<ScriptConnection>> connect) {
    urgent = new NodeConnection(address, connect);
    normal = new NodeConnection(address, connect);
  }

  NodeConnection connection(Urgency urgency) {
    return urgency == Urgency.URGENT ? urgent : normal;
  }
}
