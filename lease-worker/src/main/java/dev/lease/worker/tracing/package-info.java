/** Spans of OpenTelemetry for enqueues and attempts. */
@NullMarked
package dev.lease.worker.tracing;

import org.jspecify.annotations.NullMarked;
