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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts single jobs that several threads enqueue at the same time into one script. While two such
 * scripts are under way to a queue, further callers wait, and the next script takes them together.
 * A caller that is alone does not wait.
 */
final class EnqueueBatcher {

  /**
   * With one, the server would be idle while this process works, and a call over a slow network
   * could take two round trips. With many, callers would rarely meet.
   */
  private static final int MAX_UNDER_WAY = 2;

  /** The most jobs in a script: a script blocks the server while it runs. */
  private static final int MAX_TOGETHER = 100;

  /** A larger job is sent alone, so that no other waits for it and no script becomes too large. */
  private static final int MAX_CHARS = 16 << 10;

  /** Sends scripts, and waits for their answers. */
  interface Runner {

    ScriptCall onQueue(String queue, Script script, List<String> args);

    /**
     * Runs a script.
     *
     * @param what what could not be done, for the message of an exception
     */
    Reply run(String what, ScriptCall call);

    /**
     * Waits for the answer to a script that runs instead of this one, and may do the work of other
     * callers too.
     *
     * @param begin sends that script with {@link #send} or {@link #sendTogether}, at once or later
     */
    Reply runTogether(
        String what, ScriptCall call, Deadline deadline, Supplier<CompletableFuture<Reply>> begin);

    /** Sends a script for a caller that waits in {@link #runTogether}. */
    CompletableFuture<Reply> send(ScriptCall call, Deadline deadline);

    /**
     * Sends a script for callers that wait in {@link #runTogether}.
     *
     * @param deadlines their time limits
     * @return the answers, each with one value of the script's reply
     */
    List<CompletableFuture<Reply>> sendTogether(ScriptCall call, List<Deadline> deadlines);

    /** Whether the effects of calls that must survive a failover are confirmed. */
    boolean confirms();
  }

  /** One call. It is equal to itself only. */
  private static final class Caller {
    final ScriptCall alone;
    final Deadline deadline;
    final CompletableFuture<Reply> answer = new CompletableFuture<>();
    volatile @Nullable Batch batch;

    Caller(ScriptCall alone, Deadline deadline) {
      this.alone = alone;
      this.deadline = deadline;
    }
  }

  /** The callers whose jobs go together in one script. */
  private static final class Batch {
    final List<Caller> callers;
    final CompletableFuture<Void> end = new CompletableFuture<>();
    final AtomicInteger waiting;

    Batch(List<Caller> callers) {
      this.callers = callers;
      waiting = new AtomicInteger(callers.size());
      callers.forEach(caller -> caller.batch = this);
    }

    /** A caller stops waiting. When the last one does, the batch ends, so that the next can go. */
    void leave() {
      if (waiting.decrementAndGet() == 0) {
        end.complete(null);
      }
    }
  }

  /** The callers and scripts of one queue. */
  private static final class Traffic {
    final Deque<Caller> waiting = new ArrayDeque<>();

    /** The number of scripts. */
    int underWay;

    @Nullable Traffic unlessOver() {
      return underWay == 0 && waiting.isEmpty() ? null : this;
    }
  }

  private final Runner runner;

  /** By queue; only for queues that a script is under way to, or a caller waits for. */
  private final Map<String, Traffic> traffic = new ConcurrentHashMap<>();

  EnqueueBatcher(Runner runner) {
    this.runner = runner;
  }

  /** Enqueues a job and returns its part of the answer. */
  Reply enqueue(String queue, List<String> args, Deadline deadline) {
    ScriptCall alone = runner.onQueue(queue, Script.ENQUEUE, args);
    if (alone.chars() > MAX_CHARS) {
      return runner.run("enqueue", alone);
    }
    var caller = new Caller(alone, deadline);
    try {
      return runner.runTogether("enqueue", alone, deadline, () -> join(queue, caller));
    } catch (StoreException e) {
      if (stopWaiting(queue, caller)) {
        throw StoreException.notDone(e.getMessage() + " to the jobs before it", e);
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
    var ready = new AtomicReference<@Nullable Batch>();
    traffic.compute(
        queue,
        (q, known) -> {
          Traffic it = known == null ? new Traffic() : known;
          if (it.underWay < MAX_UNDER_WAY) {
            it.underWay++;
            ready.set(new Batch(List.of(caller)));
          } else {
            it.waiting.add(caller);
          }
          return it;
        });
    send(queue, ready.get());
    // The script waits for its slot until the time of its first caller is up. The others go on.
    return caller.answer.exceptionallyCompose(
        e ->
            RequestRouter.isOfSlot(e) && !caller.deadline.isNearlyOver()
                ? runner.send(caller.alone, caller.deadline)
                : CompletableFuture.failedFuture(e));
  }

  /** Takes a caller out of those that wait. False if its job was already sent. */
  private boolean stopWaiting(String queue, Caller caller) {
    var removed = new AtomicBoolean();
    traffic.computeIfPresent(
        queue,
        (q, it) -> {
          removed.set(it.waiting.remove(caller));
          return it.unlessOver();
        });
    return removed.get();
  }

  private void send(String queue, @Nullable Batch batch) {
    if (batch == null) {
      return;
    }
    var unused = batch.end.whenComplete((ended, e) -> send(queue, next(queue)));
    List<String> args = new ArrayList<>();
    for (Caller caller : batch.callers) {
      args.addAll(caller.alone.args());
    }
    List<CompletableFuture<Reply>> answers =
        runner.sendTogether(
            runner.onQueue(queue, Script.ENQUEUE, args),
            batch.callers.stream().map(caller -> caller.deadline).toList());
    for (int i = 0; i < answers.size(); i++) {
      Futures.forward(answers.get(i), batch.callers.get(i).answer);
    }
    Futures.forward(CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)), batch.end);
  }

  /** Whether there is no time to confirm a job. It is not sent, so that it is surely not done. */
  private boolean isTooLate(Caller caller) {
    return runner.confirms() && caller.deadline.isNearlyOver();
  }

  /** The callers that wait, or null if there are none. */
  private @Nullable Batch next(String queue) {
    var ready = new AtomicReference<@Nullable Batch>();
    traffic.computeIfPresent(
        queue,
        (q, it) -> {
          List<Caller> next = new ArrayList<>();
          for (var each = it.waiting.iterator(); next.size() < MAX_TOGETHER && each.hasNext(); ) {
            Caller caller = each.next();
            if (!isTooLate(caller)) {
              next.add(caller);
              each.remove();
            }
          }
          if (next.isEmpty()) {
            it.underWay--;
          } else {
            ready.set(new Batch(next));
          }
          return it.unlessOver();
        });
    return ready.get();
  }
}
