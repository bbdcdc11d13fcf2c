package dev.lease.worker;

import dev.lease.JobAdmin;
import dev.lease.Limits;
import dev.lease.Reset;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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

  private static final long WAIT_FOR_ROOM = Duration.ofSeconds(1).toNanos();

  private final JobAdmin admin;
  private final StoreCalls calls;
  private final Executor lane;
  private final HeldJobs held;
  private final Supplier<List<String>> queues;
  private final Duration interval;
  private final Set<String> wasReset = ConcurrentHashMap.newKeySet();
  private final Queue<String> added = new ConcurrentLinkedQueue<>();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private final Deque<String> inTurn = new ArrayDeque<>();
  private long nextRoundAt = System.nanoTime();
  private final CountDownLatch stopped = new CountDownLatch(1);

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
    }
    for (String queue = added.poll(); queue != null; queue = added.poll()) {
      inTurn.add(queue);
    }
    for (String queue = inTurn.peek(); queue != null; queue = inTurn.peek()) {
      boolean isBusy = calls.isUnderWay(StoreCalls.Kind.UPKEEP, queue);
      if (!isBusy && !calls.make(upkeep(queue), lane)) {
        break;
      }
      inTurn.remove();
    }
    return inTurn.isEmpty() ? Math.max(0, nextRoundAt - System.nanoTime()) : WAIT_FOR_ROOM;
  }

  /**
   * How long until the next round: three to five quarters of the interval, so that workers that
   * start together do not purge together for ever.
   */
  static long pause(Duration interval, double random) {
    return (long) (interval.toNanos() * (0.75 + random / 2));
  }

  private StoreCalls.Call<?> upkeep(String queue) {
    return StoreCalls.Call.of(
        StoreCalls.Kind.UPKEEP,
        queue,
        () -> {
          // A queue that cannot be reset is still purged.
          boolean isReset = isDone(queue, () -> resetOnce(queue));
          boolean isPurged = isDone(queue, () -> purge(queue));
          if (isDone(queue, () -> purgeActions(queue)) && isPurged && isReset) {
            failing.remove(queue);
          }
        },
        e ->
            log.error(
                "Queue {} was not looked after; the worker tries again later",
                Limits.oneLine(queue),
                e));
  }

  private boolean isDone(String queue, Runnable work) {
    try {
      work.run();
      return true;
    } catch (RuntimeException e) {
      if (failing.add(queue)) {
        log.warn(
            "Queue {} could not be reset or purged; the worker tries again every {}",
            Limits.oneLine(queue),
            Limits.shown(interval),
            e);
      }
      return false;
    }
  }

  private void resetOnce(String queue) {
    if (!wasReset.contains(queue)) {
      int reset = inBatches(() -> reset(queue), false);
      if (reset > 0) {
        log.info(
            "{} jobs of queue {} had expired; they can be claimed again now, or are finished if"
                + " they had crashed too often, were to be cancelled, or their deadline had passed",
            reset,
            Limits.oneLine(queue));
      }
      wasReset.add(queue);
    }
  }

  private void purge(String queue) {
    int purged = inBatches(() -> admin.purge(queue, Limits.MAX_BATCH), true);
    log.debug("{} finished jobs of queue {} were purged", purged, Limits.oneLine(queue));
  }

  private void purgeActions(String queue) {
    if (hasActions) {
      try {
        inBatches(() -> admin.purgeActions(queue, KEEP_ACTIONS, Limits.MAX_BATCH), true);
      } catch (UnsupportedOperationException e) {
        hasActions = false;
      }
    }
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

  /** Ends the current round, if there is one, after its current batch. */
  void stop() {
    stopped.countDown();
  }

  /**
   * @param isPatient whether it pauses as long as the last batch took: half of the time belongs to
   *     others, if much is to be done
   */
  private int inBatches(IntSupplier batch, boolean isPatient) {
    int sum = 0;
    while (true) {
      long begun = System.nanoTime();
      int count = batch.getAsInt();
      sum += count;
      if (count < Limits.MAX_BATCH || isStoppedWithin(isPatient ? System.nanoTime() - begun : 0)) {
        return sum;
      }
    }
  }

  private boolean isStoppedWithin(long nanos) {
    try {
      return stopped.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
