package dev.lease.console.pages;

import dev.lease.Job;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Conditions that no store knows, or must not be asked for: the console looks for them in the jobs
 * that it reads. Null is no condition.
 *
 * @param worker who holds the job
 * @param dueFrom due since then
 * @param dueBefore due before then
 * @param payload what the beginning of the payload contains
 * @param error what the error contains
 */
public record Sieve(
    @Nullable String worker,
    @Nullable Instant dueFrom,
    @Nullable Instant dueBefore,
    @Nullable String payload,
    @Nullable String error) {

  /** No condition. */
  public static final Sieve OPEN = new Sieve(null, null, null, null, null);

  /** {@return whether it lets all jobs through} */
  public boolean isOpen() {
    return equals(OPEN);
  }

  /**
   * Tells whether a job meets all conditions.
   *
   * @param job the job, as the viewer may see it
   * @return true if so
   */
  public boolean lets(Job job) {
    return (worker == null || (job.lease() != null && worker.equals(job.lease().owner())))
        && (dueFrom == null || !job.dueAt().isBefore(dueFrom))
        && (dueBefore == null || job.dueAt().isBefore(dueBefore))
        && (payload == null || job.payload().contains(payload))
        && (error == null || (job.error() != null && job.error().contains(error)));
  }
}
