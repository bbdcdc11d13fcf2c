package dev.lease.worker;

import dev.lease.JobQueue;
import dev.lease.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Subscribes to the hints of a worker's queues, which come and go. Without hints the worker polls.
 * So a subscription that hangs, and holds up the others, costs some latency only.
 */
final class QueueHints {

  private static final Logger log = LoggerFactory.getLogger(QueueHints.class);
  private static final String CALL = "hints";
  private static final long WAIT_FOR_ROOM = Duration.ofSeconds(1).toNanos();

  private final String worker;
  private final JobQueue jobs;
  private final StoreCalls calls;
  private final Executor lane;
  private final Supplier<List<PolledQueue>> queues;
  private final Runnable wake;

  /** Guarded by itself, as is whether it is to stay empty. */
  private final Map<PolledQueue, JobQueue.Subscription> subscriptions = new HashMap<>();

  private boolean hasEnded;

  /** Whether queues have come or gone since the last call. Only for the lane. */
  private boolean isDue = true;

  /**
   * @param worker its name
   * @param lane does the rounds
   * @param queues the queues of the worker now
   * @param wake wakes the dispatcher
   */
  QueueHints(
      String worker,
      JobQueue jobs,
      StoreCalls calls,
      Executor lane,
      Supplier<List<PolledQueue>> queues,
      Runnable wake) {
    this.worker = worker;
    this.jobs = jobs;
    this.calls = calls;
    this.lane = lane;
    this.queues = queues;
    this.wake = wake;
  }

  /** Call this when a queue was added or removed, on any thread. It wakes the lane. */
  void changed() {
    lane.execute(() -> isDue = true);
  }

  long round() {
    if (isDue && !calls.isUnderWay(StoreCalls.Kind.SUBSCRIBE, CALL)) {
      isDue =
          !calls.make(
              StoreCalls.Call.of(
                  StoreCalls.Kind.SUBSCRIBE,
                  CALL,
                  this::follow,
                  e ->
                      log.error(
                          "Worker {} gets no hints of its new queues; it polls them until its queues"
                              + " change",
                          Limits.oneLine(worker),
                          e)),
              lane);
    }
    return isDue ? WAIT_FOR_ROOM : Long.MAX_VALUE;
  }

  private void follow() {
    closeRemoved();
    queues.get().stream().filter(this::isMissing).forEach(this::subscribe);
  }

  private void closeRemoved() {
    List<JobQueue.Subscription> left = new ArrayList<>();
    synchronized (subscriptions) {
      subscriptions
          .entrySet()
          .removeIf(each -> each.getKey().isRemoved() && left.add(each.getValue()));
    }
    left.forEach(QueueHints::close);
  }

  private boolean isMissing(PolledQueue queue) {
    synchronized (subscriptions) {
      return !hasEnded && !subscriptions.containsKey(queue);
    }
  }

  private void subscribe(PolledQueue queue) {
    Runnable hint =
        () -> {
          queue.hinted();
          wake.run();
        };
    try {
      keep(queue, jobs.onWork(queue.name(), hint));
      // What came before the hints did.
      queue.expect();
      wake.run();
    } catch (Throwable e) {
      log.warn(
          "Queue {} gives no hints of new jobs: subscribing failed; the worker polls it instead",
          Limits.oneLine(queue.name()),
          e);
    }
  }

  private void keep(PolledQueue queue, JobQueue.Subscription subscription) {
    synchronized (subscriptions) {
      if (!hasEnded) {
        subscriptions.put(queue, subscription);
        return;
      }
    }
    close(subscription);
  }

  /** Ends all hints for good, on any thread. */
  void end() {
    List<JobQueue.Subscription> open;
    synchronized (subscriptions) {
      hasEnded = true;
      open = List.copyOf(subscriptions.values());
      subscriptions.clear();
    }
    open.forEach(QueueHints::close);
  }

  private static void close(JobQueue.Subscription subscription) {
    try {
      subscription.close();
    } catch (Throwable e) {
      log.debug("A subscription to hints could not be closed", e);
    }
  }
}
