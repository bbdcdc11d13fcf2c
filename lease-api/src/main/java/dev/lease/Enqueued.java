package dev.lease;

/**
 * What became of one job that was enqueued.
 *
 * @param id the id of the job that now exists: the caller's own, or that of the job that held the
 *     dedup key
 * @param created true if this call made it; false if it was there, in which case it was left as it
 *     is [Q02, Q04]
 */
public record Enqueued(String id, boolean created) {

  /** Checks the id. */
  public Enqueued {
    Limits.name("job id", id);
  }
}
