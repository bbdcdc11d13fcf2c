package dev.lease.jdbc;

import dev.lease.JobQueue;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hints to those who wait for work [Q55]: at once in this process, and to other processes where the
 * database can carry them. Many signals of a queue become one notification per {@value
 * #NOTIFY_MILLIS} ms, in a transaction of its own, since each one makes the commits of a PostgreSQL
 * server queue up.
 */
final class Wakeups implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Wakeups.class);
  private static final long NOTIFY_MILLIS = 20;

  private final Database database;
  private final Map<String, List<Runnable>> hints = new ConcurrentHashMap<>();
  private final Map<String, Long> notified = new ConcurrentHashMap<>();
  private final Set<String> waiting = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor thread;
  private final Listener listener;

  Wakeups(Database database) {
    this.database = database;
    this.thread = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "lease-jdbc-wakeup"));
    this.listener = database.dialect().listener(database, this::wake, this::wakeAll);
  }

  static Thread daemon(Runnable task, String name) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  JobQueue.Subscription subscribe(String queue, Runnable hint) {
    // A wrapper, so that one hint subscribed twice is two subscriptions.
    Runnable own = () -> hint.run();
    hints.computeIfAbsent(queue, q -> new CopyOnWriteArrayList<>()).add(own);
    listener.start();
    return () -> hints.getOrDefault(queue, List.of()).remove(own);
  }

  /** Says that there may be work, after the transaction that made it. */
  void signal(String queue) {
    wake(queue);
    if (database.dialect().canNotify() && waiting.add(queue)) {
      long last = notified.getOrDefault(queue, System.nanoTime() - TimeUnit.HOURS.toNanos(1));
      long due = last + TimeUnit.MILLISECONDS.toNanos(NOTIFY_MILLIS) - System.nanoTime();
      submit(() -> notifyOthers(queue), due);
    }
  }

  private void notifyOthers(String queue) {
    waiting.remove(queue);
    notified.put(queue, System.nanoTime());
    try {
      database.run(
          "notify",
          handle -> {
            database.dialect().notifyOthers(handle, queue);
            return queue;
          });
    } catch (RuntimeException e) {
      log.debug("could not notify of work in queue {}: {}", queue, e.getMessage());
    }
  }

  private void wake(String queue) {
    for (Runnable hint : hints.getOrDefault(queue, List.of())) {
      submit(
          () -> {
            try {
              hint.run();
            } catch (RuntimeException e) {
              log.warn("a hint for queue {} failed", queue, e);
            }
          },
          0);
    }
  }

  private void wakeAll() {
    hints.keySet().forEach(this::wake);
  }

  private void submit(Runnable task, long nanos) {
    try {
      // The tasks catch what they throw.
      var unused = thread.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile: nobody waits any more.
    }
  }

  @Override
  public void close() {
    listener.close();
    thread.shutdownNow();
  }
}
