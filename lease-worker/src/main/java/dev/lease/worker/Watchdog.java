package dev.lease.worker;

import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells handlers when the local deadline of their lease has passed [W02], or the time that their
 * type allows them, and finds those that do not end even so [W13]. Does no I/O, so that a store
 * that hangs cannot keep it from doing so.
 */
final class Watchdog {

  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);
  private static final long SHORTEST_WAIT = Duration.ofMillis(1).toNanos();

  private final Set<HeldJob> held;
  private final Runnable onStuck;
  private final long longestWait;

  Watchdog(Set<HeldJob> held, Duration leaseDuration, Runnable onStuck) {
    this.held = held;
    this.onStuck = onStuck;
    this.longestWait = Math.min(leaseDuration.toNanos() / 10, Duration.ofSeconds(1).toNanos());
  }

  long step() {
    long wait = longestWait;
    for (HeldJob hold : held) {
      long left = hold.nanosLeft();
      long toRun = hold.nanosToRun();
      if (toRun <= 0) {
        lookAtOverdue(hold);
      } else if (left <= 0) {
        LeaseLoss.expired(hold);
      }
      wait = Math.min(wait, Math.min(ifToCome(left), ifToCome(toRun)));
    }
    return Math.max(wait, SHORTEST_WAIT);
  }

  private static long ifToCome(long nanos) {
    return nanos > 0 ? nanos : Long.MAX_VALUE;
  }

  private void lookAtOverdue(HeldJob hold) {
    if (hold.tell(HeldJob.Reason.OVERDUE)) {
      log.warn(
          "{} runs longer than {}, the maximum of its type; its handler is interrupted, and its"
              + " lease kept no longer",
          hold,
          hold.maxRunTime());
    } else if (hold.isLost() || hold.isSettled()) {
      hold.giveUp().ifPresent(place -> giveUp(hold, place));
    }
  }

  private void giveUp(HeldJob hold, String place) {
    onStuck.run();
    log.error(
        "{} holds its job no longer and does not end, although it was interrupted; its slot is stuck, in {}",
        hold,
        place);
  }
}
