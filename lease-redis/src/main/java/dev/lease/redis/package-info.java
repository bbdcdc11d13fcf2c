/** Leases and job queues on Redis: to come. */
@NullMarked
package dev.lease.redis;

import org.jspecify.annotations.NullMarked;
