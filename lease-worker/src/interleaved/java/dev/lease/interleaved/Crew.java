package dev.lease.interleaved;

import dev.lease.interleaved.Schedules.Scenario;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/** The threads of a scenario. What one of them throws is a failure of the scenario. */
public final class Crew implements Executor {

  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

  /** Runs a task on a thread of its own. */
  @Override
  public void execute(Runnable task) {
    var thread = new Thread(task);
    threads.add(thread);
    thread.start();
  }

  /** Runs a part of the scenario on a thread of its own. */
  public void go(Scenario part) {
    execute(
        () -> {
          try {
            part.run();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  /** Waits until all have ended, those too that are started meanwhile. */
  public void join() throws InterruptedException {
    for (Thread next = threads.poll(); next != null; next = threads.poll()) {
      next.join();
    }
  }
}
