package dev.lease;

import java.time.Instant;

/**
 * The right to work on a job, which a worker has from its claim until the expiry.
 *
 * @param queue the queue
 * @param jobId the job
 * @param owner the worker, for operators
 * @param token the fencing token of this claim, and the credential of every write under it: larger
 *     than that of every earlier claim of the job [Q11, Q17]
 * @param expiresAt when the lease ends by the store's clock, unless it is extended; for display
 */
public record JobLease(String queue, String jobId, String owner, long token, Instant expiresAt) {

  /**
   * Checks the names and that no part is null; any token is accepted, since the store judges it.
   */
  public JobLease {
    Limits.name("queue", queue);
    Limits.name("job id", jobId);
    Limits.name("owner", owner);
    Limits.notNull("expiresAt", expiresAt);
  }
}
