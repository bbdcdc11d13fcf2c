package dev.lease.worker;

/**
 * Does the work of one type of jobs. One instance serves all slots of a worker, so it must be safe
 * for use by many threads. Users implement it, and a worker calls it.
 *
 * <p>A handler that returns has done the work. A handler that throws anything has failed this
 * attempt [W04]. A job may run again although an earlier attempt already had its effect: the worker
 * may have died before it settled the job, or may have lost the lease. So make the effect
 * repeatable. Use {@link JobContext#idempotencyKey()}, or a write that is fenced by {@link
 * JobContext#token()}.
 *
 * <p>The worker interrupts a handler when the lease is lost, when the job's cancellation was
 * requested, when the handler runs longer than its type allows, and when the worker stops and its
 * grace is over. The handler should then stop soon, with whatever exception the interrupt leads to.
 * A handler that never returns while it still has its lease is noticed only if its type has a
 * maximum run time, see {@link JobType#withMaxRunTime}.
 *
 * @param <T> the type of the payload
 */
@FunctionalInterface
public interface JobHandler<T> {

  /**
   * Does the work.
   *
   * @param payload the input, read anew for each attempt
   * @param context the attempt; any thread may use it, until this call ends
   * @throws Exception if the attempt failed
   */
  void handle(T payload, JobContext context) throws Exception;
}
