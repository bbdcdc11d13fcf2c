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
final class Gathering {

  /**
   * One would leave the server idle while this process works, and make a call last two trips where
   * the way is long; with many nobody would meet.
   */
  private static final int MOST_UNDER_WAY = 2;

  /** A script blocks the server while it runs. */
  private static final int MOST_TOGETHER = 100;

  /** A larger job goes alone, so that nobody waits for it, and no script has too much to carry. */
  private static final int MOST_CHARS = 16 << 10;

  /** A call; no other is equal to it. */
  private static final class Caller {
    final List<String> args;
    final CompletableFuture<Reply> answer = new CompletableFuture<>();
    volatile @Nullable Trip trip;

    Caller(List<String> args) {
      this.args = args;
    }
  }

  /** The callers whose jobs go in one script. */
  private static final class Trip {
    final List<Caller> callers;
    final CompletableFuture<Reply> answer = new CompletableFuture<>();
    final AtomicInteger waiting;

    Trip(List<Caller> callers) {
      this.callers = callers;
      waiting = new AtomicInteger(callers.size());
      callers.forEach(caller -> caller.trip = this);
    }

    /** A caller waits no longer. A trip that nobody waits for ends, so that the next can go. */
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

  private final Redis redis;

  /** By queue, as long as a script is under way there. */
  private final Map<String, Traffic> traffic = new ConcurrentHashMap<>();

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
    } finally {
      Trip trip = caller.trip;
      if (trip != null) {
        trip.leave();
      }
    }
  }

  private CompletableFuture<Reply> join(String queue, Caller caller) {
    var goes = new AtomicReference<@Nullable Trip>();
    traffic.compute(
        queue,
        (q, known) -> {
          Traffic it = known == null ? new Traffic() : known;
          if (it.underWay < MOST_UNDER_WAY) {
            it.underWay++;
            goes.set(new Trip(List.of(caller)));
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

  private void send(String queue, @Nullable Trip trip) {
    if (trip == null) {
      return;
    }
    List<String> args = new ArrayList<>();
    for (Caller caller : trip.callers) {
      args.addAll(caller.args);
    }
    var unused =
        trip.answer.whenComplete(
            (reply, e) -> {
              trip.end(reply, e);
              send(queue, next(queue));
            });
    try {
      Redis.follow(redis.send(redis.onQueue(queue, Script.ENQUEUE, args)), trip.answer);
    } catch (RuntimeException e) {
      trip.answer.completeExceptionally(e);
    }
  }

  /** Those who wait, or null where nobody does. */
  private @Nullable Trip next(String queue) {
    var goes = new AtomicReference<@Nullable Trip>();
    traffic.computeIfPresent(
        queue,
        (q, it) -> {
          List<Caller> next = new ArrayList<>();
          while (next.size() < MOST_TOGETHER && !it.waiting.isEmpty()) {
            next.add(it.waiting.remove());
          }
          if (next.isEmpty()) {
            it.underWay--;
          } else {
            goes.set(new Trip(next));
          }
          return it.underWay == 0 ? null : it;
        });
    return goes.get();
  }
}
