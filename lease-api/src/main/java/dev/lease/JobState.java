package dev.lease;

/** The state of a job. More states may come, so a switch over them needs a default. */
public enum JobState {
  /** Waits for its first attempt, or for the first after an operator's requeue. */
  PENDING,
  /** Held by a worker under a lease, which may have expired if no claim or reset met it since. */
  PROCESSING,
  /** Waits for another attempt. */
  RETRY,
  /** Finished: its work is done. */
  DONE,
  /** Finished: it failed for good, or failed or crashed too often. An operator can requeue it. */
  FAILED,
  /** Finished: an operator, its holder or its deadline cancelled it. An operator can requeue it. */
  CANCELLED;

  /**
   * Tells whether a job in this state is finished: no claim gives it, and its dedup key is free,
   * unless that stays taken for a time [Q82].
   *
   * @return true for DONE, FAILED and CANCELLED
   */
  public boolean isFinished() {
    return this == DONE || this == FAILED || this == CANCELLED;
  }
}
