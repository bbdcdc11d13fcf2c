package dev.lease.worker;

import dev.lease.FinishedJob;
import java.time.Duration;

/**
 * Hears what a worker does with its jobs, for metrics, alarms and logs. Add it with {@link
 * Worker.Builder#listen}. Every method does nothing by default.
 *
 * <p>Each listener is called on a thread of its own, one event after the other, in the order in
 * which the events happened to a job. So a slow listener holds up neither the worker nor another
 * listener. If {@value #MOST_WAITING} events wait for it, or events with headers, errors and
 * exceptions of {@value #MOST_WAITING_CHARS} characters, further ones are dropped, and the log says
 * how many. What a listener throws is logged and changes nothing. When the worker stops, a listener
 * has a second for the events that still wait.
 *
 * <p>Events are news, not a record: they are lost with the process. What must not be lost is in the
 * store, see {@link dev.lease.JobAdmin#list}.
 *
 * <p>Users implement this interface, and a worker calls it. It grows only by methods that do
 * nothing by default.
 */
public interface WorkerListener {

  /** How many events may wait for a listener. */
  int MOST_WAITING = 10_000;

  /**
   * How many characters the events that wait for a listener may hold, about: headers, errors, and
   * exceptions, each of which counts as 10,000 characters beside its message.
   */
  int MOST_WAITING_CHARS = 16_000_000;

  /**
   * The worker has claimed a job. Its handler starts when a slot is free.
   *
   * @param job the job
   */
  default void claimed(JobEvent job) {}

  /**
   * The handler of a job is called.
   *
   * @param job the job
   */
  default void started(JobEvent job) {}

  /**
   * An attempt has ended, and the store has answered: {@link JobEvent#end} says how. Each attempt
   * that was claimed ends once, unless the worker stops or dies before the store has answered.
   *
   * @param job the job, with its end; with its run time and its failure, if its handler was called;
   *     and with the delay until the next attempt, if there is one
   */
  default void attemptEnded(JobEvent job) {}

  /**
   * A claim or a reset of this worker has finished a job that was spent, whichever worker had it
   * before: no handler will run again. Its {@link FinishedJob#state()} tells why: it is FAILED if
   * it crashed too often, and CANCELLED if that was requested and its lease had expired, or if its
   * deadline had passed [Q20, Q38, Q81].
   *
   * @param job the job
   */
  default void spent(FinishedJob job) {}

  /**
   * A handler ignores its interrupt, and the worker no longer holds its job. Its slot is taken
   * until the handler returns [W13].
   *
   * @param job the job
   */
  default void stuck(JobEvent job) {}

  /**
   * The worker has extended leases of a queue, with one call.
   *
   * @param worker the name of the worker
   * @param queue the queue
   * @param lag how long after the planned time the latest of them was extended: after a third of
   *     the lease. Zero if all were in time. A lease is lost once the rest of it has passed
   */
  default void extended(String worker, String queue, Duration lag) {}

  /**
   * A call to the store has failed, after all had succeeded.
   *
   * @param worker the name of the worker
   * @param queue the queue that the call was for
   * @param failure what the store threw
   */
  default void outageBegan(String worker, String queue, Throwable failure) {}

  /**
   * All calls to the store succeed again.
   *
   * @param worker the name of the worker
   * @param length how long it took
   */
  default void outageEnded(String worker, Duration length) {}
}
