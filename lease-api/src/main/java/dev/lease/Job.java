package dev.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job as the store had it at one moment. All instants are times of the store's clock: to get an
 * age or a time left, take the difference to {@link #asOf}.
 *
 * <p>Stores create it with a builder, so that fields can be added later.
 */
public final class Job {

  private final String queue;
  private final String id;
  private final String type;
  private final String payload;
  private final int priority;
  private final int maxCrashes;
  private final @Nullable Integer maxFailures;
  private final @Nullable Instant notAfter;
  private final @Nullable String dedupKey;
  private final @Nullable Instant dedupUntil;
  private final @Nullable String key;
  private final boolean heldBack;
  private final @Nullable String graph;
  private final @Nullable String part;
  private final boolean waitsForParts;
  private final Map<String, String> headers;
  private final @Nullable Duration keep;
  private final JobState state;
  private final int attempts;
  private final int failures;
  private final @Nullable Instant claimedAt;
  private final long token;
  private final @Nullable JobLease lease;
  private final boolean cancelRequested;
  private final @Nullable Progress progress;
  private final @Nullable String result;
  private final @Nullable String error;
  private final Instant createdAt;
  private final Instant dueAt;
  private final @Nullable Instant finishedAt;
  private final Instant asOf;

  private Job(Builder builder) {
    queue = builder.queue;
    id = builder.id;
    type = builder.type;
    payload = builder.payload;
    priority = builder.priority;
    maxCrashes = builder.maxCrashes;
    maxFailures = builder.maxFailures;
    notAfter = builder.notAfter;
    dedupKey = builder.dedupKey;
    dedupUntil = builder.dedupUntil;
    key = builder.key;
    heldBack = builder.heldBack;
    graph = builder.graph;
    part = builder.part;
    waitsForParts = builder.waitsForParts;
    headers = Map.copyOf(builder.headers);
    keep = builder.keep;
    state = builder.state;
    attempts = builder.attempts;
    failures = builder.failures;
    claimedAt = builder.claimedAt;
    token = builder.token;
    lease = builder.lease;
    cancelRequested = builder.cancelRequested;
    progress = builder.progress;
    result = builder.result;
    error = builder.error;
    createdAt = Limits.notNull("createdAt", builder.createdAt);
    dueAt = Limits.notNull("dueAt", builder.dueAt);
    finishedAt = builder.finishedAt;
    asOf = Limits.notNull("asOf", builder.asOf);
  }

  /**
   * Starts a builder. The values come from a store, which has checked them.
   *
   * @param queue the queue
   * @param id its identity within the queue
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
        .maxCrashes(maxCrashes)
        .maxFailures(maxFailures)
        .notAfter(notAfter)
        .dedupKey(dedupKey)
        .dedupUntil(dedupUntil)
        .key(key)
        .heldBack(heldBack)
        .graph(graph, part)
        .waitsForParts(waitsForParts)
        .headers(headers)
        .keep(keep)
        .state(state)
        .attempts(attempts)
        .failures(failures)
        .claimedAt(claimedAt)
        .token(token)
        .lease(lease)
        .cancelRequested(cancelRequested)
        .progress(progress)
        .result(result)
        .error(error)
        .createdAt(createdAt)
        .dueAt(dueAt)
        .finishedAt(finishedAt)
        .asOf(asOf);
  }

  /**
   * The same job with long texts cut: the payload, the result and the values of the headers, each
   * by {@link Limits#brief}. A store calls it for a brief list [Q84].
   *
   * @return the job with the beginnings of these texts
   */
  public Job brief() {
    Map<String, String> cut = new HashMap<>(headers);
    cut.replaceAll((name, value) -> Limits.brief(value));
    return toBuilder()
        .payload(Limits.brief(payload))
        .result(result == null ? null : Limits.brief(result))
        .headers(cut)
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
   * Its priority: 0 to 9, 9 goes first.
   *
   * @return the priority
   */
  public int priority() {
    return priority;
  }

  /**
   * How many of its attempts may crash before it becomes FAILED.
   *
   * @return the number
   */
  public int maxCrashes() {
    return maxCrashes;
  }

  /**
   * How many of its attempts may fail before it becomes FAILED, or null if only the worker decides.
   *
   * @return the number, or null
   */
  public @Nullable Integer maxFailures() {
    return maxFailures;
  }

  /**
   * Its deadline, after which no attempt begins, or null.
   *
   * @return the time, or null
   */
  public @Nullable Instant notAfter() {
    return notAfter;
  }

  /**
   * Its dedup key, or null.
   *
   * @return the key, or null
   */
  public @Nullable String dedupKey() {
    return dedupKey;
  }

  /**
   * Until when its dedup key stays taken, also if the job has finished. Null if the key is free
   * once the job has finished. A store may leave a time in the past out.
   *
   * @return the time, or null
   */
  public @Nullable Instant dedupUntil() {
    return dedupUntil;
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
   * Whether it waits for a slot of its key, or of its queue: it is due, and claims do not look at
   * it [Q69].
   *
   * @return true if it is held back; false if it has no key
   */
  public boolean heldBack() {
    return heldBack;
  }

  /**
   * The graph that it is a job of, or null.
   *
   * @return the id of the graph, or null
   */
  public @Nullable String graph() {
    return graph;
  }

  /**
   * The part of the graph that it is a job of, or null.
   *
   * @return the name of the part, or null
   */
  public @Nullable String part() {
    return part;
  }

  /**
   * Whether it waits for other parts of its graph, or for the rest of the graph: no claim looks at
   * it [Q73].
   *
   * @return true if it waits for them; false if it is a job of no graph
   */
  public boolean waitsForParts() {
    return waitsForParts;
  }

  /**
   * Text that travels with the job beside its payload, such as a trace id.
   *
   * @return the headers, unmodifiable
   */
  public Map<String, String> headers() {
    return headers;
  }

  /**
   * How long the job is kept after it has finished. Null means the store's default, while the job
   * is not finished.
   *
   * @return the time, or null
   */
  public @Nullable Duration keep() {
    return keep;
  }

  /**
   * The state.
   *
   * @return the state
   */
  public JobState state() {
    return state;
  }

  /**
   * How often it was claimed; claims that were released do not count.
   *
   * @return the number
   */
  public int attempts() {
    return attempts;
  }

  /**
   * How many of its attempts failed: they were settled as a retry or as failed. The others crashed,
   * but for one that goes on or that ended in another way.
   *
   * @return the number, at most that of the attempts
   */
  public int failures() {
    return failures;
  }

  /**
   * When its last claim was, as far as the store can tell from the token. It stays when the hold
   * ends. Where the store's clock was set back, it can be later than the claim was, and than {@link
   * #asOf}: by microseconds also if jobs are claimed faster than the clock advances.
   *
   * @return the time; null before the first claim, and if the store cannot tell
   */
  public @Nullable Instant claimedAt() {
    return claimedAt;
  }

  /**
   * The token of its last claim. Before the first claim it is a number smaller than every later
   * token, usually 0. It stays when the hold ends, so that a worker that missed a reply can see
   * whether a settlement was its own [W03].
   *
   * @return the token
   */
  public long token() {
    return token;
  }

  /**
   * The lease of its holder while it is PROCESSING, otherwise null. The lease may have expired.
   * Null too for a job that the store did not write and that no lease can name, such as one that
   * has a blank id or no owner.
   *
   * @return the lease, or null
   */
  public @Nullable JobLease lease() {
    return lease;
  }

  /**
   * Whether somebody asked to cancel it while it runs.
   *
   * @return true if so
   */
  public boolean cancelRequested() {
    return cancelRequested;
  }

  /**
   * How far it is, or null if its handler never reported that.
   *
   * @return the progress, or null
   */
  public @Nullable Progress progress() {
    return progress;
  }

  /**
   * Its result, or null.
   *
   * @return the result, or null
   */
  public @Nullable String result() {
    return result;
  }

  /**
   * The last error, or null.
   *
   * @return the error, or null
   */
  public @Nullable String error() {
    return error;
  }

  /**
   * When it was enqueued.
   *
   * @return the time
   */
  public Instant createdAt() {
    return createdAt;
  }

  /**
   * When it is or was due.
   *
   * @return the time
   */
  public Instant dueAt() {
    return dueAt;
  }

  /**
   * When it finished, or null.
   *
   * @return the time, or null
   */
  public @Nullable Instant finishedAt() {
    return finishedAt;
  }

  /**
   * The time of the store's clock when it answered.
   *
   * @return the time
   */
  public Instant asOf() {
    return asOf;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Job that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<@Nullable Object> values() {
    return Arrays.asList(
        queue,
        id,
        type,
        payload,
        priority,
        maxCrashes,
        maxFailures,
        notAfter,
        dedupKey,
        dedupUntil,
        key,
        heldBack,
        graph,
        part,
        waitsForParts,
        headers,
        keep,
        state,
        attempts,
        failures,
        claimedAt,
        token,
        lease,
        cancelRequested,
        progress,
        result,
        error,
        createdAt,
        dueAt,
        finishedAt,
        asOf);
  }

  /** For log messages and failing tests. Leaves out texts that may be long or secret. */
  @Override
  public String toString() {
    return "Job[queue="
        + queue
        + ", id="
        + id
        + ", type="
        + type
        + ", payload of "
        + payload.length()
        + " characters"
        + ", priority="
        + priority
        + ", maxCrashes="
        + maxCrashes
        + ", maxFailures="
        + maxFailures
        + ", notAfter="
        + notAfter
        + ", dedupKey="
        + dedupKey
        + ", dedupUntil="
        + dedupUntil
        + ", key="
        + key
        + ", heldBack="
        + heldBack
        + ", graph="
        + graph
        + ", part="
        + part
        + ", waitsForParts="
        + waitsForParts
        + ", headers="
        + headers.keySet()
        + ", keep="
        + keep
        + ", state="
        + state
        + ", attempts="
        + attempts
        + ", failures="
        + failures
        + ", claimedAt="
        + claimedAt
        + ", token="
        + token
        + ", lease="
        + lease
        + ", cancelRequested="
        + cancelRequested
        + ", progress="
        + progress
        + ", result="
        + (result == null ? "none" : "of " + result.length() + " characters")
        + ", error="
        + error
        + ", createdAt="
        + createdAt
        + ", dueAt="
        + dueAt
        + ", finishedAt="
        + finishedAt
        + ", asOf="
        + asOf
        + "]";
  }

  /** Builds a job; not for use by several threads. */
  public static final class Builder {
    private final String queue;
    private final String id;
    private final String type;
    private String payload;
    private int priority = NewJob.DEFAULT_PRIORITY;
    private int maxCrashes = NewJob.DEFAULT_MAX_CRASHES;
    private @Nullable Integer maxFailures;
    private @Nullable Instant notAfter;
    private @Nullable String dedupKey;
    private @Nullable Instant dedupUntil;
    private @Nullable String key;
    private boolean heldBack;
    private @Nullable String graph;
    private @Nullable String part;
    private boolean waitsForParts;
    private Map<String, String> headers = Map.of();
    private @Nullable Duration keep;
    private JobState state = JobState.PENDING;
    private int attempts;
    private int failures;
    private @Nullable Instant claimedAt;
    private long token;
    private @Nullable JobLease lease;
    private boolean cancelRequested;
    private @Nullable Progress progress;
    private @Nullable String result;
    private @Nullable String error;
    private @Nullable Instant createdAt;
    private @Nullable Instant dueAt;
    private @Nullable Instant finishedAt;
    private @Nullable Instant asOf;

    private Builder(String queue, String id, String type, String payload) {
      this.queue = queue;
      this.id = id;
      this.type = type;
      this.payload = payload;
    }

    /**
     * Sets the input of the work.
     *
     * @param payload text
     * @return this
     */
    public Builder payload(String payload) {
      this.payload = Limits.notNull("payload", payload);
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
     * Sets how many of its attempts may crash.
     *
     * @param maxCrashes at least 1
     * @return this
     */
    public Builder maxCrashes(int maxCrashes) {
      this.maxCrashes = maxCrashes;
      return this;
    }

    /**
     * Sets how many of its attempts may fail.
     *
     * @param maxFailures at least 1, or null if only the worker decides
     * @return this
     */
    public Builder maxFailures(@Nullable Integer maxFailures) {
      this.maxFailures = maxFailures;
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
     * Sets its dedup key.
     *
     * @param dedupKey a name, or null for none
     * @return this
     */
    public Builder dedupKey(@Nullable String dedupKey) {
      this.dedupKey = dedupKey;
      return this;
    }

    /**
     * Sets until when its dedup key stays taken, whatever becomes of the job.
     *
     * @param dedupUntil the time, or null
     * @return this
     */
    public Builder dedupUntil(@Nullable Instant dedupUntil) {
      this.dedupUntil = dedupUntil;
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
     * Sets whether it waits for a slot.
     *
     * @param heldBack true if it is due and has no slot
     * @return this
     */
    public Builder heldBack(boolean heldBack) {
      this.heldBack = heldBack;
      return this;
    }

    /**
     * Sets the graph and the part that it is a job of.
     *
     * @param graph the id of the graph, or null for none
     * @param part the name of the part, or null for none
     * @return this
     */
    public Builder graph(@Nullable String graph, @Nullable String part) {
      this.graph = graph;
      this.part = part;
      return this;
    }

    /**
     * Sets whether it waits for other parts of its graph.
     *
     * @param waitsForParts true if no claim looks at it for that
     * @return this
     */
    public Builder waitsForParts(boolean waitsForParts) {
      this.waitsForParts = waitsForParts;
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
     * Sets the state.
     *
     * @param state the state
     * @return this
     */
    public Builder state(JobState state) {
      this.state = Limits.notNull("state", state);
      return this;
    }

    /**
     * Sets how often it was claimed.
     *
     * @param attempts 0 or more
     * @return this
     */
    public Builder attempts(int attempts) {
      this.attempts = attempts;
      return this;
    }

    /**
     * Sets how many of its attempts failed.
     *
     * @param failures 0 to the number of attempts
     * @return this
     */
    public Builder failures(int failures) {
      this.failures = failures;
      return this;
    }

    /**
     * Sets when its last claim was.
     *
     * @param claimedAt the time, or null before the first claim
     * @return this
     */
    public Builder claimedAt(@Nullable Instant claimedAt) {
      this.claimedAt = claimedAt;
      return this;
    }

    /**
     * Sets the token of its last claim.
     *
     * @param token the token
     * @return this
     */
    public Builder token(long token) {
      this.token = token;
      return this;
    }

    /**
     * Sets the lease of its holder while it is PROCESSING.
     *
     * @param lease the lease, or null if nobody holds it
     * @return this
     */
    public Builder lease(@Nullable JobLease lease) {
      this.lease = lease;
      return this;
    }

    /**
     * Sets whether somebody asked to cancel it while it runs.
     *
     * @param cancelRequested true if so
     * @return this
     */
    public Builder cancelRequested(boolean cancelRequested) {
      this.cancelRequested = cancelRequested;
      return this;
    }

    /**
     * Sets how far it is.
     *
     * @param progress the progress, or null
     * @return this
     */
    public Builder progress(@Nullable Progress progress) {
      this.progress = progress;
      return this;
    }

    /**
     * Sets its result.
     *
     * @param result the result, or null
     * @return this
     */
    public Builder result(@Nullable String result) {
      this.result = result;
      return this;
    }

    /**
     * Sets the last error.
     *
     * @param error the error, or null
     * @return this
     */
    public Builder error(@Nullable String error) {
      this.error = error;
      return this;
    }

    /**
     * Sets when it was enqueued.
     *
     * @param createdAt when it was enqueued; must be set
     * @return this
     */
    public Builder createdAt(Instant createdAt) {
      this.createdAt = createdAt;
      return this;
    }

    /**
     * Sets when it is or was due.
     *
     * @param dueAt when it is due; must be set
     * @return this
     */
    public Builder dueAt(Instant dueAt) {
      this.dueAt = dueAt;
      return this;
    }

    /**
     * Sets when it finished.
     *
     * @param finishedAt when it finished, or null
     * @return this
     */
    public Builder finishedAt(@Nullable Instant finishedAt) {
      this.finishedAt = finishedAt;
      return this;
    }

    /**
     * Sets the store's clock when it answered.
     *
     * @param asOf the time of the store's clock; must be set
     * @return this
     */
    public Builder asOf(Instant asOf) {
      this.asOf = asOf;
      return this;
    }

    /**
     * Builds the job.
     *
     * @return the job
     * @throws IllegalArgumentException if createdAt, dueAt or asOf is missing
     */
    public Job build() {
      return new Job(this);
    }
  }
}
