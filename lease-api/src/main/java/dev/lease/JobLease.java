package dev.lease;

import java.time.Instant;

/**
 * The right to work on a job. A worker has it from its claim until the expiry.
 *
 * @param queue the queue
 * @param jobId the job
 * @param owner the worker, for operators
 * @param token the fencing token of this claim, and the credential of every write under it; larger
 *     than that of every earlier claim of the job [Q11, Q17]
 * @param expiresAt when the lease expires by the store's clock, unless it is extended; for display
 */
public record JobLease(String queue, String jobId, String owner, long token, Instant expiresAt) {

  /**
   * Checks the names and that no part is null. Accepts any token, since the store judges it.
   *
   * @param queue the queue
   * @param jobId the job
   * @param owner the worker
   * @param token the fencing token
   * @param expiresAt when the lease expires
   */
  public JobLease {
    Limits.name("queue", queue);
    Limits.name("job id", jobId);
    Limits.name("owner", owner);
    Limits.notNull("expiresAt", expiresAt);
  }
}
