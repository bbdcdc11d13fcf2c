package dev.lease.examples.benchmark;

import java.sql.SQLException;

/** Enqueue and drain in a bare loop. Each thread asks for turns of its own. */
interface Raw extends AutoCloseable {

  /** One turn of the loop; answers how many jobs it moved. */
  interface Turn {
    int once() throws Exception;
  }

  /** Creates the tables, if there are any. */
  void setUp() throws Exception;

  /** A turn that enqueues a batch of jobs. */
  Turn enqueue(int batch) throws Exception;

  /** A turn that settles the batch of the last turn, and claims the next one. */
  Turn drain(int batch) throws Exception;

  @Override
  void close() throws SQLException;

  /** The payload of a job, as long as in the other workloads. */
  static String payload(long id) {
    return Json.MAPPER.writeValueAsString(new LeaseJobs.Body(id, 0));
  }
}
