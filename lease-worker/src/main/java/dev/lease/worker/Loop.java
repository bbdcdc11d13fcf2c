package dev.lease.worker;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane: a platform thread that does one round of work after another, and goes on whatever a round
 * throws [W01, W24]. If the thread dies all the same, it can be {@linkplain #revive() started
 * again}.
 */
final class Loop {

  /** What a loop does over and over. */
  @FunctionalInterface
  interface Round {
    /** Does a round; returns how many nanoseconds to wait unless woken, or {@link Loop#END}. */
    long run();
  }

  /** What the last round returns. */
  static final long END = -1;

  private static final Logger log = LoggerFactory.getLogger(Loop.class);
  private static final long PAUSE_AFTER_FAILURE = Duration.ofSeconds(1).toNanos();

  private final String role;
  private final Round round;
  private final Signal signal;
  private final ThreadFactory threads;
  private volatile @Nullable Thread thread;
  private volatile boolean started;
  private volatile boolean ending;
  private volatile boolean ended;
  private volatile long lastRoundAt = System.nanoTime();

  /**
   * @param threads makes the thread, with its name
   */
  Loop(String role, Signal signal, Round round, ThreadFactory threads) {
    this.role = role;
    this.round = round;
    this.signal = signal;
    this.threads = threads;
  }

  String role() {
    return role;
  }

  synchronized void start() {
    try {
      begin();
    } finally {
      // Not before, or the loop would seem dead until its thread runs.
      started = true;
    }
  }

  private Thread begin() {
    Thread next = threads.newThread(this::run);
    thread = next;
    next.start();
    return next;
  }

  /** False if the thread is dead although nobody ended the loop. */
  boolean isAlive() {
    Thread current = thread;
    return !started || ending || ended || (current != null && current.isAlive());
  }

  /** Starts the thread again if it is dead although nobody ended the loop; false if that fails. */
  synchronized boolean revive() {
    if (isAlive()) {
      return true;
    }
    try {
      log.error("Thread {} had died; it is started again", begin().getName());
      return true;
    } catch (Throwable e) {
      // No memory or no threads. This is tried again; meanwhile the worker's status is FAILED.
      return false;
    }
  }

  /** How long ago the loop completed a round. */
  Duration sinceLastRound() {
    return Duration.ofNanos(System.nanoTime() - lastRoundAt);
  }

  /** Ends the loop after its current round. */
  void end() {
    ending = true;
    signal.raise();
    LockSupport.unpark(thread);
  }

  /** Waits for the thread to end, after a call of {@link #end}; false if it did not end in time. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    Thread current = thread;
    if (current == null) {
      return true;
    }
    TimeUnit.NANOSECONDS.timedJoin(current, nanos);
    return !current.isAlive();
  }

  private void run() {
    while (!ending) {
      try {
        long wait = round.run();
        lastRoundAt = System.nanoTime();
        if (wait == END) {
          ended = true;
          return;
        }
        signal.await(wait);
      } catch (Throwable e) {
        complain(e);
        pause();
      }
    }
  }

  private void complain(Throwable failure) {
    try {
      log.error(
          "A round of thread {} failed; the thread goes on after a pause",
          Thread.currentThread().getName(),
          failure);
    } catch (Throwable e) {
      // A logger that fails, for example without memory, must not end the loop either.
    }
  }

  /** Makes no new object, since there may be no memory for one. */
  private void pause() {
    try {
      if (!ending) {
        LockSupport.parkNanos(PAUSE_AFTER_FAILURE);
      }
    } catch (Throwable e) {
      // The loop then goes on without a pause.
    }
  }
}
