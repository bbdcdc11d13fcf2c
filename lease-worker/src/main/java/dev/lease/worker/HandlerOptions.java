package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a worker handles a type of jobs. This belongs to the worker, and is not stored with the jobs;
 * what producers have to know as well is in the {@link JobType}. What is not set here is as in
 * {@link Worker.Builder#defaults}, and what is not set there either has the default that is named
 * below. Immutable.
 */
public final class HandlerOptions {

  /** Nothing is set. */
  static final HandlerOptions NONE = builder().build();

  private static final Duration DEFAULT_MAX_UNREADABLE_TIME = Duration.ofDays(1);

  private final @Nullable RetryPolicy retry;
  private final @Nullable Integer maxFailures;
  private final @Nullable Duration maxRunTime;
  private final @Nullable Duration maxUnreadableTime;

  private HandlerOptions(
      @Nullable RetryPolicy retry,
      @Nullable Integer maxFailures,
      @Nullable Duration maxRunTime,
      @Nullable Duration maxUnreadableTime) {
    this.retry = retry;
    this.maxFailures = maxFailures;
    this.maxRunTime = maxRunTime;
    this.maxUnreadableTime = maxUnreadableTime;
  }

  /**
   * Starts to build options, of which none is set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  static HandlerOptions of(RetryPolicy retry) {
    return builder().retry(retry).build();
  }

  /** These options, and for what they do not set the others. */
  HandlerOptions or(HandlerOptions others) {
    return new HandlerOptions(
        retry != null ? retry : others.retry,
        maxFailures != null ? maxFailures : others.maxFailures,
        maxRunTime != null ? maxRunTime : others.maxRunTime,
        maxUnreadableTime != null ? maxUnreadableTime : others.maxUnreadableTime);
  }

  /**
   * What decides when a failed attempt is tried again.
   *
   * @return the policy; {@link RetryPolicy#DEFAULT} if these options do not set it
   */
  public RetryPolicy retry() {
    return retry != null ? retry : RetryPolicy.DEFAULT;
  }

  /**
   * After how many failures a job is FAILED that has no number of its own.
   *
   * @return at least 1; {@value RetryPolicy#DEFAULT_MAX_FAILURES} if these options do not set it
   */
  public int maxFailures() {
    return maxFailures != null ? maxFailures : RetryPolicy.DEFAULT_MAX_FAILURES;
  }

  /**
   * How long a handler may run on one attempt.
   *
   * @return 1 millisecond to 365 days; null, without a limit, if these options do not set it
   */
  public @Nullable Duration maxRunTime() {
    return maxRunTime;
  }

  /**
   * How long a job waits for a worker that can read its payload.
   *
   * @return 0 to 3650 days; a day if these options do not set it
   */
  public Duration maxUnreadableTime() {
    return maxUnreadableTime != null ? maxUnreadableTime : DEFAULT_MAX_UNREADABLE_TIME;
  }

  /** Builds {@link HandlerOptions}; not for use by several threads. */
  public static final class Builder {
    private @Nullable RetryPolicy retry;
    private @Nullable Integer maxFailures;
    private @Nullable Duration maxRunTime;
    private @Nullable Duration maxUnreadableTime;

    private Builder() {}

    /**
     * Sets what decides when a failed attempt is tried again.
     *
     * @param retry the policy; {@link RetryPolicy#DEFAULT} by default
     * @return this
     */
    public Builder retry(RetryPolicy retry) {
      this.retry = Limits.notNull("retry", retry);
      return this;
    }

    /**
     * Sets after how many failures a job is FAILED that has no {@link dev.lease.Job#maxFailures} of
     * its own. Attempts that crashed do not count.
     *
     * @param maxFailures at least 1; {@value RetryPolicy#DEFAULT_MAX_FAILURES} by default
     * @return this
     */
    public Builder maxFailures(int maxFailures) {
      this.maxFailures = Limits.between("maxFailures", maxFailures, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Sets how long a handler may run on one attempt. With a limit, a handler that never returns is
     * noticed, and another worker gets its job [W13]. By default there is no limit.
     *
     * <p>The time counts from the call of the handler, on a monotonic clock. Time that the job
     * waits for a slot does not count. Within a second after the limit has passed, the worker
     * interrupts the handler, {@link JobContext#shouldStop()} becomes true, and the worker no
     * longer extends the lease while the handler runs. If the handler then throws, the attempt has
     * failed. If it returns, the job is DONE. If it does neither, another worker can claim the job
     * when the lease has expired, as a further attempt, and {@link WorkerStatus#stuck()} counts the
     * slot as stuck.
     *
     * <p>Choose a limit well above what such a job takes on a bad day. A handler that is merely
     * slow would otherwise run at the same time as the next attempt.
     *
     * @param maxRunTime 1 millisecond to 365 days
     * @return this
     */
    public Builder maxRunTime(Duration maxRunTime) {
      Limits.notNull("maxRunTime", maxRunTime);
      this.maxRunTime = Limits.lease("maxRunTime", maxRunTime);
      return this;
    }

    /**
     * Sets how long a job waits for a worker that can read its payload. A worker that cannot read
     * it releases the job, and the attempt does not count [W10]. When that has gone on for so long
     * by the store's clock, the job is FAILED. After a requeue it has that time again.
     *
     * @param maxUnreadableTime 0 to 3650 days, a day by default; 0 means that the job is FAILED at
     *     once
     * @return this
     */
    public Builder maxUnreadableTime(Duration maxUnreadableTime) {
      this.maxUnreadableTime = Limits.delay("maxUnreadableTime", maxUnreadableTime);
      return this;
    }

    /**
     * Makes the options.
     *
     * @return the options
     */
    public HandlerOptions build() {
      return new HandlerOptions(retry, maxFailures, maxRunTime, maxUnreadableTime);
    }
  }
}
