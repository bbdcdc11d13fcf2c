/** A worker and a producer as a Guice module provides them. Needs Guice. */
@NullMarked
package dev.lease.worker.guice;

import org.jspecify.annotations.NullMarked;
