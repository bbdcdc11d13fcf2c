package dev.lease.worker;

import java.time.Duration;
import java.util.Set;

/**
 * Tells handlers when the local deadline of their lease has passed [W02]. Does no I/O, so that a
 * store that hangs cannot keep it from doing so.
 */
final class Watch {

  private static final long SHORTEST_WAIT = Duration.ofMillis(1).toNanos();

  private final Set<Hold> held;
  private final long longestWait;

  Watch(Set<Hold> held, Duration leaseDuration) {
    this.held = held;
    this.longestWait = Math.min(leaseDuration.toNanos() / 10, Duration.ofSeconds(1).toNanos());
  }

  long step() {
    long wait = longestWait;
    for (Hold hold : held) {
      long left = hold.nanosLeft();
      if (left <= 0) {
        Losses.tell(hold, Hold.Reason.EXPIRED, "it could not be extended in time");
      } else {
        wait = Math.min(wait, left);
      }
    }
    return Math.max(wait, SHORTEST_WAIT);
  }
}
