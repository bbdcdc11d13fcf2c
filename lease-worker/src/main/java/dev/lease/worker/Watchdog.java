package dev.lease.worker;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the clocks. Tells a handler when its lease has expired by the local clock [W02] or its
 * maximum run time has passed, finds handlers that ignore this [W13], and has jobs released that
 * wait too long [W06]. Does no I/O, so a store that hangs cannot hold it up.
 */
final class Watchdog {

  /** What the watchdog calls. */
  interface Calls {
    /** Called when a slot is stuck: its handler ignores the interrupt. */
    void slotIsStuck(HeldJob job);

    /** Called in each round, to release jobs that have waited too long. */
    void releaseStranded();

    /**
     * Called when the wall clock has jumped, so that only the store can tell if a lease is held.
     */
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

  long round() {
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
          "Job {} runs longer than {}, its maximum run time; its handler is interrupted, and its"
              + " lease is no longer extended",
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
              calls.slotIsStuck(job);
              log.error(
                  "The handler of job {} ignores its interrupt, and the worker no longer holds the"
                      + " job; its slot is stuck until the handler returns or the JVM is restarted."
                      + " It hangs in {}",
                  job,
                  place);
            });
  }
}
