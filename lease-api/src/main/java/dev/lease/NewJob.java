package dev.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A job to enqueue. The builder checks every value against {@link Limits} [Q09]. */
public final class NewJob {

  /** The priority of a job that names none. */
  public static final int DEFAULT_PRIORITY = 5;

  /** The number of crashes after which a job that names none is not tried again. */
  public static final int DEFAULT_MAX_CRASHES = 3;

  private static final String OWN_HEADERS = "lease-";

  private final String queue;
  private final String id;
  private final String type;
  private final String payload;
  private final int priority;
  private final Due due;
  private final @Nullable Due notAfter;
  private final int maxCrashes;
  private final @Nullable Integer maxFailures;
  private final @Nullable String dedupKey;
  private final @Nullable Duration dedupFor;
  private final @Nullable String key;
  private final Map<String, String> headers;
  private final @Nullable Duration keep;

  private NewJob(Builder builder) {
    queue = Limits.name("queue", builder.queue);
    id = Limits.name("job id", builder.id);
    type = Limits.name("job type", builder.type);
    payload = Limits.text("payload", builder.payload);
    priority = Limits.between("priority", builder.priority, 0, Limits.MAX_PRIORITY);
    due = Limits.notNull("due", builder.due);
    notAfter = deadline(builder.notAfter, due);
    maxCrashes = Limits.between("maxCrashes", builder.maxCrashes, 1, Integer.MAX_VALUE);
    maxFailures =
        builder.maxFailures == null
            ? null
            : Limits.between("maxFailures", builder.maxFailures, 1, Integer.MAX_VALUE);
    dedupKey = builder.dedupKey == null ? null : Limits.name("dedup key", builder.dedupKey);
    dedupFor = builder.dedupFor == null ? null : Limits.delay("dedupFor", builder.dedupFor);
    if (dedupFor != null && dedupKey == null) {
      throw new IllegalArgumentException(
          "dedupFor needs a dedup key: set dedupKey, or leave dedupFor out, was " + dedupFor);
    }
    key = builder.key == null ? null : Limits.name("key", builder.key);
    headers = Limits.headers(builder.headers);
    keep = builder.keep == null ? null : Limits.delay("keep", builder.keep);
  }

