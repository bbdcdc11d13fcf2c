package dev.lease;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job to enqueue.
 *
 * @param queue the queue
 * @param id the identity of the job within its queue, made by the caller before the first attempt
 *     to enqueue, so that enqueueing is safe to repeat [Q02]. Time-ordered UUIDs keep an index
 *     compact
 * @param type what kind of work it is
 * @param payload the input of the work: text of at most 1 MiB of UTF-8, kept as it is [Q01]
 * @param priority 0 to 9; 9 goes first
 * @param due when it may first be claimed
 * @param maxAttempts how often it may be claimed before it ends FAILED, at least 1
 * @param dedupKey while a job with this key is not terminal, no second one is made in that queue
 *     [Q03, Q05]; null for none
 * @param headers what travels with the job beside its payload, such as a trace id
 * @param keep how long it stays when it is finished, 0 to 3650 days; null for the store's default
 */
public record NewJob(
    String queue,
    String id,
    String type,
    String payload,
    int priority,
    Due due,
    int maxAttempts,
    @Nullable String dedupKey,
    Map<String, String> headers,
    @Nullable Duration keep) {

  /** The priority where none is given. */
  public static final int DEFAULT_PRIORITY = 5;

  /** The number of attempts where none is given. */
  public static final int DEFAULT_MAX_ATTEMPTS = 3;

  /** Checks every part against {@link Limits} [Q09]. */
  public NewJob {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Limits.name("job type", type);
    Limits.text("payload", payload);
    Limits.between("priority", priority, 0, Limits.MAX_PRIORITY);
    Limits.notNull("due", due);
    Limits.between("maxAttempts", maxAttempts, 1, Integer.MAX_VALUE);
    if (dedupKey != null) {
      Limits.name("dedup key", dedupKey);
    }
    headers = Limits.headers(headers);
    if (keep != null) {
      Limits.delay("keep", keep);
    }
  }

  /**
   * Starts a job with the defaults: priority 5, due now, 3 attempts, no dedup key, no headers, kept
   * as long as the store keeps jobs.
   *
   * @param queue the queue
   * @param id the identity of the job within its queue
   * @param type what kind of work it is
   * @param payload the input of the work
   * @return a builder
   */
  public static Builder builder(String queue, String id, String type, String payload) {
    return new Builder(queue, id, type, payload);
  }

  /** Builds a {@link NewJob}; not for use by several threads. */
  public static final class Builder {
    private final String queue;
    private final String id;
    private final String type;
    private final String payload;
    private int priority = DEFAULT_PRIORITY;
    private Due due = Due.now();
    private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
    private @Nullable String dedupKey;
    private Map<String, String> headers = Map.of();
    private @Nullable Duration keep;

    private Builder(String queue, String id, String type, String payload) {
      this.queue = queue;
      this.id = id;
      this.type = type;
      this.payload = payload;
    }

    /**
     * Sets the priority.
     *
     * @param priority 0 to 9; 9 goes first
     * @return this
     */
    public Builder priority(int priority) {
      this.priority = priority;
      return this;
    }

    /**
     * Sets when it may first be claimed.
     *
     * @param due the due time
     * @return this
     */
    public Builder due(Due due) {
      this.due = due;
      return this;
    }

    /**
     * Sets how often it may be claimed.
     *
     * @param maxAttempts at least 1
     * @return this
     */
    public Builder maxAttempts(int maxAttempts) {
      this.maxAttempts = maxAttempts;
      return this;
    }

    /**
     * Sets the dedup key.
     *
     * @param dedupKey a name, or null for none
     * @return this
     */
    public Builder dedupKey(@Nullable String dedupKey) {
      this.dedupKey = dedupKey;
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
     * Sets how long the job stays when it is finished.
     *
     * @param keep 0 to 3650 days, or null for the store's default
     * @return this
     */
    public Builder keep(@Nullable Duration keep) {
      this.keep = keep;
      return this;
    }

    /**
     * Makes the job.
     *
     * @return the job
     * @throws IllegalArgumentException if a part breaks a rule of {@link Limits}
     */
    public NewJob build() {
      return new NewJob(
          queue, id, type, payload, priority, due, maxAttempts, dedupKey, headers, keep);
    }
  }
}
