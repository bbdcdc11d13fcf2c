package dev.lease.jdbc;

/**
 * For how long finished jobs stay that do not say it themselves.
 *
 * @param done DONE jobs, in microseconds
 * @param ended FAILED and CANCELLED jobs, in microseconds
 */
record Retention(long done, long ended) {}
