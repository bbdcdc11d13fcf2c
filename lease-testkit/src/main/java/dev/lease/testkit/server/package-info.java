/**
 * Real servers for tests: in containers if Docker answers, otherwise from binaries on Maven
 * Central.
 */
@NullMarked
package dev.lease.testkit.server;

import org.jspecify.annotations.NullMarked;
