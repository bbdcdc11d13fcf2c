/** Whole queues over several stores: {@link dev.lease.router.QueueRouter}. */
@NullMarked
package dev.lease.router;

import org.jspecify.annotations.NullMarked;
