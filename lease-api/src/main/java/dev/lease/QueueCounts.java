package dev.lease;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of one queue, counted.
 *
 * @param queue the queue
 * @param jobs how many there are in each state; a state without jobs may be missing
 * @param expired how many of those in PROCESSING have an expired lease: they wait for a claim, and
 *     a number that stays says that nobody claims
 * @param oldestDue the earliest due time of the jobs that could be claimed now, null if there is
 *     none
 * @param paused whether the queue is paused
 * @param asOf the store's clock when it answered
 */
public record QueueCounts(
    String queue,
    Map<JobState, Long> jobs,
    long expired,
    @Nullable Instant oldestDue,
    boolean paused,
    Instant asOf) {

  /** Copies the map. */
  public QueueCounts {
    jobs = Map.copyOf(jobs);
  }

  /**
   * The number of jobs in a state.
   *
   * @param state the state
   * @return the number, 0 if there are none
   */
  public long count(JobState state) {
    return jobs.getOrDefault(state, 0L);
  }
}
