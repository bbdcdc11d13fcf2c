package dev.lease.examples.benchmark;

/** A queue of jobs under test, in the process that uses it. */
interface Subject extends AutoCloseable {

  /** Which rows are in the way of a drain. */
  enum Obstacle {
    FINISHED,
    LATER,
    HELD
  }

  /** Makes tables, where there are any. */
  void setUp() throws Exception;

  /** Gets ready to enqueue. */
  void openClient() throws Exception;

  void enqueue(long id, long stamp) throws Exception;

  void enqueueAll(long first, int count, long stamp) throws Exception;

  /** Puts in rows that are not for the drain. */
  default void obstruct(Obstacle kind, int count) throws Exception {
    throw new UnsupportedOperationException("it makes no jobs that are " + kind);
  }

  /** Gets a worker ready that is not started yet. */
  void prepareWorker(Handling handling) throws Exception;

  void startWorker() throws Exception;

  /** How many jobs are not finished, those put in the way aside. */
  long left() throws Exception;

  /** Ends the worker, and waits for what it has begun. */
  @Override
  void close();
}
