package dev.lease.redis;

import java.util.concurrent.CompletableFuture;

/** What {@link CompletableFuture} lacks. */
final class Futures {

  private Futures() {}

  static boolean hasValue(CompletableFuture<?> future) {
    return future.isDone() && !future.isCompletedExceptionally();
  }

  /** Completes one future with the outcome of another. */
  static <T> void forward(CompletableFuture<T> from, CompletableFuture<T> to) {
    var unused =
        from.whenComplete(
            (value, e) -> {
              if (e == null) {
                to.complete(value);
              } else {
                to.completeExceptionally(e);
              }
            });
  }
}
