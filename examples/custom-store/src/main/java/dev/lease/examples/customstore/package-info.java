/** A store of leases and jobs in one append-only file, as an example of how a store is written. */
@NullMarked
package dev.lease.examples.customstore;

import org.jspecify.annotations.NullMarked;