  /**
   * Starts a builder with the defaults: priority 5, due now, no deadline, at most 3 crashes, as
   * many failures as the worker allows, no dedup key, no key, no headers, kept for the store's
   * default time.
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
   * The job that an enqueue makes of this input. For stores that keep a job as one value.
   *
   * @param now the store's now
   * @return the job, in PENDING, as of now; times in whole microseconds
   */
  public Job toJob(Instant now) {
    return Job.builder(queue, id, type, payload)
        .priority(priority)
        .maxCrashes(maxCrashes)
        .maxFailures(maxFailures)
        .notAfter(notAfter == null ? null : notAfter.from(now))
        .dedupKey(dedupKey)
        .dedupUntil(dedupFor == null ? null : Due.after(dedupFor).from(now))
        .key(key)
        .headers(headers)
        .keep(keep)
        .createdAt(now)
        .dueAt(due.from(now))
        .asOf(now)
        .build();
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
        .notAfter(notAfter)
        .maxCrashes(maxCrashes)
        .maxFailures(maxFailures)
        .dedupKey(dedupKey)
        .dedupFor(dedupFor)
        .key(key)
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
   * enqueue the job. Then repeating the call is safe while the job is not finished, and afterwards
   * for as long as the store remembers the id: see {@link JobQueue#enqueue} [Q02]. UUIDs of version
   * 7, which sort by time, keep an index compact, and cost the least to remember.
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
   * Its deadline: no attempt begins after it. A claim that meets the job later makes it CANCELLED
   * [Q81].
   *
   * @return the deadline, or null for none
   */
  public @Nullable Due notAfter() {
    return notAfter;
  }

  /**
   * How many of its attempts may crash, which means that they end without a settlement because the
   * lease expired. With the last of them it becomes FAILED [Q20].
   *
   * @return at least 1
   */
  public int maxCrashes() {
    return maxCrashes;
  }

  /**
   * How many of its attempts may fail, which means that they are settled as a retry. With the last
   * of them it becomes FAILED [Q32].
   *
   * @return at least 1, or null if only the worker decides
   */
  public @Nullable Integer maxFailures() {
    return maxFailures;
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
   * For how long after the enqueue the dedup key stays taken, also if the job has finished and is
   * removed meanwhile [Q82]. So a job is enqueued once in a period.
   *
   * @return 0 to 3650 days, or null if the key is free once the job has finished
   */
  public @Nullable Duration dedupFor() {
    return dedupFor;
  }

  /**
   * The key whose limit the job counts against. Needs {@link Capability#KEYS}.
   *
   * @return a name, or null for none
   */
  public @Nullable String key() {
    return key;
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

  /**
   * Refuses jobs that have a key. A store without {@link Capability#KEYS} calls it at the head of
   * its {@link JobQueue#enqueue}, before any I/O.
   *
   * @param jobs the jobs, as {@link Limits#batch} returned them
   * @return the jobs
   * @throws UnsupportedOperationException if one of them has a key
   */
  public static List<NewJob> requireNoKeys(List<NewJob> jobs) {
    for (NewJob job : jobs) {
      if (job.key != null) {
        throw new UnsupportedOperationException(
            "this store has no keys (capability "
                + Capability.KEYS
                + "): leave the key of job "
                + Limits.quote(job.id)
                + " out, was "
                + Limits.quote(job.key));
      }
    }
    return jobs;
  }

  /**
   * Checks a deadline: if it and the due time are both instants or both delays, it must not be
   * before the due time.
   */
  static @Nullable Due deadline(@Nullable Due notAfter, Due due) {
    if (notAfter instanceof Due.At end
        && due instanceof Due.At start
        && end.instant().isBefore(start.instant())) {
      throw tooEarly("at " + end.instant(), "at " + start.instant());
    }
    if (notAfter instanceof Due.After end
        && due instanceof Due.After start
        && end.delay().compareTo(start.delay()) < 0) {
      throw tooEarly("in " + end.delay(), "in " + start.delay());
    }
    return notAfter;
  }

  private static IllegalArgumentException tooEarly(String notAfter, String due) {
    return new IllegalArgumentException(
        "notAfter must not be before the due time, was "
            + notAfter
            + ", and the job is due "
            + due);
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
        queue,
        id,
        type,
        payload,
        priority,
        due,
        notAfter,
        maxCrashes,
        maxFailures,
        dedupKey,
        dedupFor,
        key,
        headers,
        keep);
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
        + ", notAfter="
        + notAfter
        + ", maxCrashes="
        + maxCrashes
        + ", maxFailures="
        + maxFailures
        + ", dedupKey="
        + dedupKey
        + ", dedupFor="
        + dedupFor
        + ", key="
        + key
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
    private @Nullable Due notAfter;
    private int maxCrashes = DEFAULT_MAX_CRASHES;
    private @Nullable Integer maxFailures;
    private @Nullable String dedupKey;
    private @Nullable Duration dedupFor;
    private @Nullable String key;
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
     * Sets the deadline: no attempt begins after it. An instant is rounded up to milliseconds
     * [Q81].
     *
     * @param notAfter an instant, or a delay from the store's now at the enqueue; not before the
     *     due time if both are instants or both are delays; null for none
     * @return this
     */
    public Builder notAfter(@Nullable Due notAfter) {
      this.notAfter = notAfter;
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
     * Sets for how long after the enqueue the dedup key stays taken, whatever becomes of the job.
     *
     * @param dedupFor 0 to 3650 days; null if the key is free once the job has finished
     * @return this
     */
    public Builder dedupFor(@Nullable Duration dedupFor) {
      this.dedupFor = dedupFor;
      return this;
    }

    /**
     * Sets the key whose limit the job counts against.
     *
     * @param key a name, or null for none
     * @return this
     */
    public Builder key(@Nullable String key) {
      this.key = key;
      return this;
    }

    /**
     * Adds headers. One of the same name as an earlier one takes its place. Only those of Lease's
     * own, which begin with {@code lease-}, keep the value that they have.
     *
     * @param headers at most 32 in all
     * @return this
     * @throws IllegalArgumentException if they change a header of Lease's own, or if a name or a
     *     value is null
     */
    public Builder headers(Map<String, String> headers) {
      if (!Limits.notNull("headers", headers).isEmpty()) {
        var all = new HashMap<>(this.headers);
        headers.forEach(
            (name, value) ->
                put(
                    all,
                    Limits.notNull("header name", name),
                    Limits.notNull("header " + Limits.quote(name), value)));
        this.headers = all;
      }
      return this;
    }

    private static void put(Map<String, String> all, String name, String value) {
      String before = all.put(name, value);
      if (before != null && !before.equals(value) && name.startsWith(OWN_HEADERS)) {
        throw new IllegalArgumentException(
            ("header %s must stay %s, was %s: leave it out,"
                    + " since names that begin with %s are Lease's own")
                .formatted(
                    Limits.quote(name),
                    Limits.quote(before),
                    Limits.quote(value),
                    Limits.quote(OWN_HEADERS)));
      }
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
