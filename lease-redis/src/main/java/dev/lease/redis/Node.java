package dev.lease.redis;

import io.lettuce.core.RedisURI;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A server, and the connections for calls to it. Requests whose effect is confirmed have their own,
 * because a connection does nothing else while the server waits for its replicas.
 */
final class Node {

  private final RedisURI uri;
  private final Map<Urgency, NodeConnection> connections = new EnumMap<>(Urgency.class);
  private final Map<Urgency, NodeConnection> confirming = new EnumMap<>(Urgency.class);

  /**
   * @param uri where the server is
   * @param connect makes a connection
   */
  Node(RedisURI uri, Supplier<CompletableFuture<ScriptConnection>> connect) {
    this.uri = uri;
    String address = RedisUris.address(uri);
    for (Urgency urgency : Urgency.values()) {
      connections.put(urgency, new NodeConnection(address, connect));
      confirming.put(urgency, new NodeConnection(address, connect));
    }
  }

  RedisURI uri() {
    return uri;
  }

  NodeConnection connection(Urgency urgency) {
    return Objects.requireNonNull(connections.get(urgency));
  }

  NodeConnection connectionFor(Request<?> request) {
    return request.isConfirmed()
        ? Objects.requireNonNull(confirming.get(request.urgency()))
        : connection(request.urgency());
  }

  /** Closes the connections of a server that is no longer used. */
  void close() {
    connections.values().forEach(NodeConnection::close);
    confirming.values().forEach(NodeConnection::close);
  }
}
