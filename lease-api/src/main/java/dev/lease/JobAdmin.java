package dev.lease;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What operators do with jobs. Workers do not need it, and a store may come without it.
 *
 * <p>The rules that hold for all calls stand in the {@linkplain dev.lease package}. Calls that take
 * a limit do a bounded piece of work; call them until they answer less than the limit.
 */
public interface JobAdmin {

  /**
   * Reads jobs in the order asked for, as far as the store has one, and changes nothing [Q48]. A
   * job that stays the same while one pages through is listed once. The leases that are held now
   * are the jobs in state PROCESSING.
   *
   * @param filter which jobs
   * @param order which first
   * @param after {@link JobPage#next} of the page before, of the same filter and order, or null for
   *     the first
   * @param limit the most jobs of the page, 1 to 1000; a page may have less, even none, and others
   *     follow as long as it has a next
   * @return the page
   * @throws IllegalArgumentException if {@code after} is not of this store
   * @throws StoreException if the store could not answer
   */
  JobPage list(JobFilter filter, JobOrder order, @Nullable String after, int limit);

  /**
   * Reads the last failed attempts of a job: those that ended with a retry or a failure, and those
   * whose lease ran out, once a claim or a reset met it [Q57]. They stay over requeues and go with
   * the job.
   *
   * @param queue the queue
   * @param id the job
   * @return the last {@value Limits#MAX_FAILED_ATTEMPTS} at most, oldest first; empty if there were
   *     none, or there is no such job
   * @throws StoreException if the store could not answer
   */
  List<FailedAttempt> failedAttempts(String queue, String id);

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
   * @return how many it changed, and which of them it ended [Q20]
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Reset resetExpired(String queue, int limit);

  /** What became of a job that was to be cancelled. */
  enum Cancellation {
    /** It waited, and is CANCELLED now. */
    CANCELLED,
    /** It runs, and its holder learns of it with its next extension. */
    REQUESTED,
    /** It was finished already, and is as it was. */
    FINISHED,
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

  /**
   * Cancels many jobs, each as {@link #cancel(String, String)} does, a bounded piece a call [Q58].
   *
   * <p>A job has to meet the filter when its piece is read; one that changes just then may be taken
   * as it was. The default asks for a page and cancels its jobs one by one. A store may do it in
   * one trip.
   *
   * @param filter which jobs
   * @param after {@link JobPiece#next} of the piece before, of the same filter, or null for the
   *     first
   * @param limit the most jobs of the piece, 1 to 1000
   * @return how many it cancelled or marked, those that were marked before as well, and how to go
   *     on
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  default JobPiece cancel(JobFilter filter, @Nullable String after, int limit) {
    JobPage page = list(filter, JobOrder.OLDEST_FIRST, after, limit);
    int changed = 0;
    for (Job job : page.jobs()) {
      Cancellation cancellation = cancel(job.queue(), job.id());
      if (cancellation == Cancellation.CANCELLED || cancellation == Cancellation.REQUESTED) {
        changed++;
      }
    }
    return JobPiece.of(changed, page.next());
  }

  /** What became of a job that was to be requeued. */
  enum Requeue {
    /** It is PENDING now. */
    REQUEUED,
    /** Its dedup key is held by another job; nothing was changed. */
    CONFLICT,
    /** It was not FAILED or CANCELLED; nothing was changed. */
    NOT_FAILED,
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
   * Requeues many jobs, each as {@link #requeue(String, String)} does, a bounded piece a call
   * [Q58]. Those whose dedup key is taken stay as they are.
   *
   * <p>A job has to meet the filter when its piece is read; one that changes just then may be taken
   * as it was. The default asks for a page and requeues its jobs one by one. A store may do it in
   * one trip.
   *
   * @param filter which jobs
   * @param after {@link JobPiece#next} of the piece before, of the same filter, or null for the
   *     first
   * @param limit the most jobs of the piece, 1 to 1000
   * @return how many it requeued, and how to go on
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  default JobPiece requeue(JobFilter filter, @Nullable String after, int limit) {
    JobPage page = list(filter, JobOrder.OLDEST_FIRST, after, limit);
    int changed = 0;
    for (Job job : page.jobs()) {
      if (requeue(job.queue(), job.id()) == Requeue.REQUEUED) {
        changed++;
      }
    }
    return JobPiece.of(changed, page.next());
  }

  /** What became of a job that was to be changed. */
  enum Change {
    /** It is as asked for now. */
    CHANGED,
    /** A worker holds it, or held it and nobody has met its end yet; nothing was changed. */
    HELD,
    /** It is finished; nothing was changed. */
    FINISHED,
    /** There is no such job. */
    NOT_FOUND
  }

  /**
   * Changes a job that waits, in PENDING or RETRY, in one atomic step; its state, id, dedup key,
   * checkpoints and attempts made stay [Q56].
   *
   * @param queue the queue
   * @param id the job
   * @param change what to change
   * @return what became of it
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Change change(String queue, String id, JobChange change);

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
   * Deletes many jobs, each as {@link #delete(String, String)} does, a bounded piece a call [Q58].
   *
   * <p>A job has to meet the filter when its piece is read; one that changes just then may be taken
   * as it was. The default asks for a page and deletes its jobs one by one. A store may do it in
   * one trip.
   *
   * @param filter which jobs
   * @param after {@link JobPiece#next} of the piece before, of the same filter, or null for the
   *     first
   * @param limit the most jobs of the piece, 1 to 1000
   * @return how many it deleted, and how to go on
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  default JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
    JobPage page = list(filter, JobOrder.OLDEST_FIRST, after, limit);
    int changed = 0;
    for (Job job : page.jobs()) {
      if (delete(job.queue(), job.id())) {
        changed++;
      }
    }
    return JobPiece.of(changed, page.next());
  }

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
   * Removes finished jobs that finished longer ago than asked, whatever time they are to be kept,
   * with their checkpoints [Q46]. Their ids can then be enqueued anew; ids that are remembered of
   * jobs that went before stay so.
   *
   * @param queue the queue
   * @param olderThan how long ago they finished at least, 0 to 3650 days
   * @param limit the most jobs to remove, 1 to 1000
   * @return how many it removed
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  int purge(String queue, Duration olderThan, int limit);

  /**
   * Removes finished jobs whose time to be kept has run out: that of the job, or the store's
   * default for the state in which it finished [Q46]. The store goes on remembering an id that it
   * has to by Q02.
   *
   * @param queue the queue
   * @param limit the most jobs to remove, 1 to 1000
   * @return how many it removed
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  int purge(String queue, int limit);
}
