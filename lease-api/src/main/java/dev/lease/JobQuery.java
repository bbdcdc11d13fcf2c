package dev.lease;

import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to read with {@link JobAdmin#list}: which jobs, in which order, and how many. Start with
 * {@link #of}; each method returns a new query with one thing set. Immutable.
 */
public final class JobQuery {

  /** How many jobs a page has at most, unless {@link #limit(int)} says otherwise. */
  public static final int DEFAULT_LIMIT = 100;

  /** How many jobs a page examines at most, unless {@link #examineAtMost(int)} says otherwise. */
  public static final int DEFAULT_EXAMINED = 10_000;

  /** The most jobs that a page may be told to examine. */
  public static final int MAX_EXAMINED = 1_000_000;

  private final JobFilter filter;
  private final JobOrder order;
  private final @Nullable String after;
  private final int limit;
  private final boolean brief;
  private final int examineAtMost;

  private JobQuery(
      JobFilter filter,
      JobOrder order,
      @Nullable String after,
      int limit,
      boolean brief,
      int examineAtMost) {
    this.filter = filter;
    this.order = order;
    this.after = after;
    this.limit = limit;
    this.brief = brief;
    this.examineAtMost = examineAtMost;
  }

  /**
   * A query for the first page of the jobs that match a filter, oldest first.
   *
   * @param filter which jobs
   * @return the query
   */
  public static JobQuery of(JobFilter filter) {
    Limits.notNull("filter", filter);
    return new JobQuery(
        filter, JobOrder.OLDEST_FIRST, null, DEFAULT_LIMIT, false, DEFAULT_EXAMINED);
  }

  /**
   * Sets which jobs come first.
   *
   * @param order the order
   * @return a new query
   * @throws IllegalArgumentException if the order is {@link JobOrder#LAST_FINISHED_FIRST} and the
   *     filter names a state that is not finished
   */
  public JobQuery order(JobOrder order) {
    Limits.notNull("order", order);
    if (order == JobOrder.LAST_FINISHED_FIRST) {
      for (JobState state : filter.states()) {
        if (!state.isFinished()) {
          throw new IllegalArgumentException(
              "states must be finished for the order "
                  + order
                  + ", one was "
                  + state
                  + ": leave it out, or take another order");
        }
      }
    }
    return new JobQuery(filter, order, after, limit, brief, examineAtMost);
  }

  /**
   * Sets where the page begins.
   *
   * @param after {@link JobPage#next} of the page before, with the same filter and order, or null
   *     for the first page
   * @return a new query
   */
  public JobQuery after(@Nullable String after) {
    return new JobQuery(filter, order, after, limit, brief, examineAtMost);
  }

  /**
   * Sets how many jobs the page has at most.
   *
   * @param limit the most jobs, 1 to 1000; by default {@value #DEFAULT_LIMIT}
   * @return a new query
   */
  public JobQuery limit(int limit) {
    return new JobQuery(filter, order, after, Limits.limit(limit), brief, examineAtMost);
  }

  /**
   * Asks for the beginnings of long texts only: the first {@value Limits#BRIEF_CHARS} characters of
   * the payload, of the result and of the value of each header, as {@link Limits#brief} cuts them
   * [Q84]. The error stays whole.
   *
   * @return a new query
   */
  public JobQuery brief() {
    return new JobQuery(filter, order, after, limit, true, examineAtMost);
  }

  /**
   * Sets how many jobs the store examines at most for the page, whether they match or not. When it
   * has examined so many, the page ends, with a {@linkplain JobPage#next next} one, even if it is
   * empty [Q84].
   *
   * @param jobs the most jobs, 1 to {@value #MAX_EXAMINED}; by default {@value #DEFAULT_EXAMINED}
   * @return a new query
   */
  public JobQuery examineAtMost(int jobs) {
    Limits.between("examineAtMost", jobs, 1, MAX_EXAMINED);
    return new JobQuery(filter, order, after, limit, brief, jobs);
  }

  /** {@return which jobs} */
  public JobFilter filter() {
    return filter;
  }

  /** {@return which jobs come first} */
  public JobOrder order() {
    return order;
  }

  /** {@return where the page begins; null for the first page} */
  public @Nullable String after() {
    return after;
  }

  /** {@return how many jobs the page has at most} */
  public int limit() {
    return limit;
  }

  /** {@return whether long texts are cut} */
  public boolean isBrief() {
    return brief;
  }

  /** {@return how many jobs the store examines at most} */
  public int examineAtMost() {
    return examineAtMost;
  }

  /**
   * Refuses what a store does not know. A store calls it first in {@link JobAdmin#list}, with what
   * it knows written out, so that a later version of Lease adds nothing to it [Q83].
   *
   * @param conditions the conditions that the store obeys
   * @param orders the orders that it has
   * @throws UnsupportedOperationException if this query has another one
   */
  public void requireKnown(Set<JobFilter.Condition> conditions, Set<JobOrder> orders) {
    filter.requireKnown(conditions);
    if (!orders.contains(order)) {
      throw new UnsupportedOperationException(
          "this store does not know the order "
              + order
              + ": take another one, or a version of the store that knows it");
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobQuery that
        && filter.equals(that.filter)
        && order == that.order
        && Objects.equals(after, that.after)
        && limit == that.limit
        && brief == that.brief
        && examineAtMost == that.examineAtMost;
  }

  @Override
  public int hashCode() {
    return Objects.hash(filter, order, after, limit, brief, examineAtMost);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "JobQuery[filter="
        + filter
        + ", order="
        + order
        + ", after="
        + after
        + ", limit="
        + limit
        + ", brief="
        + brief
        + ", examineAtMost="
        + examineAtMost
        + "]";
  }
}
