package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server, for calls, which the next call makes anew when it has broken. What
 * befalls it is no matter to other lines.
 */
final class NodeConnection {

  /**
   * A connection for calls; it stays broken when it breaks.
   *
   * @param sent the SHAs of the scripts that the server has seen in full on this connection
   */
  record Link(StatefulRedisConnection<String, String> connection, Set<String> sent) {
    Link(StatefulRedisConnection<String, String> connection) {
      this(connection, ConcurrentHashMap.newKeySet());
    }

    RedisAsyncCommands<String, String> commands() {
      return connection.async();
    }

    /** Sends a script. */
    CompletableFuture<List<Object>> send(CommandType type, ScriptArgs args) {
      var command =
          new AsyncCommand<>(new Command<>(type, new NestedMultiOutput<>(Texts.CODEC), args));
      connection.dispatch(command);
      return command;
    }
  }

  /** Nothing was sent, since there was nothing to send it on. */
  static final class NoConnection extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoConnection(Throwable cause) {
      super("no connection: " + ScriptRunner.reason(cause), cause);
    }
  }

  private final Supplier<CompletableFuture<Link>> connect;
  private final AtomicReference<@Nullable CompletableFuture<Link>> link = new AtomicReference<>();
  private volatile long lastAnswer = System.nanoTime();

  NodeConnection(Supplier<CompletableFuture<Link>> connect) {
    this.connect = connect;
  }

  /** The connection, which may be under way. Fails with {@link NoConnection}. */
  CompletableFuture<Link> link() {
    CompletableFuture<Link> known = link.get();
    if (known != null && (!known.isDone() || isOpen(known))) {
      return known;
    }
    CompletableFuture<Link> made = new CompletableFuture<>();
    if (!link.compareAndSet(known, made)) {
      return link();
    }
    close(known);
    var unused =
        CompletableFuture.completedFuture(connect)
            .thenCompose(Supplier::get)
            .whenComplete(
                (connection, e) -> {
                  if (e == null) {
                    made.complete(connection);
                  } else {
                    made.completeExceptionally(new NoConnection(e));
                  }
                });
    return made;
  }

  boolean isOpen() {
    CompletableFuture<Link> known = link.get();
    return known != null && known.isDone() && isOpen(known);
  }

  private static boolean isOpen(CompletableFuture<Link> link) {
    return !link.isCompletedExceptionally() && link.join().connection.isOpen();
  }

  private static void close(@Nullable CompletableFuture<Link> link) {
    if (link != null) {
      var unused = link.thenCompose(it -> it.connection.closeAsync());
    }
  }

  /** Sends a request, on a connection that is made if there is none. */
  <T> CompletableFuture<T> send(Function<Link, CompletionStage<T>> request) {
    CompletableFuture<Link> current = link();
    return current.thenCompose(request).whenComplete((answer, e) -> hear(current, e));
  }

  private void hear(CompletableFuture<Link> current, @Nullable Throwable e) {
    Throwable cause = e == null ? null : ScriptRunner.unwrapped(e);
    if (cause == null || cause instanceof RedisCommandExecutionException) {
      lastAnswer = System.nanoTime();
    }
    // A master that is none any more, or a connection that has broken.
    if (cause != null
        && (!(cause instanceof RedisCommandExecutionException) || ScriptRunner.isReadOnly(cause))) {
      drop(current);
    }
  }

  /** Gives the connection up if nothing was heard on it from a time on, as of System.nanoTime. */
  void dropIfSilentSince(long start) {
    CompletableFuture<Link> current = link.get();
    if (current != null && (!current.isDone() || lastAnswer - start < 0)) {
      drop(current);
    }
  }

  private void drop(CompletableFuture<Link> broken) {
    if (link.compareAndSet(broken, null)) {
      close(broken);
    }
  }
}
