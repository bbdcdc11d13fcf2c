package dev.lease.redis;

import dev.lease.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Enqueues of single jobs by callers that meet: while a script of theirs is under way to a queue,
 * the others wait, and go together in the next. A caller that is alone waits for nobody.
 */
final class Gathering {

  /** A script blocks the server while it runs. */
  private static final int MOST_TOGETHER = 100;

  /** A larger job goes alone, so that nobody waits for it, and no script has too much to carry. */
  private static final int MOST_CHARS = 16 << 10;

  /** A call; no other is equal to it. */
  private static final class Caller {
    final List<String> args;
    final CompletableFuture<Reply> answer = new CompletableFuture<>();

    Caller(List<String> args) {
      this.args = args;
    }
  }

  private final Redis redis;

  /** Who waits, by queue, as long as a script is under way there. */
  private final Map<String, Deque<Caller>> waiting = new ConcurrentHashMap<>();

  Gathering(Redis redis) {
    this.redis = redis;
  }

  /** Enqueues a job, and gives the answer to its place. */
  Reply enqueue(String queue, List<String> args) {
    Redis.Run alone = redis.onQueue(queue, Script.ENQUEUE, args);
    if (alone.chars() > MOST_CHARS) {
      return redis.run("enqueue", alone);
    }
    var caller = new Caller(args);
    try {
      return redis.runTogether("enqueue", alone, () -> join(queue, caller));
    } catch (StoreException e) {
      if (leaves(queue, caller)) {
        throw StoreException.notDone(String.valueOf(e.getMessage()), e);
      }
      throw e;
    }
  }

  private CompletableFuture<Reply> join(String queue, Caller caller) {
    List<Caller> first = new ArrayList<>();
    waiting.compute(
        queue,
        (q, callers) -> {
          if (callers == null) {
            first.add(caller);
            return new ArrayDeque<>();
          }
          callers.add(caller);
          return callers;
        });
    send(queue, first);
    return caller.answer;
  }

  /** False if its job was sent. */
  private boolean leaves(String queue, Caller caller) {
    var left = new AtomicBoolean();
    waiting.computeIfPresent(
        queue,
        (q, callers) -> {
          left.set(callers.remove(caller));
          return callers;
        });
    return left.get();
  }

  private void send(String queue, List<Caller> callers) {
    if (callers.isEmpty()) {
      return;
    }
    List<String> args = new ArrayList<>();
    for (Caller caller : callers) {
      args.addAll(caller.args);
    }
    var unused =
        redis
            .send(redis.onQueue(queue, Script.ENQUEUE, args))
            .whenComplete(
                (reply, e) -> {
                  send(queue, next(queue));
                  for (Caller caller : callers) {
                    if (e == null) {
                      caller.answer.complete(reply.next());
                    } else {
                      caller.answer.completeExceptionally(e);
                    }
                  }
                });
  }

  private List<Caller> next(String queue) {
    List<Caller> next = new ArrayList<>();
    waiting.computeIfPresent(
        queue,
        (q, callers) -> {
          while (next.size() < MOST_TOGETHER && !callers.isEmpty()) {
            next.add(callers.remove());
          }
          return next.isEmpty() ? null : callers;
        });
    return next;
  }
}
