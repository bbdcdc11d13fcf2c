package dev.lease.examples.benchmark;

/** What the handler of a job does, whoever calls it. */
@FunctionalInterface
interface Handling {
  /**
   * Notes that a job runs.
   *
   * @param id the number of the job
   * @param stamp when it was enqueued, as {@link Clock#micros()} has it; 0 for one that is not
   *     measured
   */
  void run(long id, long stamp) throws Exception;
}
