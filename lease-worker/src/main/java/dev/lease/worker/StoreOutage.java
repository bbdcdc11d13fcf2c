package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.StoreClosedException;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs outages of the store. An outage is one ERROR when the first call fails, one WARN for each
 * further queue, and one INFO when no call fails any more. Repeated failures in between are logged
 * at DEBUG [W11]. A store that was closed is no outage: the worker stops. Safe for use by many
 * threads.
 */
final class StoreOutage {

  /**
   * An outage that has not ended.
   *
   * @param reason what the worker could not do last, and why
   * @param failing what fails, by queue
   */
  record State(String reason, long since, Map<String, Set<String>> failing) {

    Duration length() {
      return Duration.ofNanos(System.nanoTime() - since);
    }
  }

  private static final Logger log = LoggerFactory.getLogger(StoreOutage.class);

  private final String worker;
  private final Map<String, Set<String>> failing = new HashMap<>();
  private final Events events;
  private final Runnable storeIsClosed;

  /** What listeners are yet to be told. It is put here under the lock, so it has an order. */
  private final Queue<Runnable> news = new ConcurrentLinkedQueue<>();

  private final Lock telling = new ReentrantLock();
  private long since;
  private String lastReason = "";
  private volatile @Nullable State state;

  /**
   * @param storeIsClosed stops the worker
   */
  StoreOutage(String worker, Events events, Runnable storeIsClosed) {
    this.worker = worker;
    this.events = events;
    this.storeIsClosed = storeIsClosed;
  }

  /**
   * Stops the worker if the store was closed before the call, because no later call succeeds
   * either. Returns whether it was.
   */
  boolean stopIfClosed(Throwable failure) {
    boolean closed = failure instanceof StoreClosedException;
    if (closed) {
      storeIsClosed.run();
    }
    return closed;
  }

  void failed(String queue, String operation, Throwable failure) {
    if (!stopIfClosed(failure)) {
      // Not under the lock: a logger that hangs must not keep the other lanes from their calls.
      News what = note(queue, operation, failure);
      tellListeners();
      tell(what, queue, operation, failure);
    }
  }

  /** What a failure means for the log. */
  private enum News {
    OUTAGE,
    FURTHER_QUEUE,
    NONE
  }

  private synchronized News note(String queue, String operation, Throwable failure) {
    boolean first = failing.isEmpty();
    lastReason = operation + " of queue " + queue + ": " + reason(failure);
    boolean isNew = !failing.containsKey(queue);
    since = first ? System.nanoTime() : since;
    failing.computeIfAbsent(queue, name -> new HashSet<>()).add(operation);
    changed();
    if (first) {
      news.add(() -> events.outageBegan(worker, queue, failure));
      return News.OUTAGE;
    }
    return isNew ? News.FURTHER_QUEUE : News.NONE;
  }

  /** Outside the lock, since it may log. One thread tells them in order, and none waits for it. */
  private void tellListeners() {
    while (!news.isEmpty() && telling.tryLock()) {
      try {
        Runnable next = news.poll();
        if (next != null) {
          next.run();
        }
      } finally {
        telling.unlock();
      }
    }
  }

  private void tell(News what, String queue, String operation, Throwable failure) {
    String shown = Limits.oneLine(queue);
    String owner = Limits.oneLine(worker);
    switch (what) {
      case OUTAGE ->
          log.error(
              "Worker {} cannot {} of queue {}: {}; it tries again until it can",
              owner,
              operation,
              shown,
              reason(failure),
              failure);
      case FURTHER_QUEUE ->
          log.warn(
              "Worker {} cannot {} of queue {} either: {}",
              owner,
              operation,
              shown,
              reason(failure));
      case NONE ->
          log.debug("Worker {} still cannot {} of queue {}", owner, operation, shown, failure);
    }
  }

  /** The message of a StoreException says what is wrong. Any other exception is a refusal. */
  private static String reason(Throwable failure) {
    return failure instanceof StoreException
        ? Limits.oneLine(String.valueOf(failure.getMessage()))
        : "the store refuses the call";
  }

  /** What the worker cannot do, and since when; empty if all calls succeed. Never waits. */
  Optional<State> state() {
    return Optional.ofNullable(state);
  }

  private void changed() {
    Map<String, Set<String>> copy = new HashMap<>();
    failing.forEach((queue, operations) -> copy.put(queue, Set.copyOf(operations)));
    state = failing.isEmpty() ? null : new State(lastReason, since, copy);
  }

  void succeeded(String queue, String operation) {
    String ended = end(queue, operation);
    tellListeners();
    if (!ended.isEmpty()) {
      log.info(ended);
    }
  }

  /** Notes that a call succeeds; returns what is to be logged, or nothing. */
  private synchronized String end(String queue, String operation) {
    Set<String> ofQueue = failing.get(queue);
    if (ofQueue == null || !ofQueue.remove(operation)) {
      return "";
    }
    if (ofQueue.isEmpty()) {
      failing.remove(queue);
    }
    changed();
    if (failing.isEmpty()) {
      Duration length = Duration.ofNanos(System.nanoTime() - since);
      news.add(() -> events.outageEnded(worker, length));
      return "Worker %s reaches the store again after %s"
          .formatted(Limits.oneLine(worker), Limits.shown(length));
    }
    return ofQueue.isEmpty()
        ? "Worker %s reaches queue %s again; other queues still fail"
            .formatted(Limits.oneLine(worker), Limits.oneLine(queue))
        : "";
  }
}
