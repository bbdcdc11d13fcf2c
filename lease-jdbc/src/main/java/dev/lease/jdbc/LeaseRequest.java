package dev.lease.jdbc;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A named lease that a caller wants to acquire.
 *
 * @param name its name
 * @param owner the new owner
 * @param leaseDuration for how long
 * @param note the note of the grant; null for none
 */
record LeaseRequest(String name, String owner, Duration leaseDuration, @Nullable String note) {}
