package dev.lease;

import java.time.Instant;
import java.util.Map;

/**
 * A job that a claim gave to a worker.
 *
 * @param lease the lease under which the worker has it
 * @param type what kind of work it is
 * @param payload the input of the work
 * @param attempt which claim of the job this is, from 1; claims that were released do not count
 * @param maxAttempts how many attempts the job has
 * @param priority its priority, 0 to 9
 * @param dueAt when it became due, for display
 * @param headers what travels with it
 */
public record ClaimedJob(
    JobLease lease,
    String type,
    String payload,
    int attempt,
    int maxAttempts,
    int priority,
    Instant dueAt,
    Map<String, String> headers) {

  /** Makes the job; the parts come from a store, which has checked them. */
  public ClaimedJob {
    headers = Map.copyOf(headers);
  }
}
