package dev.lease;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a worker ends its hold of a job: {@link Done}, {@link Retry}, {@link Failed}, {@link
 * Released}.
 */
public sealed interface Settlement {

  /**
   * The lease under which it is settled.
   *
   * @return the lease
   */
  JobLease lease();

  /** What the store said to a settlement. */
  enum Result {
    /** The settlement is stored, and the lease has ended. */
    ACCEPTED,
    /**
     * The caller did not hold the job: it was claimed again, reset, settled or deleted before.
     * Nothing was changed. After an unknown outcome of the same settlement this may be its own echo
     * [Q30].
     */
    LOST,
    /**
     * Another transaction holds the job at this moment, so that the settlement was neither stored
     * nor found lost, and nothing was changed. The caller asks again [Q39].
     */
    BUSY
  }

  /**
   * The work is done: the job becomes DONE, even if its cancellation was asked for [Q27, Q38].
   *
   * @param lease the lease
   * @param result what came of it, text of at most 1 MiB, or null
   */
  record Done(JobLease lease, @Nullable String result) implements Settlement {
    /** Checks the parts. */
    public Done {
      Limits.notNull("lease", lease);
      if (result != null) {
        Limits.text("result", result);
      }
    }
  }

  /**
   * The attempt failed: the job becomes RETRY, due at the store's now + delay; FAILED where its
   * attempts are used up, CANCELLED where that was asked for [Q32, Q38].
   *
   * @param lease the lease
   * @param delay how long until the next attempt, brought into 0 to 3650 days
   * @param error why, made storable by {@link Limits#errorText}
   */
  record Retry(JobLease lease, Duration delay, String error) implements Settlement {
    /** Checks the parts and cleans the error. */
    public Retry(JobLease lease, Duration delay, @Nullable String error) {
      this.lease = Limits.notNull("lease", lease);
      this.delay = Limits.clampedDelay("delay", delay);
      this.error = Limits.errorText(error);
    }
  }

  /**
   * The job failed for good: it becomes FAILED, whatever attempts it has left.
   *
   * @param lease the lease
   * @param error why, made storable by {@link Limits#errorText}
   */
  record Failed(JobLease lease, String error) implements Settlement {
    /** Checks the parts and cleans the error. */
    public Failed(JobLease lease, @Nullable String error) {
      this.lease = Limits.notNull("lease", lease);
      this.error = Limits.errorText(error);
    }
  }

  /**
   * The worker hands the job back unfinished, and its attempt does not count. The job is claimable
   * as before the claim, with its due time unchanged where the delay is zero, else at the store's
   * now + delay; CANCELLED where that was asked for [Q35, Q38].
   *
   * @param lease the lease
   * @param delay how long until the next attempt, brought into 0 to 3650 days
   */
  record Released(JobLease lease, Duration delay) implements Settlement {
    /** Checks the parts. */
    public Released {
      Limits.notNull("lease", lease);
      delay = Limits.clampedDelay("delay", delay);
    }
  }
}
