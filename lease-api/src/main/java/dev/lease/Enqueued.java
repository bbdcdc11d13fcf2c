package dev.lease;

/**
 * The answer to the enqueueing of one job.
 *
 * @param id the id of the job that now exists: the one that the caller gave, or that of the job
 *     which has the dedup key
 * @param created true if this call created the job; false if it was there before and was not
 *     changed [Q02, Q04]
 */
public record Enqueued(String id, boolean created) {

  /**
   * Checks the id.
   *
   * @param id the id of the job that now exists
   * @param created true if this call created it
   */
  public Enqueued {
    Limits.name("job id", id);
  }
}
