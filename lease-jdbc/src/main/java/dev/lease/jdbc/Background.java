package dev.lease.jdbc;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs what no caller waits for, one after the other, on a thread that ends if there is nothing.
 */
final class Background implements Executor, AutoCloseable {

  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          0,
          1,
          1,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> {
            var made = new Thread(task, "lease-jdbc-background");
            made.setDaemon(true);
            return made;
          },
          // Closed meanwhile, so nobody needs it any more.
          new ThreadPoolExecutor.DiscardPolicy());

  @Override
  public void execute(Runnable task) {
    thread.execute(task);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
