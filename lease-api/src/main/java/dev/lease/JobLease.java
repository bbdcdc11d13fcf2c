package dev.lease;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The right to work on a job. A worker has it from its claim until the expiry.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class JobLease {

  private final String queue;
  private final String jobId;
  private final String owner;
  private final long token;
  private final Instant expiresAt;
  private final @Nullable String place;

  private JobLease(
      String queue,
      String jobId,
      String owner,
      long token,
      Instant expiresAt,
      @Nullable String place) {
    this.queue = Limits.name("queue", queue);
    this.jobId = Limits.name("job id", jobId);
    this.owner = Limits.name("owner", owner);
    this.token = token;
    this.expiresAt = Limits.notNull("expiresAt", expiresAt);
    this.place = Limits.place(place);
  }

  /**
   * Creates a lease without a place. Accepts any token, since the store judges it.
   *
   * @param queue the queue
   * @param jobId the job
   * @param owner the worker
   * @param token the fencing token
   * @param expiresAt when the lease expires
   * @return the lease
   * @throws IllegalArgumentException if one is null, or not a name where it has to be
   */
  public static JobLease of(
      String queue, String jobId, String owner, long token, Instant expiresAt) {
    return new JobLease(queue, jobId, owner, token, expiresAt, null);
  }

  /**
   * Returns this lease with another place.
   *
   * @param place text of at most {@value Limits#MAX_PLACE_BYTES} bytes of UTF-8, or null for none
   * @return the lease
   * @throws IllegalArgumentException if the place is longer, or has U+0000 or a lone surrogate
   */
  public JobLease withPlace(@Nullable String place) {
    return new JobLease(queue, jobId, owner, token, expiresAt, place);
  }

  /** {@return the queue} */
  public String queue() {
    return queue;
  }

  /** {@return the job} */
  public String jobId() {
    return jobId;
  }

  /** {@return the worker, for operators} */
  public String owner() {
    return owner;
  }

  /**
   * The fencing token of this claim, and the credential of every write under it.
   *
   * @return a number larger than that of every earlier claim of the job [Q11, Q17]
   */
  public long token() {
    return token;
  }

  /** {@return when the lease expires by the store's clock, unless it is extended; for display} */
  public Instant expiresAt() {
    return expiresAt;
  }

  /**
   * Where the job lies in a store that is made of several. Such a store sets it at the claim, and
   * gets it back with each call under this lease. Nobody else reads it.
   *
   * @return the place, or null if the store needs none
   */
  public @Nullable String place() {
    return place;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobLease that
        && queue.equals(that.queue)
        && jobId.equals(that.jobId)
        && owner.equals(that.owner)
        && token == that.token
        && expiresAt.equals(that.expiresAt)
        && Objects.equals(place, that.place);
  }

  @Override
  public int hashCode() {
    return Objects.hash(queue, jobId, owner, token, expiresAt, place);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "JobLease[queue="
        + queue
        + ", jobId="
        + jobId
        + ", owner="
        + owner
        + ", token="
        + token
        + ", expiresAt="
        + expiresAt
        + (place == null ? "" : ", place=" + place)
        + "]";
  }
}
