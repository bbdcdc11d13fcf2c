package dev.lease;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A job to enqueue. The builder checks every value against {@link Limits} [Q09]. */
public final class NewJob {

  /** The priority of a job that names none. */
  public static final int DEFAULT_PRIORITY = 5;

  /** The number of attempts of a job that names none. */
  public static final int DEFAULT_MAX_ATTEMPTS = 3;

  private final String queue;
  private final String id;
  private final String type;
  private final String payload;
  private final int priority;
  private final Due due;
  private final int maxAttempts;
  private final @Nullable String dedupKey;
  private final Map<String, String> headers;
  private final @Nullable Duration keep;

  private NewJob(Builder builder) {
    queue = Limits.name("queue", builder.queue);
    id = Limits.name("job id", builder.id);
    type = Limits.name("job type", builder.type);
    payload = Limits.text("payload", builder.payload);
    priority = Limits.between("priority", builder.priority, 0, Limits.MAX_PRIORITY);
    due = Limits.notNull("due", builder.due);
    maxAttempts = Limits.between("maxAttempts", builder.maxAttempts, 1, Integer.MAX_VALUE);
    dedupKey = builder.dedupKey == null ? null : Limits.name("dedup key", builder.dedupKey);
    headers = Limits.headers(builder.headers);
    keep = builder.keep == null ? null : Limits.delay("keep", builder.keep);
  }

  /**
   * Starts a builder with the defaults: priority 5, due now, 3 attempts, no dedup key, no headers,
   * kept for the store's default time.
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

  /**
   * Starts a builder with the values of this one.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(queue, id, type, payload)
        .priority(priority)
        .due(due)
        .maxAttempts(maxAttempts)
        .dedupKey(dedupKey)
        .headers(headers)
        .keep(keep);
  }

  /**
   * The queue.
   *
   * @return a name
   */
  public String queue() {
    return queue;
  }

  /**
   * The identity of the job within its queue. The caller chooses it before it first tries to
   * enqueue the job, so that repeating the call is safe [Q02]. Time-ordered UUIDs keep an index
   * compact.
   *
   * @return a name
   */
  public String id() {
    return id;
  }

  /**
   * What kind of work it is.
   *
   * @return a name
   */
  public String type() {
    return type;
  }

  /**
   * The input of the work, stored unchanged [Q01].
   *
   * @return text of at most 1 MiB of UTF-8
   */
  public String payload() {
    return payload;
  }

  /**
   * Its priority; 9 goes first.
   *
   * @return 0 to 9
   */
  public int priority() {
    return priority;
  }

  /**
   * When it can first be claimed.
   *
   * @return the due time
   */
  public Due due() {
    return due;
  }

  /**
   * How often it may be claimed before it becomes FAILED.
   *
   * @return at least 1
   */
  public int maxAttempts() {
    return maxAttempts;
  }

  /**
   * Its dedup key. While a job with this key is not finished, its queue takes no second one [Q03,
   * Q05].
   *
   * @return a name, or null for none
   */
  public @Nullable String dedupKey() {
    return dedupKey;
  }

  /**
   * Text that travels with the job beside its payload, such as a trace id.
   *
   * @return at most 32 headers, unmodifiable
   */
  public Map<String, String> headers() {
    return headers;
  }

  /**
   * How long the job is kept after it has finished.
   *
   * @return 0 to 3650 days, or null for the store's default
   */
  public @Nullable Duration keep() {
    return keep;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NewJob that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<@Nullable Object> values() {
    return Arrays.asList(
        queue, id, type, payload, priority, due, maxAttempts, dedupKey, headers, keep);
  }

  /** For log messages and failing tests. Leaves out texts that may be long or secret. */
  @Override
  public String toString() {
    return "NewJob[queue="
        + queue
        + ", id="
        + id
        + ", type="
        + type
        + ", payload of "
        + payload.length()
        + " characters, priority="
        + priority
        + ", due="
        + due
        + ", maxAttempts="
        + maxAttempts
        + ", dedupKey="
        + dedupKey
        + ", headers="
        + headers.keySet()
        + ", keep="
        + keep
        + "]";
  }

  /** Builds a {@link NewJob}; not for use by several threads. */
  public static final class Builder {
    private final String queue;
    private final String id;
    private final String type;
    private String payload;
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
     * Sets the input of the work.
     *
     * @param payload text of at most 1 MiB of UTF-8
     * @return this
     */
    public Builder payload(String payload) {
      this.payload = payload;
      return this;
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
     * Sets when the job can first be claimed.
     *
     * @param due the due time
     * @return this
     */
    public Builder due(Due due) {
      this.due = due;
      return this;
    }

    /**
     * Sets how often the job may be claimed.
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
     * Adds headers. One of the same name as an earlier one takes its place.
     *
     * @param headers at most 32 in all
     * @return this
     */
    public Builder headers(Map<String, String> headers) {
      if (!Limits.notNull("headers", headers).isEmpty()) {
        var all = new HashMap<>(this.headers);
        all.putAll(headers);
        this.headers = all;
      }
      return this;
    }

    /**
     * Sets how long the job is kept after it has finished.
     *
     * @param keep 0 to 3650 days, or null for the store's default
     * @return this
     */
    public Builder keep(@Nullable Duration keep) {
      this.keep = keep;
      return this;
    }

    /**
     * Builds the job.
     *
     * @return the job
     * @throws IllegalArgumentException if a value breaks a rule of {@link Limits}
     */
    public NewJob build() {
      return new NewJob(this);
    }
  }
}
