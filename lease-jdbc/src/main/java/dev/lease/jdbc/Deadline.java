package dev.lease.jdbc;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** When a call has to end at the latest [L31]. */
final class Deadline {

  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  static Deadline in(Duration wait) {
    return new Deadline(System.nanoTime() + wait.toNanos());
  }

  /** The earlier of this one and the end of a time that begins now. */
  Deadline orIn(Duration wait) {
    return wait.compareTo(left()) < 0 ? in(wait) : this;
  }

  boolean isOver() {
    return left().isZero();
  }

  /** The time until then, zero if it is over. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /** The time until then, but no more than a limit, in milliseconds; at least 1. */
  int millis(int limit) {
    return (int) Math.max(1, Math.min(limit, TimeUnit.NANOSECONDS.toMillis(left().toNanos())));
  }
}
