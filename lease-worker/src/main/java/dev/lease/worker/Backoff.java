package dev.lease.worker;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When an operation of the store that fails may be tried again: after a pause that doubles with
 * each failure up to a limit, with jitter of a half [W11]. For one thread.
 */
final class Backoff {

  private static final long FIRST_PAUSE = Duration.ofMillis(50).toNanos();

  private final String operation;
  private final StoreOutage outage;
  private final long maxPause;
  private boolean failing;
  private long failedAt;
  private long step;
  private long pause;

  Backoff(String operation, StoreOutage outage, Duration maxPause) {
    this.operation = operation;
    this.outage = outage;
    this.maxPause = maxPause.toNanos();
  }

  boolean isFailing() {
    return failing;
  }

  /** How long the gate stays shut, where nobody waits longer than that: 0 when it is open. */
  long nanosLeft(long longest) {
    return failing ? Math.max(0, failedAt + Math.min(pause, longest) - System.nanoTime()) : 0;
  }

  /** The pause of the last failure. */
  long pause() {
    return pause;
  }

  void failed(Throwable failure) {
    step = Math.min(failing ? step * 2 : FIRST_PAUSE, maxPause);
    pause = step / 2 + ThreadLocalRandom.current().nextLong(step / 2 + 1);
    failedAt = System.nanoTime();
    failing = true;
    outage.failed(operation, failure);
  }

  void succeeded() {
    if (failing) {
      failing = false;
      outage.succeeded(operation);
    }
  }
}
