package dev.lease.worker;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A platform thread that takes one step after another, and goes on whatever a step throws [W01,
 * E01, E11].
 */
final class Loop {

  /** What a loop does over and over. */
  @FunctionalInterface
  interface Step {
    /** Takes a step; answers how many nanoseconds to wait, unless woken, or {@link Loop#END}. */
    long take();
  }

  /** The answer of a last step. */
  static final long END = -1;

  private static final Logger log = LoggerFactory.getLogger(Loop.class);
  private static final long PAUSE_AFTER_FAILURE = Duration.ofSeconds(1).toNanos();

  private final Thread thread;
  private final Step step;
  private final Signal signal;
  private volatile boolean ending;

  Loop(String name, Signal signal, Step step) {
    this.step = step;
    this.signal = signal;
    this.thread = new Thread(this::run, name);
  }

  void start() {
    thread.start();
  }

  /** Ends the loop after its current step. */
  void end() {
    ending = true;
    signal.raise();
  }

  /** Waits for the end, which somebody has to have caused; false if it did not come in time. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.timedJoin(thread, nanos);
    return !thread.isAlive();
  }

  private void run() {
    while (!ending) {
      long wait = takeStep();
      if (wait == END) {
        return;
      }
      signal.await(wait);
    }
  }

  private long takeStep() {
    try {
      return step.take();
    } catch (Throwable e) {
      complain(e);
      return PAUSE_AFTER_FAILURE;
    }
  }

  private void complain(Throwable failure) {
    try {
      log.error("{} failed and goes on", thread.getName(), failure);
    } catch (Throwable e) {
      // A logger that fails must not end the loop either.
    }
  }
}
