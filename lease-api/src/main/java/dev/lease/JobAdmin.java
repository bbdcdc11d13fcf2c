package dev.lease;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people do with jobs. Workers do not need it, and a store may come without it.
 *
 * <p>The rules that hold for all calls stand in the {@linkplain dev.lease package}. Calls that take
 * a limit do a bounded piece of work; call them until they answer less than the limit.
 */
public interface JobAdmin {

  /**
   * Reads jobs, oldest first where the store has an order, and changes nothing [Q48]. A job that
   * stays the same while one pages through is listed once. The leases that are held now are the
   * jobs in state PROCESSING.
   *
   * @param filter which jobs
   * @param after {@link JobPage#next} of the page before, or null for the first
   * @param limit the most jobs of the page, 1 to 1000
   * @return the page
   * @throws IllegalArgumentException if {@code after} is not of this store
   * @throws StoreException if the store could not answer
   */
  JobPage list(JobFilter filter, @Nullable String after, int limit);

  /**
   * Counts the jobs of every queue that has any or is paused [Q48].
   *
   * @return the counts, in order of the queues' UTF-8 bytes
   * @throws StoreException if the store could not answer
   */
  List<QueueCounts> counts();

  /**
   * Makes expired jobs visible: RETRY with their due time unchanged, claimable at once; FAILED with
   * the error {@code lease expired} where their attempts are used up; CANCELLED where that was
   * asked for [Q40-Q43]. Live ones are untouched. Recovery does not need this: claims take expired
   * jobs directly.
   *
   * @param queue the queue
   * @param limit the most jobs to change, 1 to 1000
   * @return how many it changed
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  int resetExpired(String queue, int limit);

  /** What became of a job that was to be cancelled. */
  enum Cancellation {
    /** It waited, and is CANCELLED now. */
    CANCELLED,
    /** It runs, and its holder learns of it with its next extension. */
    REQUESTED,
    /** It was terminal already, and is as it was. */
    TERMINAL,
    /** There is no such job. */
    NOT_FOUND
  }

  /**
   * Cancels a job: one that waits ends at once; one that runs is marked. If it is done or failed
   * nevertheless it stays so; a retry, a release, or an expiry that a claim or reset meets ends it
   * as CANCELLED [Q38].
   *
   * @param queue the queue
   * @param id the job
   * @return what became of it
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Cancellation cancel(String queue, String id);

  /** What became of a job that was to be requeued. */
  enum Requeue {
    /** It is PENDING now. */
    REQUEUED,
    /** Its dedup key is held by another job; nothing was changed. */
    CONFLICT,
    /** It was not FAILED or CANCELLED; nothing was changed. */
    NOT_ENDED,
    /** There is no such job. */
    NOT_FOUND
  }

  /**
   * Gives a FAILED or CANCELLED job a fresh set of attempts: PENDING, due now, with its id and its
   * checkpoints; tokens go on growing [Q45].
   *
   * @param queue the queue
   * @param id the job
   * @return what became of it
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Requeue requeue(String queue, String id);

  /**
   * Deletes a job in any state, with its checkpoints. Whatever its holder still sends is lost
   * [Q38].
   *
   * @param queue the queue
   * @param id the job
   * @return false if there was no such job
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  boolean delete(String queue, String id);

  /**
   * Pauses a queue: claims give nothing of it, what runs goes on, and jobs can be enqueued [Q21].
   * Harmless when paused already.
   *
   * @param queue the queue, which need not have a job yet
   * @throws StoreException if the store could not answer
   */
  void pause(String queue);

  /**
   * Ends a pause. Harmless when not paused.
   *
   * @param queue the queue
   * @throws StoreException if the store could not answer
   */
  void resume(String queue);

  /**
   * Removes terminal jobs that finished longer ago than asked, whatever time they are to be kept,
   * with their checkpoints [Q46]. Their ids can then be enqueued anew.
   *
   * @param queue the queue
   * @param olderThan how long ago they finished at least, 0 to 3650 days
   * @param limit the most jobs to remove, 1 to 1000
   * @return how many it removed
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  int purge(String queue, Duration olderThan, int limit);

  /**
   * Removes terminal jobs whose time to be kept has run out: that of the job, or the store's
   * default for the state in which it finished [Q46].
   *
   * @param queue the queue
   * @param limit the most jobs to remove, 1 to 1000
   * @return how many it removed
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  int purge(String queue, int limit);
}
