package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server whether what was written on a connection is safe. One question is under way at a
 * time. Scripts that end meanwhile share the next one, so that many callers cost few questions.
 */
final class Confirmations {

  private final RedisAsyncCommands<String, String> connection;

  /** The answer to the question that is not asked yet. */
  private @Nullable CompletableFuture<Void> next;

  private boolean isAsking;

  Confirmations(RedisAsyncCommands<String, String> connection) {
    this.connection = connection;
  }

  /**
   * Asks about all that was written before this call.
   *
   * @param patience how long the server may take
   * @return fails with {@link NotConfirmedException} if it is not safe
   */
  CompletableFuture<Void> confirm(Durability durability, Duration patience) {
    CompletableFuture<Void> mine;
    synchronized (this) {
      if (next == null) {
        next = new CompletableFuture<>();
      }
      mine = next;
      if (isAsking) {
        return mine;
      }
      isAsking = true;
    }
    ask(durability, patience);
    return mine;
  }

  private void ask(Durability durability, Duration patience) {
    CompletableFuture<Void> asked;
    synchronized (this) {
      asked = next;
      next = null;
      isAsking = asked != null;
    }
    if (asked != null) {
      CompletableFuture<Void> answer =
          CompletableFuture.completedFuture(connection)
              .thenCompose(each -> durability.ask(each, patience))
              .handle((confirmed, e) -> checked(durability, patience, confirmed, e));
      Futures.forward(answer, asked);
      var unused = answer.whenComplete((confirmed, e) -> ask(durability, patience));
    }
  }

  private static @Nullable Void checked(
      Durability durability,
      Duration patience,
      Durability.@Nullable Confirmed confirmed,
      @Nullable Throwable e) {
    if (e != null) {
      Throwable cause = RedisErrors.unwrapped(e);
      throw cause instanceof RedisCommandExecutionException
          ? new NotConfirmedException(
              "the server refuses to confirm it: " + RedisErrors.reason(e), e)
          : new CompletionException(cause);
    }
    if (confirmed == null || !durability.isMetBy(confirmed)) {
      throw new NotConfirmedException(
          "after %s it is %s"
              .formatted(
                  patience, confirmed == null ? "nowhere else" : durability.told(confirmed)));
    }
    return null;
  }
}
