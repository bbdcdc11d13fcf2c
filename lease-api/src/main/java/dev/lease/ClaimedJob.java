package dev.lease;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job that a claim gave to a worker.
 *
 * <p>Stores create it with a builder, so that fields can be added later.
 */
public final class ClaimedJob {

  private final JobLease lease;
  private final String type;
  private final String payload;
  private final int attempt;
  private final int maxAttempts;
  private final int priority;
  private final Instant dueAt;
  private final Map<String, String> headers;

  private ClaimedJob(Builder builder) {
    lease = builder.lease;
    type = builder.type;
    payload = builder.payload;
    attempt = builder.attempt;
    maxAttempts = builder.maxAttempts;
    priority = builder.priority;
    dueAt = Limits.notNull("dueAt", builder.dueAt);
    headers = Map.copyOf(builder.headers);
  }

  /**
   * Starts a builder. The values come from a store, which has checked them.
   *
   * @param lease the lease under which the worker holds the job
   * @param type what kind of work it is
   * @param payload the input of the work
   * @return a builder
   */
  public static Builder builder(JobLease lease, String type, String payload) {
    return new Builder(lease, type, payload);
  }

  /**
   * Starts a builder with the values of this one.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(lease, type, payload)
        .attempt(attempt)
        .maxAttempts(maxAttempts)
        .priority(priority)
        .dueAt(dueAt)
        .headers(headers);
  }

  /**
   * The lease under which the worker holds the job.
   *
   * @return the lease
   */
  public JobLease lease() {
    return lease;
  }

  /**
   * What kind of work it is.
   *
   * @return the type
   */
  public String type() {
    return type;
  }

  /**
   * The input of the work.
   *
   * @return the payload
   */
  public String payload() {
    return payload;
  }

  /**
   * Which attempt at the job this is, from 1. Claims that were released do not count.
   *
   * @return the attempt
   */
  public int attempt() {
    return attempt;
  }

  /**
   * How many attempts the job may have.
   *
   * @return the number
   */
  public int maxAttempts() {
    return maxAttempts;
  }

  /**
   * Its priority: 0 to 9, 9 goes first.
   *
   * @return the priority
   */
  public int priority() {
    return priority;
  }

  /**
   * When it became due, for display.
   *
   * @return the time
   */
  public Instant dueAt() {
    return dueAt;
  }

  /**
   * Text that travels with the job beside its payload, such as a trace id.
   *
   * @return the headers, unmodifiable
   */
  public Map<String, String> headers() {
    return headers;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ClaimedJob that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<@Nullable Object> values() {
    return Arrays.asList(lease, type, payload, attempt, maxAttempts, priority, dueAt, headers);
  }

  /** For log messages and failing tests. Leaves out texts that may be long or secret. */
  @Override
  public String toString() {
    return "ClaimedJob[lease="
        + lease
        + ", type="
        + type
        + ", payload of "
        + payload.length()
        + " characters"
        + ", attempt="
        + attempt
        + ", maxAttempts="
        + maxAttempts
        + ", priority="
        + priority
        + ", dueAt="
        + dueAt
        + ", headers="
        + headers.keySet()
        + "]";
  }

  /** Builds a claimed job; not for use by several threads. */
  public static final class Builder {
    private final JobLease lease;
    private final String type;
    private final String payload;
    private int attempt = 1;
    private int maxAttempts = NewJob.DEFAULT_MAX_ATTEMPTS;
    private int priority = NewJob.DEFAULT_PRIORITY;
    private @Nullable Instant dueAt;
    private Map<String, String> headers = Map.of();

    private Builder(JobLease lease, String type, String payload) {
      this.lease = lease;
      this.type = type;
      this.payload = payload;
    }

    /**
     * Sets which attempt at the job this is.
     *
     * @param attempt from 1
     * @return this
     */
    public Builder attempt(int attempt) {
      this.attempt = attempt;
      return this;
    }

    /**
     * Sets how many attempts the job may have.
     *
     * @param maxAttempts at least 1
     * @return this
     */
    public Builder maxAttempts(int maxAttempts) {
      this.maxAttempts = maxAttempts;
      return this;
    }

    /**
     * Sets its priority.
     *
     * @param priority 0 to 9
     * @return this
     */
    public Builder priority(int priority) {
      this.priority = priority;
      return this;
    }

    /**
     * Sets when it became due.
     *
     * @param dueAt when it became due; must be set
     * @return this
     */
    public Builder dueAt(Instant dueAt) {
      this.dueAt = dueAt;
      return this;
    }

    /**
     * Sets the headers.
     *
     * @param headers at most 32
     * @return this
     */
    public Builder headers(Map<String, String> headers) {
      this.headers = headers;
      return this;
    }

    /**
     * Builds the claimed job.
     *
     * @return the claimed job
     * @throws IllegalArgumentException if dueAt is missing
     */
    public ClaimedJob build() {
      return new ClaimedJob(this);
    }
  }
}
