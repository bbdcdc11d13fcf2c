/** The conformance kit for stores, the in-memory reference store and test servers. */
@NullMarked
package dev.lease.testkit;

import org.jspecify.annotations.NullMarked;
