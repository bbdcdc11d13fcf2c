package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server whether what was written on a connection is safe. One question is under way at a
 * time. Scripts that end meanwhile share the next one, so that many callers cost few questions.
 */
final class Confirmations {

  /** A question for some calls. Until it is asked, guarded by the object that will ask it. */
  private static final class Question {
    final CompletableFuture<Durability.Confirmed> answer = new CompletableFuture<>();

    /** The first of the time limits of the calls. */
    Deadline deadline;

    /** Whether the server got less than half of a call. */
    boolean isCutShort;

    Question(Deadline deadline) {
      this.deadline = deadline;
    }

    /**
     * How long the server may take: half of a call, or less if a call had to wait for other
     * questions. Its caller has to hear that the confirmation is missing.
     */
    Duration limit() {
      Duration half = deadline.timeout().dividedBy(2);
      Duration left = deadline.untilNearlyOver();
      isCutShort = left.compareTo(half) < 0;
      return isCutShort ? left : half;
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
      Deadline first = Deadline.firstOf(deadlines);
      if (next == null) {
        next = new Question(first);
      }
      next.deadline = next.deadline.orEarlier(first);
      mine = next;
      isFirst = !isAsking;
      isAsking = true;
    }
    if (isFirst) {
      ask(durability);
    }
    return deadlines.stream().map(each -> answer(durability, mine, each)).toList();
  }

  /** The answer for one call. If an older one has cut the time of the server short, ask again. */
  private CompletableFuture<Void> answer(
      Durability durability, Question question, Deadline deadline) {
    return question.answer.thenCompose(
        confirmed -> {
          if (durability.isMetBy(confirmed)) {
            return CompletableFuture.completedFuture(null);
          }
          if (question.isCutShort && !deadline.isNearlyOver()) {
            return confirm(durability, deadline);
          }
          return CompletableFuture.failedFuture(
              new NotConfirmedException(
                  "after %s it is %s".formatted(deadline.passed(), durability.told(confirmed))));
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
      Duration patience = asked.limit();
      var unused =
          CompletableFuture.completedFuture(connection)
              .thenCompose(each -> durability.ask(each, patience))
              .whenComplete(
                  (confirmed, e) -> {
                    // First the answer, so that calls which ask again share the next question.
                    if (e == null) {
                      asked.answer.complete(confirmed);
                    } else {
                      asked.answer.completeExceptionally(refusal(e));
                    }
                    ask(durability);
                  });
    }
  }

  private static Throwable refusal(Throwable e) {
    Throwable cause = RedisErrors.unwrapped(e);
    return cause instanceof RedisCommandExecutionException
        ? new NotConfirmedException("the server refuses to confirm it: " + RedisErrors.reason(e), e)
        : cause;
  }
}
