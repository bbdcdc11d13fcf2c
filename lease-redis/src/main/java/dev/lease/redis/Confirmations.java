package dev.lease.redis;

import dev.lease.Limits;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server whether what was written on a connection is safe. One question is under way at a
 * time. Scripts that end meanwhile share the next one, so that many callers cost few questions.
 */
final class Confirmations {

  /** A question for some calls. Until it is asked, guarded by the object that will ask it. */
  private static final class Question {
    final CompletableFuture<Durability.Confirmed> answer = new CompletableFuture<>();

    /** The last of the time limits of the calls. */
    Deadline deadline;

    Question(Deadline deadline) {
      this.deadline = deadline;
    }

    /** How long the server may take: half of a call, or less if all of them had to wait. */
    Duration patience() {
      Duration half = deadline.timeout().dividedBy(2);
      Duration left = deadline.untilNearlyOver();
      return half.compareTo(left) < 0 ? half : left;
    }

    /** Until then the server has answered, though perhaps late, or it is silent. */
    Duration limit(Duration patience) {
      return patience.plus(deadline.last());
    }
  }

  private final StatefulRedisConnection<String, String> connection;

  /** The question that is not asked yet. */
  private @Nullable Question next;

  private boolean isAsking;

  Confirmations(StatefulRedisConnection<String, String> connection) {
    this.connection = connection;
  }

  /**
   * Asks about all that was written before this call.
   *
   * @param deadline that of the call that waits for the answer
   * @return fails with {@link NotConfirmedException} if it is not safe
   */
  CompletableFuture<Void> confirm(Durability durability, Deadline deadline) {
    return confirm(durability, List.of(deadline)).get(0);
  }

  /**
   * Asks about all that was written before this call, once for several calls.
   *
   * @param deadlines those of the calls that wait for the answer
   * @return an answer for each; fails with {@link NotConfirmedException} if it is not safe
   */
  List<CompletableFuture<Void>> confirm(Durability durability, List<Deadline> deadlines) {
    Question mine;
    boolean isFirst;
    synchronized (this) {
      Deadline last = deadlines.stream().reduce(Deadline::orLater).orElseThrow();
      if (next == null) {
        next = new Question(last);
      }
      next.deadline = next.deadline.orLater(last);
      mine = next;
      isFirst = !isAsking;
      isAsking = true;
    }
    if (isFirst) {
      ask(durability);
    }
    return deadlines.stream().map(each -> answer(durability, mine.answer, each)).toList();
  }

  /** The answer for one call, which hears in time if there is none. The others wait on. */
  private static CompletableFuture<Void> answer(
      Durability durability, CompletableFuture<Durability.Confirmed> question, Deadline deadline) {
    return question
        .copy()
        .orTimeout(deadline.untilNearlyOver().toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (confirmed, e) -> {
              if (e == null && durability.isMetBy(confirmed)) {
                return null;
              }
              String passed = Limits.shown(deadline.passed());
              if (e == null) {
                throw new NotConfirmedException(
                    "after %s it is %s".formatted(passed, durability.told(confirmed)));
              }
              Throwable cause = RedisErrors.unwrapped(e);
              throw cause instanceof TimeoutException
                  ? new NotConfirmedException(
                      "after %s the server has not said that it is safe".formatted(passed), cause)
                  : new CompletionException(cause);
            });
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
      var unused =
          CompletableFuture.completedFuture(connection)
              .thenCompose(each -> durability.ask(each.async(), patience))
              .orTimeout(asked.limit(patience).toMillis(), TimeUnit.MILLISECONDS)
              .whenComplete(
                  (confirmed, e) -> {
                    if (e == null) {
                      asked.answer.complete(confirmed);
                    } else {
                      closeIfSilent(e);
                      asked.answer.completeExceptionally(refusal(e));
                    }
                    ask(durability);
                  });
    }
  }

  /** Otherwise the next call would wait for that server too, and hear of it at its end. */
  private void closeIfSilent(Throwable e) {
    if (RedisErrors.unwrapped(e) instanceof TimeoutException) {
      var unused = connection.closeAsync();
    }
  }

  private static Throwable refusal(Throwable e) {
    Throwable cause = RedisErrors.unwrapped(e);
    return cause instanceof RedisCommandExecutionException
        ? new NotConfirmedException("the server refuses to confirm it: " + RedisErrors.reason(e), e)
        : cause;
  }
}
