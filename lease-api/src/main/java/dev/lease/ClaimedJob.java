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
  private final int failures;
  private final int maxCrashes;
  private final @Nullable Integer maxFailures;
  private final int priority;
  private final Instant dueAt;
  private final Instant claimedAt;
  private final @Nullable Instant notAfter;
  private final @Nullable String key;
  private final Map<String, String> headers;

  private ClaimedJob(Builder builder) {
    lease = builder.lease;
    type = builder.type;
    payload = builder.payload;
    attempt = builder.attempt;
    failures = builder.failures;
    maxCrashes = builder.maxCrashes;
    maxFailures = builder.maxFailures;
    priority = builder.priority;
    dueAt = Limits.notNull("dueAt", builder.dueAt);
    claimedAt = Limits.notNull("claimedAt", builder.claimedAt);
    notAfter = builder.notAfter;
    key = builder.key;
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
   * What a claim answers about a job that it has just given away. For stores that keep a job as one
   * value.
   *
   * @param job the job as the claim left it, with its lease
   * @param claimedAt the store's now
   * @return the answer
   * @throws IllegalArgumentException if the job has no lease
   */
  public static ClaimedJob of(Job job, Instant claimedAt) {
    return builder(Limits.notNull("lease", job.lease()), job.type(), job.payload())
        .attempt(job.attempts())
        .failures(job.failures())
        .maxCrashes(job.maxCrashes())
        .maxFailures(job.maxFailures())
        .priority(job.priority())
        .dueAt(job.dueAt())
        .claimedAt(claimedAt)
        .notAfter(job.notAfter())
        .key(job.key())
        .headers(job.headers())
        .build();
  }

  /**
   * Starts a builder with the values of this one.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(lease, type, payload)
        .attempt(attempt)
        .failures(failures)
        .maxCrashes(maxCrashes)
        .maxFailures(maxFailures)
        .priority(priority)
        .dueAt(dueAt)
        .claimedAt(claimedAt)
        .notAfter(notAfter)
        .key(key)
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
   * How many earlier attempts crashed: they ended without a settlement, because their lease
   * expired.
   *
   * @return the number
   */
  public int crashes() {
    return attempt - 1 - failures;
  }

  /**
   * How many earlier attempts failed: they were settled as a retry.
   *
   * @return the number
   */
  public int failures() {
    return failures;
  }

  /**
   * How many attempts may crash before the job becomes FAILED.
   *
   * @return the number
   */
  public int maxCrashes() {
    return maxCrashes;
  }

  /**
   * How many attempts may fail before the job becomes FAILED, or null if only the worker decides.
   *
   * @return the number, or null
   */
  public @Nullable Integer maxFailures() {
    return maxFailures;
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
   * The store's clock at the claim.
   *
   * @return the time
   */
  public Instant claimedAt() {
    return claimedAt;
  }

  /**
   * Its deadline, after which no attempt begins, or null.
   *
   * @return the time, not before {@link #claimedAt}; or null
   */
  public @Nullable Instant notAfter() {
    return notAfter;
  }

  /**
   * The key whose limit the job counts against, or null.
   *
   * @return the key, or null
   */
  public @Nullable String key() {
    return key;
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
    return Arrays.asList(
        lease,
        type,
        payload,
        attempt,
        failures,
        maxCrashes,
        maxFailures,
        priority,
        dueAt,
        claimedAt,
        notAfter,
        key,
        headers);
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
        + ", failures="
        + failures
        + ", maxCrashes="
        + maxCrashes
        + ", maxFailures="
        + maxFailures
        + ", priority="
        + priority
        + ", dueAt="
        + dueAt
        + ", claimedAt="
        + claimedAt
        + ", notAfter="
        + notAfter
        + ", key="
        + key
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
    private int failures;
    private int maxCrashes = NewJob.DEFAULT_MAX_CRASHES;
    private @Nullable Integer maxFailures;
    private int priority = NewJob.DEFAULT_PRIORITY;
    private @Nullable Instant dueAt;
    private @Nullable Instant claimedAt;
    private @Nullable Instant notAfter;
    private @Nullable String key;
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
     * Sets how many earlier attempts failed.
     *
     * @param failures 0 to the number of earlier attempts
     * @return this
     */
    public Builder failures(int failures) {
      this.failures = failures;
      return this;
    }

    /**
     * Sets how many attempts may crash.
     *
     * @param maxCrashes at least 1
     * @return this
     */
    public Builder maxCrashes(int maxCrashes) {
      this.maxCrashes = maxCrashes;
      return this;
    }

    /**
     * Sets how many attempts may fail.
     *
     * @param maxFailures at least 1, or null if only the worker decides
     * @return this
     */
    public Builder maxFailures(@Nullable Integer maxFailures) {
      this.maxFailures = maxFailures;
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
     * Sets the store's clock at the claim.
     *
     * @param claimedAt the time; must be set
     * @return this
     */
    public Builder claimedAt(Instant claimedAt) {
      this.claimedAt = claimedAt;
      return this;
    }

    /**
     * Sets its deadline.
     *
     * @param notAfter the time after which no attempt begins, or null
     * @return this
     */
    public Builder notAfter(@Nullable Instant notAfter) {
      this.notAfter = notAfter;
      return this;
    }

    /**
     * Sets the key whose limit it counts against.
     *
     * @param key a name, or null for none
     * @return this
     */
    public Builder key(@Nullable String key) {
      this.key = key;
      return this;
    }

    /**
     * Sets the headers.
     *
     * @param headers at most 32
     * @return this
     */
    public Builder headers(Map<String, String> headers) {
      this.headers = Limits.notNull("headers", headers);
      return this;
    }

    /**
     * Builds the claimed job.
     *
     * @return the claimed job
     * @throws IllegalArgumentException if dueAt or claimedAt is missing
     */
    public ClaimedJob build() {
      return new ClaimedJob(this);
    }
  }
}
