package dev.lease;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a worker ends its hold on a job: {@link Done}, {@link Retry}, {@link Failed}, {@link
 * Cancelled} or {@link Released}.
 */
public sealed interface Settlement {

  /**
   * The lease under which the job is settled.
   *
   * @return the lease
   */
  JobLease lease();

  /** The answer to a settlement. */
  enum Result {
    /** The settlement is stored, and the hold has ended. */
    ACCEPTED,
    /**
     * The caller did not hold the job: it was claimed again, reset, settled or deleted before.
     * Nothing was changed. If the outcome of the same settlement was unknown before, it may be that
     * one which settled the job [Q30].
     */
    LOST,
    /**
     * Another transaction has locked the job's row at this moment. The settlement is neither stored
     * nor lost, and nothing was changed. The caller tries again [Q39].
     */
    BUSY
  }

  /**
   * The work is done. The job becomes DONE, even if its cancellation was requested [Q27, Q38].
   *
   * @param lease the lease
   * @param result the result, text of at most 1 MiB, or null
   */
  record Done(JobLease lease, @Nullable String result) implements Settlement {
    /**
     * Checks the parts.
     *
     * @param lease the lease
     * @param result the result, or null
     */
    public Done {
      Limits.notNull("lease", lease);
      if (result != null) {
        Limits.text("result", result);
      }
    }
  }

  /**
   * The attempt failed. The job becomes RETRY, due at the store's now + delay. If its attempts are
   * used up, it becomes FAILED; if its cancellation was requested, CANCELLED [Q32, Q38].
   *
   * @param lease the lease
   * @param delay how long until the next attempt, clamped to 0 to 3650 days
   * @param error why it failed, made storable by {@link Limits#errorText}
   */
  record Retry(JobLease lease, Duration delay, String error) implements Settlement {
    /**
     * Checks the parts, clamps the delay, and cleans the error.
     *
     * @param lease the lease
     * @param delay how long until the next attempt
     * @param error why; null becomes the empty text
     */
    public Retry(JobLease lease, Duration delay, @Nullable String error) {
      this.lease = Limits.notNull("lease", lease);
      this.delay = Limits.clampedDelay("delay", delay);
      this.error = Limits.errorText(error);
    }
  }

  /**
   * The job failed for good. It becomes FAILED, even if it has attempts left.
   *
   * @param lease the lease
   * @param error why it failed, made storable by {@link Limits#errorText}
   */
  record Failed(JobLease lease, String error) implements Settlement {
    /**
     * Checks the parts and cleans the error.
     *
     * @param lease the lease
     * @param error why; null becomes the empty text
     */
    public Failed(JobLease lease, @Nullable String error) {
      this.lease = Limits.notNull("lease", lease);
      this.error = Limits.errorText(error);
    }
  }

  /**
   * The holder gives the job up: there is nothing left to do. The job becomes CANCELLED, whether or
   * not its cancellation was requested, and even if it has attempts left. No failed attempt is
   * recorded, since nothing failed [Q27, Q57].
   *
   * @param lease the lease
   * @param reason why, made storable by {@link Limits#errorText}; the job has it as its error
   */
  record Cancelled(JobLease lease, String reason) implements Settlement {
    /**
     * Checks the parts and cleans the reason.
     *
     * @param lease the lease
     * @param reason why; null becomes the empty text
     */
    public Cancelled(JobLease lease, @Nullable String reason) {
      this.lease = Limits.notNull("lease", lease);
      this.reason = Limits.errorText(reason);
    }
  }

  /**
   * The worker hands the job back unfinished, and the attempt does not count. The job is what it
   * was before the claim: with a delay of zero its due time is unchanged, otherwise it is due at
   * the store's now + delay. If its cancellation was requested, it becomes CANCELLED [Q35, Q38].
   *
   * @param lease the lease
   * @param delay how long until the next attempt, clamped to 0 to 3650 days
   */
  record Released(JobLease lease, Duration delay) implements Settlement {
    /**
     * Checks the parts and clamps the delay.
     *
     * @param lease the lease
     * @param delay how long until the next attempt
     */
    public Released {
      Limits.notNull("lease", lease);
      delay = Limits.clampedDelay("delay", delay);
    }
  }
}
