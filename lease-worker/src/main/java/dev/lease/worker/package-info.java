/** Producers, handlers and the worker. */
@NullMarked
package dev.lease.worker;

import org.jspecify.annotations.NullMarked;
