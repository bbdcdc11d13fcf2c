package dev.lease.redis;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** The first value of some futures. Fails when all have failed, as the last of them. */
  static <T> CompletableFuture<T> firstValue(List<CompletableFuture<T>> futures) {
    CompletableFuture<T> first = new CompletableFuture<>();
    var failures = new AtomicInteger();
    for (CompletableFuture<T> each : futures) {
      var unused =
          each.whenComplete(
              (value, e) -> {
                if (e == null) {
                  first.complete(value);
                } else if (failures.incrementAndGet() == futures.size()) {
                  first.completeExceptionally(e);
                }
              });
    }
    return first;
  }

  /** Completes when all have an outcome, or the time is over. Never fails. */
  static CompletableFuture<@Nullable Void> settled(
      List<? extends CompletableFuture<?>> futures, Duration atMost) {
    return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
        .<@Nullable Void>handle((done, e) -> null)
        .completeOnTimeout(null, atMost.toMillis(), TimeUnit.MILLISECONDS);
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
