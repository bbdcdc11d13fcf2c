package dev.lease.testkit;

import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Settlement;
import java.time.Duration;

/** The kinds of settlement. */
enum SettlementKind {
  DONE,
  RETRY,
  FAILED,
  CANCELLED,
  RELEASED;

  /** The state of a job that is settled like this in the first of several attempts. */
  JobState state() {
    return switch (this) {
      case DONE -> JobState.DONE;
      case RETRY -> JobState.RETRY;
      case FAILED -> JobState.FAILED;
      case CANCELLED -> JobState.CANCELLED;
      case RELEASED -> JobState.PENDING;
    };
  }

  /** Whether a settlement of this kind says when the job is due again. */
  boolean hasDelay() {
    return this == RETRY || this == RELEASED;
  }

  /** Makes a settlement of this kind. */
  Settlement of(JobLease lease) {
    return of(lease, "of the kit", Duration.ZERO);
  }

  /**
   * Makes a settlement of this kind that differs from {@link #of(JobLease)}, so it is not a
   * repetition.
   */
  Settlement different(JobLease lease) {
    return of(lease, "of somebody else", Duration.ofMinutes(7));
  }

  Settlement of(JobLease lease, String text, Duration delay) {
    return switch (this) {
      case DONE -> Settlement.done(lease, text);
      case RETRY -> Settlement.retry(lease, delay, text);
      case FAILED -> Settlement.failed(lease, text);
      case CANCELLED -> Settlement.cancelled(lease, text);
      case RELEASED -> Settlement.released(lease, delay);
    };
  }
}
