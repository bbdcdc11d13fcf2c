package dev.lease;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs to list; all conditions have to hold.
 *
 * @param queue the queue, or null for all
 * @param states the states, or none for all
 * @param type the type, or null for all
 */
public record JobFilter(@Nullable String queue, Set<JobState> states, @Nullable String type) {

  /** Checks the names. */
  public JobFilter {
    if (queue != null) {
      Limits.name("queue", queue);
    }
    if (type != null) {
      Limits.name("job type", type);
    }
    states = Set.copyOf(Limits.notNull("states", states));
  }

  /**
   * Every job.
   *
   * @return a filter without conditions
   */
  public static JobFilter all() {
    return new JobFilter(null, Set.of(), null);
  }

  /**
   * The same, of one queue.
   *
   * @param queue the queue
   * @return a new filter
   */
  public JobFilter inQueue(String queue) {
    return new JobFilter(queue, states, type);
  }

  /**
   * The same, in some states.
   *
   * @param states the states
   * @return a new filter
   */
  public JobFilter inState(JobState... states) {
    return new JobFilter(queue, Set.copyOf(List.of(states)), type);
  }

  /**
   * The same, of one type.
   *
   * @param type the type
   * @return a new filter
   */
  public JobFilter ofType(String type) {
    return new JobFilter(queue, states, type);
  }
}
