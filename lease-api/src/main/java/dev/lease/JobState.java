package dev.lease;

/** What a job is doing. */
public enum JobState {
  /** Waits for its first attempt, or for the first after an operator's requeue. */
  PENDING,
  /** Held by a worker under a lease, which may have expired without anyone having met it yet. */
  PROCESSING,
  /** Waits for another attempt. */
  RETRY,
  /** Ended well. Finished. */
  DONE,
  /** Ended badly, or ran out of attempts. Finished, until an operator requeues it. */
  FAILED,
  /** Ended by an operator. Finished, until an operator requeues it. */
  CANCELLED;

  /**
   * Tells whether a job in this state is finished: it is never claimed, and its dedup key is free.
   *
   * @return true for DONE, FAILED and CANCELLED
   */
  public boolean isFinished() {
    return this == DONE || this == FAILED || this == CANCELLED;
  }
}
