package dev.lease;

import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of one queue, counted.
 *
 * <p>Stores create it with a builder, so that fields can be added later.
 */
public final class QueueCounts {

  private final String queue;
  private final Map<JobState, Long> jobs;
  private final long expired;
  private final long heldBack;
  private final long waitingForParts;
  private final @Nullable Instant oldestDue;
  private final boolean paused;
  private final Instant asOf;

  private QueueCounts(Builder builder) {
    queue = builder.queue;
    jobs = Map.copyOf(builder.jobs);
    expired = builder.expired;
    heldBack = builder.heldBack;
    waitingForParts = builder.waitingForParts;
    oldestDue = builder.oldestDue;
    paused = builder.paused;
    asOf = builder.asOf;
  }

  /**
   * Counts the jobs of a queue. For stores that have all of them at hand.
   *
   * @param queue the queue
   * @param jobs its jobs, each as of the same time
   * @param paused whether the queue is paused
   * @param asOf the store's clock
   * @return the counts
   */
  public static QueueCounts of(String queue, List<Job> jobs, boolean paused, Instant asOf) {
    Map<JobState, Long> states = new EnumMap<>(JobState.class);
    long expired = 0;
    Instant oldestDue = null;
    for (Job job : jobs) {
      states.merge(job.state(), 1L, Long::sum);
      JobLease lease = job.lease();
      boolean isExpired = lease != null && !asOf.isBefore(lease.expiresAt());
      expired += isExpired ? 1 : 0;
      boolean isClaimable = isExpired || (lease == null && !job.state().isFinished());
      if (isClaimable
          && !asOf.isBefore(job.dueAt())
          && (oldestDue == null || job.dueAt().isBefore(oldestDue))) {
        oldestDue = job.dueAt();
      }
    }
    return builder(queue, asOf)
        .jobs(states)
        .expired(expired)
        .oldestDue(oldestDue)
        .paused(paused)
        .build();
  }

  /**
   * Starts a builder. The values come from a store, which has checked them.
   *
   * @param queue the queue
   * @param asOf the store's clock when it answered
   * @return a builder
   */
  public static Builder builder(String queue, Instant asOf) {
    return new Builder(queue, asOf);
  }

  /**
   * Starts a builder with the values of this one.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(queue, asOf)
        .jobs(jobs)
        .expired(expired)
        .heldBack(heldBack)
        .waitingForParts(waitingForParts)
        .oldestDue(oldestDue)
        .paused(paused);
  }

  /**
   * The queue.
   *
   * @return the queue
   */
  public String queue() {
    return queue;
  }

  /**
   * How many jobs there are in each state; a state without jobs may be missing.
   *
   * @return the numbers, unmodifiable
   */
  public Map<JobState, Long> jobs() {
    return jobs;
  }

  /**
   * How many of the jobs in PROCESSING have an expired lease. They wait for a claim. If the number
   * stays, no worker claims from the queue.
   *
   * @return the number
   */
  public long expired() {
    return expired;
  }

  /**
   * How many jobs are due and wait for a slot of their key, or of the queue [Q69].
   *
   * @return the number; 0 in a store without {@link Capability#KEYS}
   */
  public long heldBack() {
    return heldBack;
  }

  /**
   * How many jobs wait for other parts of their graphs [Q73].
   *
   * @return the number; 0 in a store without {@link Capability#GRAPHS}
   */
  public long waitingForParts() {
    return waitingForParts;
  }

  /**
   * The earliest due time of the jobs that could be claimed now, or null if there are none.
   *
   * @return the time, or null
   */
  public @Nullable Instant oldestDue() {
    return oldestDue;
  }

  /**
   * Whether the queue is paused.
   *
   * @return true if so
   */
  public boolean paused() {
    return paused;
  }

  /**
   * The time of the store's clock when it answered.
   *
   * @return the time
   */
  public Instant asOf() {
    return asOf;
  }

  /**
   * The number of jobs in a state.
   *
   * @param state the state
   * @return the number, 0 if there are none
   */
  public long count(JobState state) {
    return jobs.getOrDefault(state, 0L);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof QueueCounts that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<@Nullable Object> values() {
    return Arrays.asList(queue, jobs, expired, heldBack, waitingForParts, oldestDue, paused, asOf);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "QueueCounts[queue="
        + queue
        + ", jobs="
        + jobs
        + ", expired="
        + expired
        + ", heldBack="
        + heldBack
        + ", waitingForParts="
        + waitingForParts
        + ", oldestDue="
        + oldestDue
        + ", paused="
        + paused
        + ", asOf="
        + asOf
        + "]";
  }

  /** Builds the counts of a queue; not for use by several threads. */
  public static final class Builder {
    private final String queue;
    private Map<JobState, Long> jobs = Map.of();
    private long expired;
    private long heldBack;
    private long waitingForParts;
    private @Nullable Instant oldestDue;
    private boolean paused;
    private final Instant asOf;

    private Builder(String queue, Instant asOf) {
      this.queue = queue;
      this.asOf = asOf;
    }

    /**
     * Sets how many jobs there are in each state.
     *
     * @param jobs the numbers by state
     * @return this
     */
    public Builder jobs(Map<JobState, Long> jobs) {
      this.jobs = Limits.notNull("jobs", jobs);
      return this;
    }

    /**
     * Sets how many of the jobs in PROCESSING have an expired lease.
     *
     * @param expired 0 or more
     * @return this
     */
    public Builder expired(long expired) {
      this.expired = expired;
      return this;
    }

    /**
     * Sets how many jobs wait because their key is full.
     *
     * @param heldBack 0 or more
     * @return this
     */
    public Builder heldBack(long heldBack) {
      this.heldBack = heldBack;
      return this;
    }

    /**
     * Sets how many jobs wait for other parts of their graphs.
     *
     * @param waitingForParts 0 or more
     * @return this
     */
    public Builder waitingForParts(long waitingForParts) {
      this.waitingForParts = waitingForParts;
      return this;
    }

    /**
     * Sets the earliest due time of the jobs that could be claimed now.
     *
     * @param oldestDue the due time, or null
     * @return this
     */
    public Builder oldestDue(@Nullable Instant oldestDue) {
      this.oldestDue = oldestDue;
      return this;
    }

    /**
     * Sets whether the queue is paused.
     *
     * @param paused true if so
     * @return this
     */
    public Builder paused(boolean paused) {
      this.paused = paused;
      return this;
    }

    /**
     * Builds the counts.
     *
     * @return the counts
     */
    public QueueCounts build() {
      return new QueueCounts(this);
    }
  }
}
