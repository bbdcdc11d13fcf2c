package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
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

  /** When the first of the calls began that have missed an answer since the last one. */
  private volatile long silentSince = lastAnswer;

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
   * Notes that a call has got no answer. Gives the connection up if that has gone on for a time: a
   * call that waits only briefly must not break it for those that can wait.
   *
   * @param start when the call began, as of {@link System#nanoTime}
   * @param patience how long others wait for an answer
   */
  void dropIfSilent(long start, Duration patience) {
    CompletableFuture<ScriptConnection> used = current.get();
    long answered = lastAnswer;
    if (silentSince - answered <= 0) {
      silentSince = Math.max(start - answered, 0) + answered;
    }
    if (used != null && System.nanoTime() - silentSince >= patience.toNanos()) {
      drop(used);
    }
  }

  void close() {
    close(current.getAndSet(null));
  }

  private void drop(CompletableFuture<ScriptConnection> broken) {
    if (current.compareAndSet(broken, null)) {
      lastAnswer = System.nanoTime(); // The next connection has not been silent yet.
      close(broken);
    }
  }
}
