package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server for calls. If it has broken, the next call makes a new one. Other
 * connections to the server are not affected.
 */
final class NodeConnection {

  private final String address;
  private final Supplier<CompletableFuture<ScriptConnection>> connect;
  private final AtomicReference<@Nullable CompletableFuture<ScriptConnection>> current =
      new AtomicReference<>();
  private volatile long lastAnswer = System.nanoTime();

  NodeConnection(String address, Supplier<CompletableFuture<ScriptConnection>> connect) {
    this.address = address;
    this.connect = connect;
  }

  /** The name of the server in messages. */
  String address() {
    return address;
  }

  /** The connection, or the one that is being made. Fails with {@link NoConnectionException}. */
  CompletableFuture<ScriptConnection> connected() {
    CompletableFuture<ScriptConnection> known = current.get();
    if (known != null && (!known.isDone() || isOpen(known))) {
      return known;
    }
    CompletableFuture<ScriptConnection> made = new CompletableFuture<>();
    if (!current.compareAndSet(known, made)) {
      return connected();
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
                    made.completeExceptionally(
                        new NoConnectionException(
                            "no connection to " + address + ": " + RedisErrors.reason(e), e));
                  }
                });
    return made;
  }

  boolean isOpen() {
    CompletableFuture<ScriptConnection> known = current.get();
    return known != null && known.isDone() && isOpen(known);
  }

  private static boolean isOpen(CompletableFuture<ScriptConnection> connection) {
    return !connection.isCompletedExceptionally() && connection.join().isOpen();
  }

  private static void close(@Nullable CompletableFuture<ScriptConnection> connection) {
    if (connection != null) {
      var unused = connection.thenCompose(ScriptConnection::close);
    }
  }

  /** Sends a request, and connects first if there is no connection. */
  <T> CompletableFuture<T> send(Function<ScriptConnection, CompletionStage<T>> request) {
    CompletableFuture<ScriptConnection> used = connected();
    return used.thenCompose(request).whenComplete((answer, e) -> note(used, e));
  }

  private void note(CompletableFuture<ScriptConnection> used, @Nullable Throwable e) {
    Throwable cause = e == null ? null : RedisErrors.unwrapped(e);
    if (cause instanceof NotConfirmedException notConfirmed && notConfirmed.isOfSilence()) {
      return;
    }
    if (cause == null || cause instanceof RedisCommandExecutionException) {
      lastAnswer = System.nanoTime();
    }
    // The connection has broken, or the server is no longer a master.
    if (cause != null
        && (!(cause instanceof RedisCommandExecutionException) || RedisErrors.isReadOnly(cause))) {
      drop(used);
    }
  }

  /**
   * Gives the connection up if no answer has come since a time.
   *
   * @param start as of {@link System#nanoTime}
   */
  void dropIfSilentSince(long start) {
    CompletableFuture<ScriptConnection> used = current.get();
    if (used != null && (!used.isDone() || lastAnswer - start < 0)) {
      drop(used);
    }
  }

  void close() {
    close(current.getAndSet(null));
  }

  private void drop(CompletableFuture<ScriptConnection> broken) {
    if (current.compareAndSet(broken, null)) {
      close(broken);
    }
  }
}
