package dev.lease.worker;

/**
 * Does the work of one type of jobs. One instance serves all slots of a worker, so it must be safe
 * for use by many threads.
 *
 * <p>To return is to say that the work is done; to throw, whatever it is, that this attempt failed
 * [W04]. A job may be given again even though an earlier attempt had its effect: the worker died
 * before it could say so, or lost its lease. Make the effect repeatable, with {@link
 * JobContext#idempotencyKey()} or with a write that is fenced by {@link JobContext#token()}.
 *
 * <p>A handler is interrupted when its lease is lost, when its job is to be cancelled, when it runs
 * longer than its type allows, and when the worker stops and its grace has run out. It should then
 * end soon, by whatever exception the interrupt leads to. One that never ends is seen only if its
 * type has a maximum, {@link JobType#withMaxRunTime}.
 *
 * @param <T> the type of the payload
 */
@FunctionalInterface
public interface JobHandler<T> {

  /**
   * Does the work.
   *
   * @param payload the input, read anew for each attempt
   * @param context the attempt; for use during this call, by any thread
   * @throws Exception if the attempt failed
   */
  void handle(T payload, JobContext context) throws Exception;
}
