package dev.lease;

import static java.util.stream.Collectors.joining;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Selects jobs for an operator. A job matches if all conditions hold. Start with {@link #all}; each
 * method returns a new filter with one condition set.
 */
public final class JobFilter {

  private static final JobFilter ALL =
      new JobFilter(null, Set.of(), null, null, null, Range.OPEN, Range.OPEN);

  /** From the first instant on, and before the second. */
  private record Range(@Nullable Instant from, @Nullable Instant before) {
    static final Range OPEN = new Range(null, null);

    boolean contains(@Nullable Instant instant) {
      if (instant == null) {
        return from == null && before == null;
      }
      return (from == null || !instant.isBefore(from))
          && (before == null || instant.isBefore(before));
    }
  }

  private final @Nullable String queue;
  private final Set<JobState> states;
  private final @Nullable String type;
  private final @Nullable String idPrefix;
  private final @Nullable String errorText;
  private final Range created;
  private final Range finished;

  private JobFilter(
      @Nullable String queue,
      Set<JobState> states,
      @Nullable String type,
      @Nullable String idPrefix,
      @Nullable String errorText,
      Range created,
      Range finished) {
    this.queue = queue;
    this.states = states;
    this.type = type;
    this.idPrefix = idPrefix;
    this.errorText = errorText;
    this.created = created;
    this.finished = finished;
  }

  /**
   * A filter that matches every job.
   *
   * @return a filter without conditions
   */
  public static JobFilter all() {
    return ALL;
  }

  /**
   * Sets the condition that the job is in this queue.
   *
   * @param queue the queue
   * @return a new filter
   */
  public JobFilter inQueue(String queue) {
    Limits.name("queue", queue);
    return new JobFilter(queue, states, type, idPrefix, errorText, created, finished);
  }

  /**
   * Sets the condition that the job is in one of these states.
   *
   * @param states the states, at least one; for jobs of any state, leave this call out
   * @return a new filter
   * @throws IllegalArgumentException if there is none, or one is null
   */
  public JobFilter inState(JobState... states) {
    if (Limits.notNull("states", states).length == 0) {
      throw new IllegalArgumentException("states must be at least one, were none");
    }
    Set<JobState> any = Set.copyOf(Limits.batch("states", List.of(states)));
    return new JobFilter(queue, any, type, idPrefix, errorText, created, finished);
  }

  /**
   * Sets the condition that the job has this type.
   *
   * @param type the type
   * @return a new filter
   */
  public JobFilter ofType(String type) {
    Limits.name("job type", type);
    return new JobFilter(queue, states, type, idPrefix, errorText, created, finished);
  }

  /**
   * Sets the condition that the id begins with this text. Case counts.
   *
   * @param idPrefix the beginning of an id, at most 200 bytes of UTF-8
   * @return a new filter
   * @throws IllegalArgumentException if it breaks the rules of a name
   */
  public JobFilter withIdPrefix(String idPrefix) {
    Limits.name("id prefix", idPrefix);
    return new JobFilter(queue, states, type, idPrefix, errorText, created, finished);
  }

  /**
   * Sets the condition that the last error contains this text. Case counts.
   *
   * @param errorText the text, at most 200 bytes of UTF-8; it is not a pattern
   * @return a new filter
   * @throws IllegalArgumentException if it breaks the rules of a name
   */
  public JobFilter withErrorText(String errorText) {
    Limits.name("error text", errorText);
    return new JobFilter(queue, states, type, idPrefix, errorText, created, finished);
  }

  /**
   * Sets the condition that the job was enqueued in this period of the store's clock.
   *
   * @param from the start of the period, or null for no start
   * @param before the end of the period, which is not part of it, or null for no end
   * @return a new filter
   */
  public JobFilter createdBetween(@Nullable Instant from, @Nullable Instant before) {
    Range range = new Range(from, before);
    return new JobFilter(queue, states, type, idPrefix, errorText, range, finished);
  }

  /**
   * Sets the condition that the job finished in this period of the store's clock. A job that is not
   * finished does not match, unless both ends are null.
   *
   * @param from the start of the period, or null for no start
   * @param before the end of the period, which is not part of it, or null for no end
   * @return a new filter
   */
  public JobFilter finishedBetween(@Nullable Instant from, @Nullable Instant before) {
    Range range = new Range(from, before);
    return new JobFilter(queue, states, type, idPrefix, errorText, created, range);
  }

  /**
   * Tells whether a job matches all conditions. A store may call this for each job that it reads,
   * or find the same jobs in its own way.
   *
   * @param job the job
   * @return true if it matches
   */
  public boolean matches(Job job) {
    String error = job.error();
    return (queue == null || queue.equals(job.queue()))
        && (states.isEmpty() || states.contains(job.state()))
        && (type == null || type.equals(job.type()))
        && (idPrefix == null || job.id().startsWith(idPrefix))
        && (errorText == null || (error != null && error.contains(errorText)))
        && created.contains(job.createdAt())
        && finished.contains(job.finishedAt());
  }

  /**
   * The queue.
   *
   * @return the queue, or null for any
   */
  public @Nullable String queue() {
    return queue;
  }

  /**
   * The states.
   *
   * @return the states, unmodifiable; empty for any state
   */
  public Set<JobState> states() {
    return states;
  }

  /**
   * The type.
   *
   * @return the type, or null for any
   */
  public @Nullable String type() {
    return type;
  }

  /**
   * The text that ids begin with.
   *
   * @return the text, or null for any id
   */
  public @Nullable String idPrefix() {
    return idPrefix;
  }

  /**
   * The text that last errors contain.
   *
   * @return the text, or null for any job, with an error or without
   */
  public @Nullable String errorText() {
    return errorText;
  }

  /**
   * The earliest time at which jobs were enqueued.
   *
   * @return the time, or null for any
   */
  public @Nullable Instant createdFrom() {
    return created.from();
  }

  /**
   * The time before which jobs were enqueued.
   *
   * @return the time, or null for any
   */
  public @Nullable Instant createdBefore() {
    return created.before();
  }

  /**
   * The earliest time at which jobs finished.
   *
   * @return the time, or null for any
   */
  public @Nullable Instant finishedFrom() {
    return finished.from();
  }

  /**
   * The time before which jobs finished.
   *
   * @return the time, or null for any
   */
  public @Nullable Instant finishedBefore() {
    return finished.before();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobFilter that
        && Objects.equals(queue, that.queue)
        && states.equals(that.states)
        && Objects.equals(type, that.type)
        && Objects.equals(idPrefix, that.idPrefix)
        && Objects.equals(errorText, that.errorText)
        && created.equals(that.created)
        && finished.equals(that.finished);
  }

  @Override
  public int hashCode() {
    return Objects.hash(queue, states, type, idPrefix, errorText, created, finished);
  }

  /** Names the conditions that are set, for records, log messages and failing tests. */
  @Override
  public String toString() {
    var words = new StringJoiner(", ");
    add(words, "queue", queue);
    if (!states.isEmpty()) {
      add(words, "state", states.stream().sorted().map(Enum::name).collect(joining(" or ")));
    }
    add(words, "type", type);
    add(words, "id begins", idPrefix);
    add(words, "error contains", errorText);
    add(words, "created from", created.from());
    add(words, "created before", created.before());
    add(words, "finished from", finished.from());
    add(words, "finished before", finished.before());
    return words.length() == 0 ? "all jobs" : words.toString();
  }

  private static void add(StringJoiner words, String name, @Nullable Object value) {
    if (value != null) {
      words.add(name + " " + value);
    }
  }
}
