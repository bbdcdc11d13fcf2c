package dev.lease.jdbc;

import dev.lease.JobQueue;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hints to those who wait for work in this process, on one thread of the store's. */
final class Wakeups implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Wakeups.class);

  private final Map<String, List<Runnable>> hints = new ConcurrentHashMap<>();
  private final ExecutorService thread = lazyThread();

  private static ExecutorService lazyThread() {
    var executor =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              var thread = new Thread(task, "lease-jdbc-wakeup");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  JobQueue.Subscription subscribe(String queue, Runnable hint) {
    // A wrapper, so that one hint subscribed twice is two subscriptions.
    Runnable own = () -> hint.run();
    hints.computeIfAbsent(queue, q -> new CopyOnWriteArrayList<>()).add(own);
    return () -> hints.getOrDefault(queue, List.of()).remove(own);
  }

  void signal(String queue) {
    for (Runnable hint : hints.getOrDefault(queue, List.of())) {
      try {
        thread.execute(() -> run(queue, hint));
      } catch (RejectedExecutionException e) {
        // Closed meanwhile: nobody waits any more.
      }
    }
  }

  private static void run(String queue, Runnable hint) {
    try {
      hint.run();
    } catch (RuntimeException e) {
      log.warn("a hint for queue {} failed", queue, e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
