package dev.lease.redis;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Until when a call may wait.
 *
 * @param start when the call began, as of {@link System#nanoTime}
 * @param timeout how long it may take
 */
record Deadline(long start, Duration timeout) {

  private static final long LEAST_LAST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  static Deadline of(Duration timeout) {
    return new Deadline(System.nanoTime(), timeout);
  }

  boolean isOver() {
    return remainingNanos() <= 0;
  }

  boolean isHalfOver() {
    return remainingNanos() < timeout.toNanos() / 2;
  }

  /** Whether only the last tenth of the time is left, or a little more if that is short. */
  boolean isNearlyOver() {
    return remainingNanos() < lastNanos();
  }

  /** What is left until the time is nearly over. */
  Duration untilNearlyOver() {
    return atLeastAMilli(remainingNanos() - lastNanos());
  }

  /** How long the time is nearly over before it is over. */
  Duration last() {
    return atLeastAMilli(lastNanos());
  }

  /** Enough for a caller to hear of it while it still waits: timers and Redis are late at times. */
  private long lastNanos() {
    long nanos = timeout.toNanos();
    return Math.min(Math.max(nanos / 10, LEAST_LAST_NANOS), nanos / 2);
  }

  /** What is left. */
  Duration remaining() {
    return atLeastAMilli(remainingNanos());
  }

  /** Redis takes 0 as for ever. */
  private static Duration atLeastAMilli(long nanos) {
    return Duration.ofMillis(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
  }

  /** The one that is over last. */
  Deadline orLater(Deadline other) {
    return other.end() - end() > 0 ? other : this;
  }

  /** The one that is over first. */
  Deadline orEarlier(Deadline other) {
    return other.end() - end() < 0 ? other : this;
  }

  /** The one that is over first. */
  static Deadline firstOf(List<Deadline> deadlines) {
    return deadlines.stream().reduce(Deadline::orEarlier).orElseThrow();
  }

  private long end() {
    return start + timeout.toNanos();
  }

  /** How long the call has taken so far. */
  Duration passed() {
    return Duration.ofMillis(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
  }

  private long remainingNanos() {
    return timeout.toNanos() - (System.nanoTime() - start);
  }

  /** Waits for all of them. */
  <T> List<T> await(List<CompletableFuture<T>> futures)
      throws ExecutionException, TimeoutException {
    if (futures.size() == 1) {
      return Collections.singletonList(await(futures.get(0)));
    }
    await(CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)));
    return futures.stream().map(CompletableFuture::join).toList();
  }

  /** Waits even on an interrupted thread, because the answer comes soon or never [L24]. */
  private <T> T await(CompletableFuture<T> future) throws ExecutionException, TimeoutException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get(remainingNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
