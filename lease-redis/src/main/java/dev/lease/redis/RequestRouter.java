package dev.lease.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the node that has their key.
 *
 * <p>A request is sent again only if a node refused it because a slot is elsewhere or on its way:
 * that node has not done anything. Whatever may have been done is never sent again, because a claim
 * or an acquire that is sent twice takes twice [policy 6].
 */
final class RequestRouter {

  private static final String MOVED = "MOVED";
  private static final String ASK = "ASK";

  /** A slot is moving to another node, and the keys of the request are on both. */
  private static final String TRY_AGAIN = "TRYAGAIN";

  private static final long TRY_AGAIN_MILLIS = 10;

  private final Topology topology;

  RequestRouter(Topology topology) {
    this.topology = topology;
  }

  CompletableFuture<NodeConnection> connectionFor(Request<?> request) {
    return topology.nodeOf(request.key()).thenApply(node -> node.connectionFor(request));
  }

  boolean isConnected(Request<?> request) {
    CompletableFuture<Node> node = topology.nodeOf(request.key());
    return Futures.hasValue(node) && node.join().connectionFor(request).isOpen();
  }

  <T> CompletableFuture<T> send(Request<T> request, Deadline deadline) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    var unused =
        connectionFor(request)
            .thenCompose(connection -> connection.send(it -> request.send().apply(it, deadline)))
            .whenComplete(
                (value, e) -> {
                  if (e == null) {
                    answer.complete(value);
                  } else {
                    Futures.forward(redirect(request, e, deadline), answer);
                  }
                });
    return answer;
  }

  /** Whether a node refused a request because a slot is elsewhere or on its way. */
  static boolean isOfSlot(Throwable e) {
    return RedisErrors.hasCode(e, ASK)
        || RedisErrors.hasCode(e, MOVED)
        || RedisErrors.hasCode(e, TRY_AGAIN);
  }

  /** Sends a refused request to the node that has the slot, until the time is up. */
  private <T> CompletableFuture<T> redirect(Request<T> request, Throwable e, Deadline deadline) {
    // Fail while the caller still waits, so that it hears that nothing was done.
    if (!isOfSlot(e) || deadline.isNearlyOver()) {
      return CompletableFuture.failedFuture(e);
    }
    boolean asks = RedisErrors.hasCode(e, ASK);
    boolean isElsewhere = asks || RedisErrors.hasCode(e, MOVED);
    Node node = isElsewhere ? topology.redirected(RedisErrors.reason(e)) : null;
    if (!asks || node == null) {
      return later(() -> send(request, deadline));
    }
    return node.connectionFor(request)
        .send(
            connection -> {
              // ASKING counts for one command. EVALSHA could use it up on an unknown script.
              connection.forgetSent();
              // If a command of another thread uses it up, this one is refused once more.
              var unused = connection.commands().asking();
              return request.send().apply(connection, deadline);
            })
        .exceptionallyCompose(again -> redirect(request, again, deadline));
  }

  private static <T> CompletableFuture<T> later(Supplier<CompletableFuture<T>> task) {
    return new CompletableFuture<@Nullable Void>()
        .completeOnTimeout(null, TRY_AGAIN_MILLIS, TimeUnit.MILLISECONDS)
        .thenCompose(passed -> task.get());
  }
}
