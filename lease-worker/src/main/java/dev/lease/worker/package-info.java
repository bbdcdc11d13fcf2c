/** Producers, handlers, the worker that runs them, and named leases. */
@NullMarked
package dev.lease.worker;

import org.jspecify.annotations.NullMarked;
