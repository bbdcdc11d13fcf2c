package dev.lease.worker;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Says when something that failed may be tried again. The pause doubles with each failure, up to a
 * limit, and is shortened at random by up to half [W11]. For one thread at a time.
 */
final class Backoff {

  private static final long FIRST_PAUSE = Duration.ofMillis(50).toNanos();

  private final long firstPause;
  private final long maxPause;
  private boolean failing;
  private long failedAt;
  private long step;
  private long pause;

  Backoff(Duration maxPause) {
    this(FIRST_PAUSE, maxPause.toNanos());
  }

  Backoff(long firstPause, long maxPause) {
    this.firstPause = Math.min(firstPause, maxPause);
    this.maxPause = maxPause;
  }

  boolean isFailing() {
    return failing;
  }

  /** How long to wait still, with the pause cut to the given length; 0 if it may be tried now. */
  long nanosLeft(long longest) {
    return failing ? Math.max(0, failedAt + Math.min(pause, longest) - System.nanoTime()) : 0;
  }

  /** The pause of the last failure. */
  long pause() {
    return pause;
  }

  void failed() {
    step = Math.min(failing ? step * 2 : firstPause, maxPause);
    pause = step / 2 + ThreadLocalRandom.current().nextLong(step / 2 + 1);
    failedAt = System.nanoTime();
    failing = true;
  }

  void succeeded() {
    failing = false;
  }
}
