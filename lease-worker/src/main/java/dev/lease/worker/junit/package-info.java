/** Test workers for the tests of JUnit. */
@NullMarked
package dev.lease.worker.junit;

import org.jspecify.annotations.NullMarked;
