package dev.lease.testkit;

import dev.lease.JobQueue.Subscription;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hints that callers subscribed to through one backend object, and the thread that runs them.
 */
final class WorkHints {

  private static final Logger log = LoggerFactory.getLogger(WorkHints.class);

  private final List<Hint> hints = new CopyOnWriteArrayList<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            var hinter = new Thread(task, "lease-memory-hints");
            hinter.setDaemon(true);
            return hinter;
          });

  /** Not a record, since two subscriptions are different even if they have the same hint. */
  private static final class Hint {
    final String queue;
    final Runnable task;

    Hint(String queue, Runnable task) {
      this.queue = queue;
      this.task = task;
    }

    void run() {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        log.warn("The hint for queue {} failed; it stays subscribed", queue, e);
      }
    }
  }

  Subscription add(String queue, Runnable task) {
    var hint = new Hint(queue, task);
    hints.add(hint);
    return () -> hints.remove(hint);
  }

  void wake(String queue) {
    for (Hint hint : hints) {
      if (hint.queue.equals(queue)) {
        thread.execute(hint::run);
      }
    }
  }

  void close() {
    thread.shutdownNow();
  }
}
