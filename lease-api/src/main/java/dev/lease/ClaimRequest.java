package dev.lease;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a claim asks for. It is a value of its own, so that later versions can add to it.
 *
 * <p>Every value is checked on creation [Q11].
 */
public final class ClaimRequest {

  private final String queue;
  private final String owner;
  private final int limit;
  private final int maxBytes;
  private final Duration leaseDuration;

  private ClaimRequest(
      String queue, String owner, int limit, int maxBytes, Duration leaseDuration) {
    this.queue = Limits.name("queue", queue);
    this.owner = Limits.name("owner", owner);
    this.limit = Limits.claimLimit(limit);
    this.maxBytes = Limits.between("maxBytes", maxBytes, 1, Limits.MAX_CLAIM_BYTES);
    this.leaseDuration = Limits.lease("leaseDuration", leaseDuration);
  }

  /**
   * Creates a request for jobs whose payloads have at most {@value Limits#DEFAULT_CLAIM_BYTES}
   * bytes together.
   *
   * @param queue the queue; an unknown one is empty [Q18]
   * @param owner the caller, for operators
   * @param limit the most jobs to claim, 0 to 1000
   * @param leaseDuration how long the leases last, 1 ms to 365 days
   * @return the request
   * @throws IllegalArgumentException if a value breaks a rule of {@link Limits}
   */
  public static ClaimRequest of(String queue, String owner, int limit, Duration leaseDuration) {
    return new ClaimRequest(queue, owner, limit, Limits.DEFAULT_CLAIM_BYTES, leaseDuration);
  }

  /**
   * Returns the same request with another limit for the payloads.
   *
   * @param maxBytes the most bytes of UTF-8 that the payloads may have together, 1 to {@value
   *     Limits#MAX_CLAIM_BYTES}; the first job is given whatever its size
   * @return a new request
   * @throws IllegalArgumentException if the number is out of its range
   */
  public ClaimRequest withMaxBytes(int maxBytes) {
    return new ClaimRequest(queue, owner, limit, maxBytes, leaseDuration);
  }

  /**
   * The queue.
   *
   * @return a name
   */
  public String queue() {
    return queue;
  }

  /**
   * The caller, for operators.
   *
   * @return a name
   */
  public String owner() {
    return owner;
  }

  /**
   * The most jobs to claim.
   *
   * @return 0 to 1000
   */
  public int limit() {
    return limit;
  }

  /**
   * The most bytes of UTF-8 that the payloads of the jobs may have together; the first job is given
   * whatever its size.
   *
   * @return 1 to {@value Limits#MAX_CLAIM_BYTES}
   */
  public int maxBytes() {
    return maxBytes;
  }

  /**
   * How long the leases last.
   *
   * @return 1 ms to 365 days
   */
  public Duration leaseDuration() {
    return leaseDuration;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ClaimRequest that
        && queue.equals(that.queue)
        && owner.equals(that.owner)
        && limit == that.limit
        && maxBytes == that.maxBytes
        && leaseDuration.equals(that.leaseDuration);
  }

  @Override
  public int hashCode() {
    return Objects.hash(queue, owner, limit, maxBytes, leaseDuration);
  }

  /** For log messages. */
  @Override
  public String toString() {
    return "ClaimRequest[queue="
        + queue
        + ", owner="
        + owner
        + ", limit="
        + limit
        + ", maxBytes="
        + maxBytes
        + ", leaseDuration="
        + leaseDuration
        + "]";
  }
}
