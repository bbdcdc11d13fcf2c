package dev.lease;

import static java.util.stream.Collectors.joining;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Selects jobs for an operator. A job matches if all conditions hold. Start with {@link #all}; each
 * method returns a new filter with one condition set.
 */
public final class JobFilter {

  /**
   * The kinds of conditions. A store refuses a filter with one that it does not know [Q83]:
   * otherwise a delete by a filter would delete what a condition was meant to spare. More may come.
   */
  public enum Condition {
    /** {@link #inQueue}. */
    QUEUE,
    /** {@link #inState}. */
    STATE,
    /** {@link #ofType}. */
    TYPE,
    /** {@link #withKey}. */
    KEY,
    /** {@link #withIdPrefix}. */
    ID_PREFIX,
    /** {@link #withErrorText}. */
    ERROR_TEXT,
    /** {@link #createdBetween}, with one end at least. */
    CREATED,
    /** {@link #finishedBetween}, with one end at least. */
    FINISHED,
    /** {@link #withUnknownCondition}. */
    UNKNOWN
  }

  private static final JobFilter ALL =
      new JobFilter(null, Set.of(), null, null, null, null, Range.OPEN, Range.OPEN, false);

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
  private final @Nullable String key;
  private final @Nullable String idPrefix;
  private final @Nullable String errorText;
  private final Range created;
  private final Range finished;
  private final boolean unknown;

  private JobFilter(
      @Nullable String queue,
      Set<JobState> states,
      @Nullable String type,
      @Nullable String key,
      @Nullable String idPrefix,
      @Nullable String errorText,
      Range created,
      Range finished,
      boolean unknown) {
    this.queue = queue;
    this.states = states;
    this.type = type;
    this.key = key;
    this.idPrefix = idPrefix;
    this.errorText = errorText;
    this.created = created;
    this.finished = finished;
    this.unknown = unknown;
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
    return new JobFilter(queue, states, type, key, idPrefix, errorText, created, finished, unknown);
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
    Set<JobState> any = Set.copyOf(Limits.batch("states", Arrays.asList(states)));
    return new JobFilter(queue, any, type, key, idPrefix, errorText, created, finished, unknown);
  }

  /**
   * Sets the condition that the job has this type.
   *
   * @param type the type
   * @return a new filter
   */
  public JobFilter ofType(String type) {
    Limits.name("job type", type);
    return new JobFilter(queue, states, type, key, idPrefix, errorText, created, finished, unknown);
  }

  /**
   * Sets the condition that the job has this key. Needs {@link Capability#KEYS}.
   *
   * @param key the key
   * @return a new filter
   * @throws IllegalArgumentException if it breaks the rules of a name
   */
  public JobFilter withKey(String key) {
    Limits.name("key", key);
    return new JobFilter(queue, states, type, key, idPrefix, errorText, created, finished, unknown);
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
    return new JobFilter(queue, states, type, key, idPrefix, errorText, created, finished, unknown);
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
    return new JobFilter(queue, states, type, key, idPrefix, errorText, created, finished, unknown);
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
    return new JobFilter(queue, states, type, key, idPrefix, errorText, range, finished, unknown);
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
    return new JobFilter(queue, states, type, key, idPrefix, errorText, created, range, unknown);
  }

  /**
   * Sets a condition that no store knows and no job fulfils. The conformance kit sets it, to see
   * that a store refuses what a later version of Lease may add.
   *
   * @return a new filter
   */
  public JobFilter withUnknownCondition() {
    return new JobFilter(queue, states, type, key, idPrefix, errorText, created, finished, true);
  }

  /**
   * The conditions that are set.
   *
   * @return their kinds, unmodifiable; empty if every job matches
   */
  public Set<Condition> conditions() {
    Set<Condition> set = EnumSet.noneOf(Condition.class);
    add(set, Condition.QUEUE, queue != null);
    add(set, Condition.STATE, !states.isEmpty());
    add(set, Condition.TYPE, type != null);
    add(set, Condition.KEY, key != null);
    add(set, Condition.ID_PREFIX, idPrefix != null);
    add(set, Condition.ERROR_TEXT, errorText != null);
    add(set, Condition.CREATED, !created.equals(Range.OPEN));
    add(set, Condition.FINISHED, !finished.equals(Range.OPEN));
    add(set, Condition.UNKNOWN, unknown);
    return Collections.unmodifiableSet(set);
  }

  private static void add(Set<Condition> set, Condition condition, boolean isSet) {
    if (isSet) {
      set.add(condition);
    }
  }

  /**
   * Refuses a filter with a condition that a store does not know. A store calls it first in each
   * call with a filter, with the conditions that it obeys written out, so that a later version of
   * Lease adds nothing to them [Q83].
   *
   * @param known the conditions that the store obeys
   * @throws UnsupportedOperationException if this filter has another one
   */
  public void requireKnown(Set<Condition> known) {
    Limits.known(conditions(), known, this);
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
    return !unknown
        && (queue == null || queue.equals(job.queue()))
        && (states.isEmpty() || states.contains(job.state()))
        && (type == null || type.equals(job.type()))
        && (key == null || key.equals(job.key()))
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
   * The key.
   *
   * @return the key, or null for any job
   */
  public @Nullable String key() {
    return key;
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
        && Objects.equals(key, that.key)
        && Objects.equals(idPrefix, that.idPrefix)
        && Objects.equals(errorText, that.errorText)
        && created.equals(that.created)
        && finished.equals(that.finished)
        && unknown == that.unknown;
  }

  @Override
  public int hashCode() {
    return Objects.hash(queue, states, type, key, idPrefix, errorText, created, finished, unknown);
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
    add(words, "key", key);
    add(words, "id begins", idPrefix);
    add(words, "error contains", errorText);
    add(words, "created from", created.from());
    add(words, "created before", created.before());
    add(words, "finished from", finished.from());
    add(words, "finished before", finished.before());
    add(words, "unknown", unknown ? "condition" : null);
    return words.length() == 0 ? "all jobs" : words.toString();
  }

  private static void add(StringJoiner words, String name, @Nullable Object value) {
    if (value != null) {
      words.add(name + " " + value);
    }
  }
}
