/**
 * Leases and job queues on SQL databases: SQLite, PostgreSQL and MariaDB.
 *
 * <p>{@link dev.lease.jdbc.JdbcBackend} opens a store and gives its interfaces; {@link
 * dev.lease.jdbc.JdbcModule} does so for Guice. What a handler writes to the store's database
 * becomes real together with the settlement of its job or the value of its step, or not at all
 * [Q26, Q31]; a fence guards what is written under leases of any store [L05].
 */
@NullMarked
package dev.lease.jdbc;

import org.jspecify.annotations.NullMarked;
