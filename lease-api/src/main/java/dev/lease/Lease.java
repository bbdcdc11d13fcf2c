package dev.lease;

import java.time.Duration;
import java.time.Instant;

/**
 * A named lease as the store granted or read it.
 *
 * @param name the name of what is leased
 * @param owner who holds it, for operators; two holders may carry the same name
 * @param token the fencing token of this grant: larger than that of every earlier grant of the name
 *     [L05]. Hand it to the resource that the lease protects, and let that refuse smaller ones
 * @param expiresAt when the lease ends by the store's clock; never later than the store has it
 *     [L20]
 * @param asOf the store's clock when it answered
 */
public record Lease(String name, String owner, long token, Instant expiresAt, Instant asOf) {

  /**
   * Checks the names and that no part is null; any token is accepted, since the store judges it.
   */
  public Lease {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.notNull("expiresAt", expiresAt);
    Limits.notNull("asOf", asOf);
  }

  /**
   * How long the lease lasted still when the store answered. A holder adds it to a monotonic clock
   * that it read before it asked.
   *
   * @return the time left, more than zero for a lease that the store answered
   */
  public Duration remaining() {
    return Duration.between(asOf, expiresAt);
  }
}
