/** What answers the probes of a worker over HTTP. */
@NullMarked
package dev.lease.worker.health;

import org.jspecify.annotations.NullMarked;
