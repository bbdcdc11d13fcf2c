/**
 * Leases and job queues on SQL databases: SQLite, PostgreSQL, MariaDB, and those for which somebody
 * writes a {@link dev.lease.jdbc.Dialect}.
 *
 * <p>{@link dev.lease.jdbc.JdbcBackend} opens a store and gives its interfaces; {@link
 * dev.lease.jdbc.JdbcModule} does so for Guice. A handler can write to the store's database in one
 * transaction with the settlement of its job, or with the value of its step [Q26, Q31]. A fence
 * guards what is written under leases of any store [L05].
 */
@NullMarked
package dev.lease.jdbc;

import org.jspecify.annotations.NullMarked;
