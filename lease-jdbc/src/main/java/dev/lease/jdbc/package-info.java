/**
 * Leases and job queues on SQL databases: SQLite, PostgreSQL and MariaDB.
 *
 * <p>{@link dev.lease.jdbc.JdbcBackend} opens a store and gives its interfaces; {@link
 * dev.lease.jdbc.JdbcModule} does so for Guice.
 */
@NullMarked
package dev.lease.jdbc;

import org.jspecify.annotations.NullMarked;
