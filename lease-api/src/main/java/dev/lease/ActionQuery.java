package dev.lease;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to read with {@link JobAdmin#actions}: which acts of operators, and how many. Start with
 * {@link #all}, {@link #inQueue} or {@link #ofJob}. Immutable.
 */
public final class ActionQuery {

  /** How many acts a page has at most, unless {@link #limit(int)} says otherwise. */
  public static final int DEFAULT_LIMIT = 100;

  /**
   * The kinds of conditions. A store refuses a query with one that it does not know [Q83]: more
   * kinds may come.
   */
  public enum Condition {
    /** The queue of the act. */
    QUEUE,
    /** The job of the act. */
    JOB,
    /** {@link #withUnknownCondition}. */
    UNKNOWN
  }

  private final @Nullable String queue;
  private final @Nullable String jobId;
  private final @Nullable String after;
  private final int limit;
  private final boolean unknown;

  private ActionQuery(
      @Nullable String queue,
      @Nullable String jobId,
      @Nullable String after,
      int limit,
      boolean unknown) {
    this.queue = queue;
    this.jobId = jobId;
    this.after = after;
    this.limit = limit;
    this.unknown = unknown;
  }

  /**
   * A query for the first page of all acts.
   *
   * @return the query
   */
  public static ActionQuery all() {
    return new ActionQuery(null, null, null, DEFAULT_LIMIT, false);
  }

  /**
   * A query for the first page of the acts on a queue and on its jobs.
   *
   * @param queue the queue
   * @return the query
   */
  public static ActionQuery inQueue(String queue) {
    return new ActionQuery(Limits.name("queue", queue), null, null, DEFAULT_LIMIT, false);
  }

  /**
   * A query for the first page of the acts on one job. A record of many jobs names none of them, so
   * it is not among these.
   *
   * @param queue the queue
   * @param id the job
   * @return the query
   */
  public static ActionQuery ofJob(String queue, String id) {
    return new ActionQuery(
        Limits.name("queue", queue), Limits.name("job id", id), null, DEFAULT_LIMIT, false);
  }

  /**
   * Sets where the page begins.
   *
   * @param after {@link ActionPage#next} of the page before, with the same conditions, or null for
   *     the first page
   * @return a new query
   */
  public ActionQuery after(@Nullable String after) {
    return new ActionQuery(queue, jobId, after, limit, unknown);
  }

  /**
   * Sets how many acts the page has at most.
   *
   * @param limit the most acts, 1 to 1000; by default {@value #DEFAULT_LIMIT}
   * @return a new query
   */
  public ActionQuery limit(int limit) {
    return new ActionQuery(queue, jobId, after, Limits.limit(limit), unknown);
  }

  /**
   * Sets a condition that no store knows and no act fulfils. The conformance kit sets it, to see
   * that a store refuses what a later version of Lease may add.
   *
   * @return a new query
   */
  public ActionQuery withUnknownCondition() {
    return new ActionQuery(queue, jobId, after, limit, true);
  }

  /** {@return the queue; null for all queues} */
  public @Nullable String queue() {
    return queue;
  }

  /** {@return the job; null for all acts} */
  public @Nullable String jobId() {
    return jobId;
  }

  /** {@return where the page begins; null for the first page} */
  public @Nullable String after() {
    return after;
  }

  /** {@return how many acts the page has at most} */
  public int limit() {
    return limit;
  }

  /** {@return the kinds of conditions that are set, unmodifiable; empty for all acts} */
  public Set<Condition> conditions() {
    Set<Condition> set = EnumSet.noneOf(Condition.class);
    if (queue != null) {
      set.add(Condition.QUEUE);
    }
    if (jobId != null) {
      set.add(Condition.JOB);
    }
    if (unknown) {
      set.add(Condition.UNKNOWN);
    }
    return Collections.unmodifiableSet(set);
  }

  /**
   * Refuses what a store does not know. A store calls it first in {@link JobAdmin#actions}, with
   * what it knows written out, so that a later version of Lease adds nothing to it [Q83].
   *
   * @param known the conditions that the store obeys
   * @throws UnsupportedOperationException if this query has another one
   */
  public void requireKnown(Set<Condition> known) {
    Limits.known(conditions(), known, this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ActionQuery that
        && Objects.equals(queue, that.queue)
        && Objects.equals(jobId, that.jobId)
        && Objects.equals(after, that.after)
        && limit == that.limit
        && unknown == that.unknown;
  }

  @Override
  public int hashCode() {
    return Objects.hash(queue, jobId, after, limit, unknown);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "ActionQuery[queue="
        + queue
        + ", jobId="
        + jobId
        + ", after="
        + after
        + ", limit="
        + limit
        + (unknown ? ", unknown" : "")
        + "]";
  }
}
