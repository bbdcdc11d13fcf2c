package dev.lease.worker;

import org.jspecify.annotations.Nullable;

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
 * requested, when the handler runs longer than its maximum run time, and when the worker stops and
 * its grace is over. The handler should then stop soon, with whatever exception the interrupt leads
 * to. A handler that never returns while it still has its lease is noticed only if it has such a
 * time, see {@link HandlerOptions.Builder#maxRunTime}.
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

  /**
   * Does the work of a type that says what its handlers return, see {@link
   * JobType#returning(Class)}. Everything else is as for a {@link JobHandler}.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   */
  @FunctionalInterface
  interface Returning<T, R> extends JobHandler<T> {

    /**
     * Does the work.
     *
     * @param payload the input, read anew for each attempt
     * @param context the attempt; any thread may use it, until this call ends
     * @return the result, which is kept with the job when it is DONE, at most 1 MiB as text; null
     *     for none
     * @throws Exception if the attempt failed
     */
    @Nullable R call(T payload, JobContext context) throws Exception;

    /** Calls {@link #call}, and sets what it returns as the result. A worker calls this. */
    @Override
    // It is a JobHandler so that the compiler takes it for a lambda where either would do.
    @SuppressWarnings("FunctionalInterfaceMethodChanged")
    default void handle(T payload, JobContext context) throws Exception {
      R result = call(payload, context);
      if (result != null) {
        context.result(result);
      }
    }
  }
}
