package dev.lease.redis;

import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The servers of a store, and the connections to them: for calls, and for hints. */
interface Topology extends AutoCloseable {

  /** The node that has a key. Fails, with the reason, if there is none. */
  CompletableFuture<Node> nodeOf(String key);

  /** All nodes, by host and port. Fails, with the reason, if they are not known. */
  CompletableFuture<Map<String, Node>> nodes();

  /**
   * The node that a refusal names: {@code MOVED} or {@code ASK}, slot and address. Null if that
   * node is not known yet.
   */
  @Nullable Node redirected(String refusal);

  /** Looks soon which nodes there are, because a call failed in a way that asks for it. */
  void lookAgain();

  /** Makes a connection for hints, which reconnects by itself. */
  CompletableFuture<? extends StatefulRedisPubSubConnection<String, String>> connectForHints();

  @Override
  void close();
}
