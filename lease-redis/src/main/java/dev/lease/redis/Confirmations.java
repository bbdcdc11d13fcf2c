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

  /**
   * A question for some calls.
   *
   * @param deadline the first of the time limits of the calls
   */
  private record Question(Deadline deadline, CompletableFuture<Void> answer) {

    /**
     * How long the server may take: half of a call, or less if the call had to wait for other
     * questions. Its caller has to hear that the confirmation is missing.
     */
    Duration patience() {
      Duration half = deadline.timeout().dividedBy(2);
      Duration left = deadline.untilNearlyOver();
      return half.compareTo(left) < 0 ? half : left;
    }
  }

  private final RedisAsyncCommands<String, String> connection;

  /** The question that is not asked yet. */
  private @Nullable Question next;

  private boolean isAsking;

  Confirmations(RedisAsyncCommands<String, String> connection) {
    this.connection = connection;
  }

  /**
   * Asks about all that was written before this call.
   *
   * @param deadline that of the call that waits for the answer
   * @return fails with {@link NotConfirmedException} if it is not safe
   */
  CompletableFuture<Void> confirm(Durability durability, Deadline deadline) {
    CompletableFuture<Void> mine;
    synchronized (this) {
      next =
          next == null
              ? new Question(deadline, new CompletableFuture<>())
              : new Question(next.deadline.orEarlier(deadline), next.answer);
      mine = next.answer;
      if (isAsking) {
        return mine;
      }
      isAsking = true;
    }
    ask(durability);
    return mine;
  }

  private void ask(Durability durability) {
    Question asked;
    synchronized (this) {
      asked = next;
      next = null;
      isAsking = asked != null;
    }
    if (asked != null) {
      Duration patience = asked.patience();
      CompletableFuture<Void> answer =
          CompletableFuture.completedFuture(connection)
              .thenCompose(each -> durability.ask(each, patience))
              .handle((confirmed, e) -> checked(durability, patience, confirmed, e));
      Futures.forward(answer, asked.answer);
      var unused = answer.whenComplete((confirmed, e) -> ask(durability));
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
