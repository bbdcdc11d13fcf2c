package dev.lease.examples.benchmark;

/** The named locks that are measured, in the process that uses them. */
interface Locks extends AutoCloseable {
  /** Acquires a lock and releases it; false if it was refused. */
  boolean pair(String name) throws Exception;

  @Override
  void close();
}
