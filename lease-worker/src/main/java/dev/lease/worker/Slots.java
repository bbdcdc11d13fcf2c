package dev.lease.worker;

import dev.lease.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where handlers run, and what waits for them to end. A slot that becomes free goes on with what
 * waits, on the same thread.
 */
final class Slots {

  private final int concurrency;
  private final int lookAhead;
  private final ExecutorService threads;
  private final JobRunner runner;
  private final Signal dispatcher;

  private final Lock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Set<HeldJob> running = new HashSet<>();
  private final Deque<HeldJob> waiting = new ArrayDeque<>();
  private boolean closed;
  // Only jobs that may wait are claimed ahead, and a claim cannot ask for them: so nothing is
  // claimed beyond the free slots until a claim has brought none of the others.
  private boolean claimsAhead;

  Slots(
      int concurrency,
      int lookAhead,
      ExecutorService threads,
      JobRunner runner,
      Signal dispatcher) {
    this.concurrency = concurrency;
    this.lookAhead = lookAhead;
    this.threads = threads;
    this.runner = runner;
    this.dispatcher = dispatcher;
  }

  void open() {
    if (threads instanceof ThreadPoolExecutor pool) {
      // Now, where a machine that has no more threads to give is an error that its operator sees.
      pool.prestartAllCoreThreads();
    }
  }

  /** How many more jobs may be claimed. */
  int room() {
    lock.lock();
    try {
      int places = concurrency + (claimsAhead ? lookAhead : 0);
      int taken = running.size() + waiting.size();
      return closed || areAllStuck() ? 0 : Math.min(Math.max(0, places - taken), Limits.MAX_BATCH);
    } finally {
      lock.unlock();
    }
  }

  /** Runs these, or lets them wait; answers those that can do neither and go back [W06]. */
  List<HeldJob> accept(List<HeldJob> holds) {
    lock.lock();
    try {
      if (closed || areAllStuck()) {
        return holds;
      }
      List<HeldJob> back = new ArrayList<>();
      // Those that must not wait choose first; what waits for them is no more than a batch.
      holds.stream().filter(HeldJob::mustNotWait).filter(hold -> !starts(hold)).forEach(back::add);
      holds.stream()
          .filter(hold -> !hold.mustNotWait())
          .filter(hold -> !starts(hold))
          .forEach(waiting::add);
      if (!holds.isEmpty()) {
        claimsAhead = holds.stream().noneMatch(HeldJob::mustNotWait);
      }
      return back;
    } finally {
      lock.unlock();
    }
  }

  private boolean starts(HeldJob hold) {
    if (running.size() >= concurrency) {
      return false;
    }
    running.add(hold);
    threads.execute(() -> runAll(hold));
    return true;
  }

  private void runAll(HeldJob first) {
    HeldJob hold = first;
    while (hold != null) {
      runner.run(hold);
      hold = next(hold);
    }
  }

  private @Nullable HeldJob next(HeldJob done) {
    lock.lock();
    try {
      running.remove(done);
      HeldJob next = waiting.pollFirst();
      if (next != null) {
        running.add(next);
      } else {
        // Again, since the settlement woke it when this slot was still taken.
        dispatcher.raise();
      }
      ended.signalAll();
      return next;
    } finally {
      lock.unlock();
    }
  }

  private boolean areAllStuck() {
    return running.size() >= concurrency && running.stream().allMatch(HeldJob::isStuck);
  }

  /** To be called when one more is stuck; answers what waits if no slot is left for it [W13]. */
  List<HeldJob> stranded() {
    lock.lock();
    try {
      ended.signalAll();
      return areAllStuck() ? takeWaiting() : List.of();
    } finally {
      lock.unlock();
    }
  }

  private List<HeldJob> takeWaiting() {
    List<HeldJob> unstarted = List.copyOf(waiting);
    waiting.clear();
    return unstarted;
  }

  /** No more is accepted; answers what waits, which is handed back [W05]. */
  List<HeldJob> close() {
    lock.lock();
    try {
      closed = true;
      threads.shutdown();
      return takeWaiting();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no handler runs that is not stuck; false if some still do after that time. */
  boolean awaitIdle(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!isIdle() && left > 0) {
        left = ended.awaitNanos(left);
      }
      return isIdle();
    } finally {
      lock.unlock();
    }
  }

  private boolean isIdle() {
    return running.stream().allMatch(HeldJob::isStuck);
  }

  /** Waits until the threads have ended; false if some go on after that time. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    return threads.awaitTermination(nanos, TimeUnit.NANOSECONDS);
  }

  /** No longer waits for these; answers them. */
  List<HeldJob> forget(Predicate<HeldJob> which) {
    lock.lock();
    try {
      List<HeldJob> forgotten = running.stream().filter(which).toList();
      running.removeAll(forgotten);
      ended.signalAll();
      return forgotten;
    } finally {
      lock.unlock();
    }
  }

  List<HeldJob> running() {
    lock.lock();
    try {
      return List.copyOf(running);
    } finally {
      lock.unlock();
    }
  }

  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
