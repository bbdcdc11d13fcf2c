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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Enqueues of single jobs by callers that meet: while two scripts of theirs are under way to a
 * queue, the others wait, and go together in the next. A caller that is alone waits for nobody.
 */
final class EnqueueBatcher {

  /**
   * One would leave the server idle while this process works, and make a call last two trips where
   * the way is long; with many nobody would meet.
   */
  private static final int MAX_UNDER_WAY = 2;

  /** A script blocks the server while it runs. */
  private static final int MAX_TOGETHER = 100;

  /** A larger job goes alone, so that nobody waits for it, and no script has too much to carry. */
  private static final int MAX_CHARS = 16 << 10;

  /** A call; no other is equal to it. */
  private static final class Caller {
    final List<String> args;
    final CompletableFuture<Reply> answer = new CompletableFuture<>();
    volatile @Nullable Batch batch;

    Caller(List<String> args) {
      this.args = args;
    }
  }

  /** The callers whose jobs go in one script. */
  private static final class Batch {
    final List<Caller> callers;
    final CompletableFuture<Reply> answer = new CompletableFuture<>();
    final AtomicInteger waiting;

    Batch(List<Caller> callers) {
      this.callers = callers;
      waiting = new AtomicInteger(callers.size());
      callers.forEach(caller -> caller.batch = this);
    }

    /** A caller waits no longer. A batch that nobody waits for ends, so that the next can go. */
    void leave() {
      if (waiting.decrementAndGet() == 0) {
        answer.cancel(false);
      }
    }

    void end(@Nullable Reply reply, @Nullable Throwable e) {
      for (Caller caller : callers) {
        if (reply != null) {
          caller.answer.complete(reply.next());
        } else {
          caller.answer.completeExceptionally(e);
        }
      }
    }
  }

  /** What happens on a queue. */
  private static final class Traffic {
    final Deque<Caller> waiting = new ArrayDeque<>();
    int underWay;
  }

  private final ScriptRunner runner;

  /** By queue, as long as a script is under way there. */
  private final Map<String, Traffic> traffic = new ConcurrentHashMap<>();

  EnqueueBatcher(ScriptRunner runner) {
    this.runner = runner;
  }

  /** Enqueues a job, and gives the answer to its place. */
  Reply enqueue(String queue, List<String> args) {
    ScriptCall alone = runner.onQueue(queue, Script.ENQUEUE, args);
    if (alone.chars() > MAX_CHARS) {
      return runner.run("enqueue", alone);
    }
    var caller = new Caller(args);
    try {
      return runner.runTogether("enqueue", alone, () -> join(queue, caller));
    } catch (StoreException e) {
      if (leaves(queue, caller)) {
        throw StoreException.notDone(String.valueOf(e.getMessage()), e);
      }
      throw e;
    } finally {
      Batch batch = caller.batch;
      if (batch != null) {
        batch.leave();
      }
    }
  }

  private CompletableFuture<Reply> join(String queue, Caller caller) {
    var goes = new AtomicReference<@Nullable Batch>();
    traffic.compute(
        queue,
        (q, known) -> {
          Traffic it = known == null ? new Traffic() : known;
          if (it.underWay < MAX_UNDER_WAY) {
            it.underWay++;
            goes.set(new Batch(List.of(caller)));
          } else {
            it.waiting.add(caller);
          }
          return it;
        });
    send(queue, goes.get());
    return caller.answer;
  }

  /** False if its job was sent. */
  private boolean leaves(String queue, Caller caller) {
    var left = new AtomicBoolean();
    traffic.computeIfPresent(
        queue,
        (q, it) -> {
          left.set(it.waiting.remove(caller));
          return it;
        });
    return left.get();
  }

  private void send(String queue, @Nullable Batch batch) {
    if (batch == null) {
      return;
    }
    List<String> args = new ArrayList<>();
    for (Caller caller : batch.callers) {
      args.addAll(caller.args);
    }
    var unused =
        batch.answer.whenComplete(
            (reply, e) -> {
              batch.end(reply, e);
              send(queue, next(queue));
            });
    try {
      Futures.forward(runner.send(runner.onQueue(queue, Script.ENQUEUE, args)), batch.answer);
    } catch (RuntimeException e) {
      batch.answer.completeExceptionally(e);
    }
  }

  /** Those who wait, or null where nobody does. */
  private @Nullable Batch next(String queue) {
    var goes = new AtomicReference<@Nullable Batch>();
    traffic.computeIfPresent(
        queue,
        (q, it) -> {
          List<Caller> next = new ArrayList<>();
          while (next.size() < MAX_TOGETHER && !it.waiting.isEmpty()) {
            next.add(it.waiting.remove());
          }
          if (next.isEmpty()) {
            it.underWay--;
          } else {
            goes.set(new Batch(next));
          }
          return it.underWay == 0 ? null : it;
        });
    return goes.get();
  }
}
