package dev.lease.examples.benchmark;

/** Named locks under test, in the process that uses them. */
interface Locks extends AutoCloseable {
  /** Takes a lock and gives it back; false if it was refused. */
  boolean pair(String name) throws Exception;

  @Override
  void close();
}
