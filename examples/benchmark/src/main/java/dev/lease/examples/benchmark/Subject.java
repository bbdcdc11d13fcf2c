package dev.lease.examples.benchmark;

/** The queue of jobs that is measured, in the process that uses it. */
interface Subject extends AutoCloseable {

  /** The other jobs that a drain finds in its queue. */
  enum Obstacle {
    FINISHED,
    LATER,
    HELD
  }

  /** Creates the tables, if there are any. */
  void setUp() throws Exception;

  /** Opens the client that enqueues. */
  void openClient() throws Exception;

  void enqueue(long id, long stamp) throws Exception;

  void enqueueAll(long first, int count, long stamp) throws Exception;

  /** Adds jobs that the drain does not run. */
  default void obstruct(Obstacle kind, int count) throws Exception {
    throw new UnsupportedOperationException("it cannot make jobs that are " + kind);
  }

  /** Prepares a worker, without starting it. */
  void prepareWorker(Handling handling) throws Exception;

  void startWorker() throws Exception;

  /** How many jobs are not finished, without the other jobs that were added. */
  long left() throws Exception;

  /** Stops the worker, and waits for the jobs that have begun. */
  @Override
  void close();
}
