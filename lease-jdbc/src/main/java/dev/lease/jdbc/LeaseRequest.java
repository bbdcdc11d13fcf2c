package dev.lease.jdbc;

import java.time.Duration;

/**
 * A named lease that a caller wants to acquire.
 *
 * @param name its name
 * @param owner the new owner
 * @param leaseDuration for how long
 */
record LeaseRequest(String name, String owner, Duration leaseDuration) {}
