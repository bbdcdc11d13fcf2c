package dev.lease;

import java.time.Duration;
import java.time.Instant;

/**
 * A named lease as the store granted or read it.
 *
 * @param name the name of what is leased
 * @param owner who holds it, for operators; two holders may use the same owner name
 * @param token the fencing token of this grant, larger than that of every earlier grant of the name
 *     [L05]. Pass it to the resource that the lease protects, and let the resource refuse smaller
 *     ones
 * @param expiresAt when the lease expires by the store's clock; never later than the stored expiry
 *     [L20]
 * @param asOf the store's clock when it answered
 */
public record Lease(String name, String owner, long token, Instant expiresAt, Instant asOf) {

  /**
   * Checks the names and that no part is null. Accepts any token, since the store judges it.
   *
   * @param name the name of what is leased
   * @param owner who holds it
   * @param token the fencing token
   * @param expiresAt when the lease expires
   * @param asOf the store's clock when it answered
   */
  public Lease {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.notNull("expiresAt", expiresAt);
    Limits.notNull("asOf", asOf);
  }

  /**
   * The time that the lease had left when the store answered. A holder adds it to the monotonic
   * time that it read before it sent the request.
   *
   * @return the time left, more than zero for a lease that a store returned
   */
  public Duration remaining() {
    return Duration.between(asOf, expiresAt);
  }
}
