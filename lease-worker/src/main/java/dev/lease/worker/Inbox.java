package dev.lease.worker;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What other threads have for a lane to do, such as the answers of calls that it has left. The lane
 * does it in its next round.
 */
final class Inbox implements Executor {

  private final Signal signal;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Runnable afterEnd;

  /**
   * @param signal wakes the lane
   */
  Inbox(Signal signal) {
    this.signal = signal;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    signal.raise();
    if (afterEnd != null) {
      runAfterEnd();
    }
  }

  /** Does what has come, on the thread of the lane. */
  void empty() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /**
   * Call this when the lane has ended. What still comes is done by the threads that bring it.
   *
   * @param after done after that, each time
   */
  void laneHasEnded(Runnable after) {
    afterEnd = after;
    runAfterEnd();
  }

  private synchronized void runAfterEnd() {
    Runnable after = afterEnd;
    if (after != null && !tasks.isEmpty()) {
      empty();
      after.run();
    }
  }
}
