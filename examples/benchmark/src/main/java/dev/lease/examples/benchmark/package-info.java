/** What Lease does in a second and what a job costs, beside its peers on the same machine. */
@NullMarked
package dev.lease.examples.benchmark;

import org.jspecify.annotations.NullMarked;
