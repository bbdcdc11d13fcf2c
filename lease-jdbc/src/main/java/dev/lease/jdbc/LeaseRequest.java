package dev.lease.jdbc;

import java.time.Duration;

/**
 * A named lease that somebody wants.
 *
 * @param name its name
 * @param owner who wants it
 * @param leaseDuration for how long
 */
record LeaseRequest(String name, String owner, Duration leaseDuration) {}
