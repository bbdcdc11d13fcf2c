/** Real servers for tests: in containers where Docker answers, else from Maven Central. */
@NullMarked
package dev.lease.testkit.server;

import org.jspecify.annotations.NullMarked;
