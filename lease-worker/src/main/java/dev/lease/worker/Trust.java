package dev.lease.worker;

import dev.lease.Limits;

/**
 * How many fragile jobs may wait in the worker [W06]. If the worker dies, that counts as a crash
 * for all jobs that it holds. So their number follows how many jobs it has survived. Guarded by the
 * lock of the slots.
 */
final class Trust {

  /** For so many jobs that have run, one may wait. */
  private static final int RUN_FOR_EACH = 2;

  private final long quiet;
  private long ran;
  private boolean hasSeenCrash;
  private long crashSeenAt;

  /** How many jobs run that have crashed before, and may crash this worker too. */
  private int suspects;

  /**
   * @param quiet crashes that are seen at shorter distances count as one
   */
  Trust(long quiet) {
    this.quiet = quiet;
  }

  /** No more than anybody claims ahead, so that sums with it stay small. */
  int most() {
    return (int) Math.min(Limits.MAX_BATCH, ran / RUN_FOR_EACH);
  }

  /** Call this when a claim has brought or finished jobs that have crashed. */
  void sawCrash(long now) {
    // One crash leaves many such jobs. If each were a crash of its own, they would run slowly.
    if (!hasSeenCrash || now - crashSeenAt >= quiet) {
      ran = 0;
    }
    hasSeenCrash = true;
    crashSeenAt = now;
  }

  void starts(HeldJob job) {
    if (job.hasCrashed()) {
      suspects++;
    }
  }

  /** Call this when a job has left its slot and the worker is alive. */
  void ran(HeldJob job) {
    if (job.hasCrashed()) {
      suspects--;
      ran++;
    } else if (suspects == 0) {
      // Beside a suspect it says nothing: that one may crash the worker yet.
      ran++;
    }
  }
}
