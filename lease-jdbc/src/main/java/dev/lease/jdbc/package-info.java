/** Leases and job queues on SQL databases. */
@NullMarked
package dev.lease.jdbc;

import org.jspecify.annotations.NullMarked;
