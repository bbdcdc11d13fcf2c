/** The conformance kit for stores, and the in-memory reference store. */
@NullMarked
package dev.lease.testkit;

import org.jspecify.annotations.NullMarked;
