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
    void releaseStranded();

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
    for (HeldJob job : held) {
      long left = job.nanosLeft();
      long toRun = job.nanosToRun();
      if (toRun <= 0) {
        lookAtOverdue(job);
      } else if (job.isExpired()) {
        LeaseLoss.expired(job);
      }
      if (job.ignoresInterrupt()) {
        giveUp(job);
      }
      doubtful |= job.isDoubtful();
      wait = Math.min(wait, Math.min(ifToCome(left), ifToCome(toRun)));
    }
    if (doubtful) {
      calls.askStore();
    }
    calls.releaseStranded();
    return Math.max(wait, SHORTEST_WAIT);
  }

  private static long ifToCome(long nanos) {
    return nanos > 0 ? nanos : Long.MAX_VALUE;
  }

  private void lookAtOverdue(HeldJob job) {
    if (job.tellToStop(HeldJob.StopReason.OVERDUE)) {
      log.warn(
          "{} runs longer than {}, the maximum of its type; its handler is interrupted, and its"
              + " lease kept no longer",
          job,
          job.maxRunTime());
    } else if (job.isLost() || job.isSettled()) {
      giveUp(job);
    }
  }

  private void giveUp(HeldJob job) {
    job.giveUp()
        .ifPresent(
            place -> {
              calls.slotIsStuck();
              log.error(
                  "{} holds its job no longer and does not end, although it was interrupted; its"
                      + " slot is stuck, in {}",
                  job,
                  place);
            });
  }
}
