package dev.lease;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job that a claim or a reset finished: its lease had expired and it had crashed too often, or
 * its cancellation had been requested, or its deadline had passed [Q20, Q38, Q81].
 *
 * <p>Stores create it with a builder, so that fields can be added later.
 */
public final class FinishedJob {

  private final String queue;
  private final String id;
  private final String type;
  private final JobState state;
  private final int attempts;
  private final int failures;
  private final @Nullable String error;

  private FinishedJob(Builder builder) {
    queue = builder.queue;
    id = builder.id;
    type = builder.type;
    state = builder.state;
    attempts = builder.attempts;
    failures = builder.failures;
    error = builder.error;
  }

  /**
   * Starts a builder. The values come from a store, which has checked them.
   *
   * @param queue the queue
   * @param id its identity within the queue
   * @param type what kind of work it was
   * @param state FAILED, or CANCELLED if that was requested or the deadline had passed
   * @return a builder
   */
  public static Builder builder(String queue, String id, String type, JobState state) {
    return new Builder(queue, id, type, state);
  }

  /**
   * What a claim or a reset answers about a job that it has just finished. For stores that keep a
   * job as one value.
   *
   * @param job the job as the call left it
   * @return the answer
   */
  public static FinishedJob of(Job job) {
    return builder(job.queue(), job.id(), job.type(), job.state())
        .attempts(job.attempts())
        .failures(job.failures())
        .error(job.error())
        .build();
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
   * Its identity within the queue.
   *
   * @return the id
   */
  public String id() {
    return id;
  }

  /**
   * What kind of work it was.
   *
   * @return the type
   */
  public String type() {
    return type;
  }

  /**
   * FAILED, or CANCELLED if that was requested or the deadline had passed.
   *
   * @return the state
   */
  public JobState state() {
    return state;
  }

  /**
   * How many attempts it had.
   *
   * @return the number
   */
  public int attempts() {
    return attempts;
  }

  /**
   * How many of them failed: they were settled as a retry. The others crashed.
   *
   * @return the number
   */
  public int failures() {
    return failures;
  }

  /**
   * Its last error, or null.
   *
   * @return the error, or null
   */
  public @Nullable String error() {
    return error;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FinishedJob that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<@Nullable Object> values() {
    return Arrays.asList(queue, id, type, state, attempts, failures, error);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "FinishedJob[queue="
        + queue
        + ", id="
        + id
        + ", type="
        + type
        + ", state="
        + state
        + ", attempts="
        + attempts
        + ", failures="
        + failures
        + ", error="
        + error
        + "]";
  }

  /** Builds a finished job; not for use by several threads. */
  public static final class Builder {
    private final String queue;
    private final String id;
    private final String type;
    private final JobState state;
    private int attempts;
    private int failures;
    private @Nullable String error;

    private Builder(String queue, String id, String type, JobState state) {
      this.queue = queue;
      this.id = id;
      this.type = type;
      this.state = state;
    }

    /**
     * Sets how many attempts it had.
     *
     * @param attempts 0 or more
     * @return this
     */
    public Builder attempts(int attempts) {
      this.attempts = attempts;
      return this;
    }

    /**
     * Sets how many of them failed.
     *
     * @param failures 0 to the number of attempts
     * @return this
     */
    public Builder failures(int failures) {
      this.failures = failures;
      return this;
    }

    /**
     * Sets its last error.
     *
     * @param error the error, or null
     * @return this
     */
    public Builder error(@Nullable String error) {
      this.error = error;
      return this;
    }

    /**
     * Builds the finished job.
     *
     * @return the finished job
     */
    public FinishedJob build() {
      return new FinishedJob(this);
    }
  }
}
