package dev.lease.worker;

import dev.lease.JobAdmin;
import dev.lease.Limits;
import dev.lease.Reset;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the queues: resets expired jobs once, when the worker begins with a queue [W14], and
 * from time to time removes finished jobs, and records of operators, that have been kept long
 * enough.
 */
final class Janitor {

  private static final Logger log = LoggerFactory.getLogger(Janitor.class);

  /** Long enough to ask who did it. */
  private static final Duration KEEP_ACTIONS = Duration.ofDays(90);

  private static final int FAILED = -1;

  private static final long WAIT_FOR_ROOM = Duration.ofSeconds(1).toNanos();

  private final JobAdmin admin;
  private final StoreCalls calls;
  private final Executor lane;
  private final HeldJobs held;
  private final Supplier<List<String>> queues;
  private final Duration interval;
  private final Set<String> wasReset = ConcurrentHashMap.newKeySet();

  /** Queues of which no reset was tried since the round began. */
  private final Set<String> untried = ConcurrentHashMap.newKeySet();

  private final Queue<String> added = new ConcurrentLinkedQueue<>();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private final Deque<String> inTurn = new ArrayDeque<>();

  /** Queues of which more is to be purged, and from when on: by System.nanoTime. */
  private final Map<String, Long> pausing = new HashMap<>();

  private long nextRoundAt = System.nanoTime();
  private volatile boolean stopped;

  /** False once the store has said that it has no records of operators. */
  private volatile boolean hasActions = true;

  /**
   * @param lane where a queue that took long ends
   * @param queues the queues of the worker now
   */
  Janitor(
      JobAdmin admin,
      StoreCalls calls,
      Executor lane,
      HeldJobs held,
      Supplier<List<String>> queues,
      Duration interval) {
    this.admin = admin;
    this.calls = calls;
    this.lane = lane;
    this.held = held;
    this.queues = queues;
    this.interval = interval;
  }

  long round() {
    if (nextRoundAt - System.nanoTime() <= 0) {
      nextRoundAt = System.nanoTime() + pause(interval, ThreadLocalRandom.current().nextDouble());
      inTurn.clear();
      inTurn.addAll(queues.get());
      untried.addAll(inTurn);
      pausing.keySet().retainAll(inTurn);
      inTurn.removeAll(pausing.keySet());
    }
    endPauses();
    for (String queue = added.poll(); queue != null; queue = added.poll()) {
      inTurn.add(queue);
      untried.add(queue);
    }
    for (String queue = inTurn.peek(); queue != null; queue = inTurn.peek()) {
      boolean isBusy = calls.isUnderWay(StoreCalls.Kind.UPKEEP, queue);
      if (!isBusy && !calls.make(upkeep(queue), lane)) {
        break;
      }
      inTurn.remove();
    }
    return inTurn.isEmpty() ? untilNextTurn() : WAIT_FOR_ROOM;
  }

  private void endPauses() {
    long now = System.nanoTime();
    pausing
        .entrySet()
        .removeIf(
            pause -> {
              boolean isOver = pause.getValue() - now <= 0;
              if (isOver) {
                inTurn.add(pause.getKey());
              }
              return isOver;
            });
  }

  private long untilNextTurn() {
    long now = System.nanoTime();
    long wait = nextRoundAt - now;
    for (long end : pausing.values()) {
      wait = Math.min(wait, end - now);
    }
    return Math.max(0, wait);
  }

  /**
   * How long until the next round: three to five quarters of the interval, so that workers that
   * start together do not purge together for ever.
   */
  static long pause(Duration interval, double random) {
    return (long) (interval.toNanos() * (0.75 + random / 2));
  }

  private StoreCalls.Call<?> upkeep(String queue) {
    return new StoreCalls.Call<>(
        StoreCalls.Kind.UPKEEP,
        queue,
        () -> lookAfter(queue),
        pause -> {
          if (pause > 0) {
            pausing.put(queue, System.nanoTime() + pause);
          }
        },
        e ->
            log.error(
                "Queue {} was not looked after; the worker tries again later",
                Limits.oneLine(queue),
                e));
  }

  /**
   * Purges a batch at most. Half of the time belongs to others, if more is to be done, and so does
   * the place of the call meanwhile.
   *
   * @return how long to pause before the next batch; 0 if there is none
   */
  private long lookAfter(String queue) {
    // A queue that cannot be reset is still purged.
    if (untried.remove(queue)) {
      count(queue, () -> resetOnce(queue));
    }
    long begun = System.nanoTime();
    int purged = count(queue, () -> admin.purge(queue, Limits.MAX_BATCH));
    if (purged != FAILED) {
      log.debug("{} finished jobs of queue {} were purged", purged, Limits.oneLine(queue));
    }
    int actions = count(queue, () -> purgeActions(queue));
    if (wasReset.contains(queue) && purged != FAILED && actions != FAILED) {
      failing.remove(queue);
    }
    return Math.max(purged, actions) < Limits.MAX_BATCH
        ? 0
        : Math.max(1, System.nanoTime() - begun);
  }

  private int count(String queue, IntSupplier work) {
    try {
      return work.getAsInt();
    } catch (RuntimeException e) {
      if (failing.add(queue)) {
        log.warn(
            "Queue {} could not be reset or purged; the worker tries again every {}",
            Limits.oneLine(queue),
            Limits.shown(interval),
            e);
      }
      return FAILED;
    }
  }

  private int resetOnce(String queue) {
    int reset = 0;
    if (!wasReset.contains(queue)) {
      int batch;
      do {
        batch = reset(queue);
        reset += batch;
      } while (batch == Limits.MAX_BATCH && !stopped);
      if (reset > 0) {
        log.info(
            "{} jobs of queue {} had expired; they can be claimed again now, or are finished if"
                + " they had crashed too often, were to be cancelled, or their deadline had passed",
            reset,
            Limits.oneLine(queue));
      }
      wasReset.add(queue);
    }
    return reset;
  }

  private int purgeActions(String queue) {
    if (hasActions) {
      try {
        return admin.purgeActions(queue, KEEP_ACTIONS, Limits.MAX_BATCH);
      } catch (UnsupportedOperationException e) {
        hasActions = false;
      }
    }
    return 0;
  }

  private int reset(String queue) {
    Reset reset = admin.resetExpired(queue, Limits.MAX_BATCH);
    held.spent(reset.finished());
    return reset.count();
  }

  /** Looks after a queue that the worker has taken on, with the next round. */
  void added(String queue) {
    added.add(queue);
  }

  /** Ends a reset that is under way after its current batch. */
  void stop() {
    stopped = true;
  }
}
