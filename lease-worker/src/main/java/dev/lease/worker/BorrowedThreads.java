package dev.lease.worker;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * An executor of the user's, which runs handlers. A shutdown ends only the use of it here: the
 * executor itself goes on.
 */
final class BorrowedThreads extends AbstractExecutorService {

  private final Executor executor;
  private boolean shutdown; // Guarded by this, as is the number of tasks.
  private int tasks;

  BorrowedThreads(Executor executor) {
    this.executor = executor;
  }

  @Override
  public void execute(Runnable task) {
    Thread caller = Thread.currentThread();
    begin();
    try {
      executor.execute(
          () -> {
            if (Thread.currentThread() == caller) {
              // It would hold up the lane that claims, which has a lock at this moment.
              throw new RejectedExecutionException(
                  "the executor runs handlers on the thread that hands them over");
            }
            try {
              task.run();
            } finally {
              end();
            }
          });
    } catch (Throwable e) {
      end();
      throw e;
    }
  }

  private synchronized void begin() {
    if (shutdown) {
      throw new RejectedExecutionException("the worker has stopped");
    }
    tasks++;
  }

  private synchronized void end() {
    tasks--;
    notifyAll();
  }

  @Override
  public synchronized void shutdown() {
    shutdown = true;
    notifyAll();
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    return List.of();
  }

  @Override
  public synchronized boolean isShutdown() {
    return shutdown;
  }

  @Override
  public synchronized boolean isTerminated() {
    return shutdown && tasks == 0;
  }

  @Override
  public synchronized boolean awaitTermination(long timeout, TimeUnit unit)
      throws InterruptedException {
    long end = System.nanoTime() + unit.toNanos(timeout);
    for (long left = end - System.nanoTime(); !isTerminated(); left = end - System.nanoTime()) {
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }
}
