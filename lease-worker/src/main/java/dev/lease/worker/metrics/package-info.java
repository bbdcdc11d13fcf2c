/** What Micrometer measures of a worker and of the queues of a store. */
@NullMarked
package dev.lease.worker.metrics;

import org.jspecify.annotations.NullMarked;
