package dev.lease.redis;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What {@link CompletableFuture} lacks. */
final class Futures {

  private Futures() {}

  static boolean hasValue(CompletableFuture<?> future) {
    return future.isDone() && !future.isCompletedExceptionally();
  }

  /** Why a future failed, or null if it did not. */
  static @Nullable Throwable failure(CompletableFuture<?> future) {
    if (!future.isCompletedExceptionally()) {
      return null;
    }
    return RedisErrors.unwrapped(future.handle((value, e) -> Objects.requireNonNull(e)).join());
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
