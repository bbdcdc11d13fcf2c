package dev.lease.examples.benchmark;

/** What the handler of a job does, in Lease and in every peer. */
@FunctionalInterface
interface Handling {
  /**
   * Records that a job runs.
   *
   * @param id the number of the job
   * @param stamp when it was enqueued, by {@link Clock#micros()}; 0 if it is not measured
   */
  void run(long id, long stamp) throws Exception;
}
