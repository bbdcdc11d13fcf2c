package dev.lease.worker;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells handlers when the local deadline of their lease has passed [W02], or the time that their
 * type allows them, finds those that do not end even so [W13], and sees to it that what waits too
 * long goes back [W06]. Does no I/O, so that a store that hangs cannot keep it from doing so.
 */
final class Watchdog {

  /** Whom it calls. */
  interface Calls {
    /** A slot is lost until its handler ends. */
    void slotIsStuck();

    /** To be called at each step: jobs may wait that should not. */
    void handBackStranded();

    /** Only the store can tell whether a lease is over. */
    void askStore();
  }

  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);
  private static final long SHORTEST_WAIT = Duration.ofMillis(1).toNanos();

  private final HeldJobs held;
  private final Calls calls;
  private final long longestWait;

  Watchdog(HeldJobs held, Calls calls) {
    this.held = held;
    this.calls = calls;
    this.longestWait =
        Math.min(held.leaseDuration().toNanos() / 12, Duration.ofMillis(500).toNanos());
  }

  long step() {
    long wait = longestWait;
    boolean doubtful = false;
    for (HeldJob hold : held) {
      long left = hold.nanosLeft();
      long toRun = hold.nanosToRun();
      if (toRun <= 0) {
        lookAtOverdue(hold);
      } else if (hold.isExpired()) {
        LeaseLoss.expired(hold);
      }
      if (hold.isDeaf()) {
        giveUp(hold);
      }
      doubtful |= hold.isDoubtful();
      wait = Math.min(wait, Math.min(ifToCome(left), ifToCome(toRun)));
    }
    if (doubtful) {
      calls.askStore();
    }
    calls.handBackStranded();
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
      giveUp(hold);
    }
  }

  private void giveUp(HeldJob hold) {
    hold.giveUp()
        .ifPresent(
            place -> {
              calls.slotIsStuck();
              log.error(
                  "{} holds its job no longer and does not end, although it was interrupted; its"
                      + " slot is stuck, in {}",
                  hold,
                  place);
            });
  }
}
