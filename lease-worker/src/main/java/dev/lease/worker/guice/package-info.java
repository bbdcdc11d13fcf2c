/**
 * A worker and a producer as Guice modules provide, start and stop them. Needs Guice; the modules
 * for meters and traces need Micrometer and OpenTelemetry.
 */
@NullMarked
package dev.lease.worker.guice;

import org.jspecify.annotations.NullMarked;
