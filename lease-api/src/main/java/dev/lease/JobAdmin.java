package dev.lease;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What operators do with jobs. Workers do not need it, and a store may come without it.
 *
 * <p>The {@linkplain dev.lease package} has the rules that hold for all calls. A call that takes a
 * limit does a bounded piece of work; repeat it until it returns less than the limit. Two calls at
 * once on one job answer, and leave it, as if one had come after the other [Q59]. Each call returns
 * or throws within {@link Backend#longestCall} [L31].
 *
 * <p>Stores implement this interface; operators' programs call it, and workers to look after their
 * queues. It grows only by methods with a default.
 */
public interface JobAdmin {

  /**
   * Reads a page of jobs. Changes nothing [Q48]. A job that stays the same while the caller pages
   * through the list is listed once. To see the leases that are held now, list the jobs in state
   * PROCESSING.
   *
   * <p>A page ends when it has as many jobs as the query allows, or when the store has examined as
   * many as the query allows [Q84]. It may therefore have fewer than its limit, even none, and
   * others follow as long as it has a next.
   *
   * @param query which jobs, in which order, and how many
   * @return the page
   * @throws UnsupportedOperationException if the store does not know the order, or a condition of
   *     the filter [Q83]
   * @throws IllegalArgumentException if {@link JobQuery#after()} does not come from this store
   * @throws StoreException if the store could not answer
   */
  JobPage list(JobQuery query);

  /**
   * Counts the jobs that match a filter, and stops when it has found enough. Jobs that come, go or
   * change meanwhile may be counted or not [Q86].
   *
   * <p>The default implementation reads pages, and each of them lasts as long as a call may [L31].
   * A store may count in one trip.
   *
   * @param filter which jobs
   * @param most the largest number that the caller wants to know, at least 1
   * @return how many jobs match, or {@code most} if as many match or more
   * @throws UnsupportedOperationException if the store does not know a condition of the filter
   *     [Q83]
   * @throws StoreException if the store could not answer
   */
  default JobCount count(JobFilter filter, long most) {
    Limits.most(most);
    JobQuery query = JobQuery.of(filter).brief().limit(Limits.MAX_BATCH);
    long jobs = 0;
    Set<String> missing = new LinkedHashSet<>();
    JobPage page;
    do {
      page = list(query);
      jobs += page.jobs().size();
      missing.addAll(page.missing());
      query = query.after(page.next());
    } while (page.next() != null && jobs < most);
    return JobCount.of(Math.min(jobs, most)).withMissing(List.copyOf(missing));
  }

  /**
   * Reads the last failed attempts of a job: those that were settled as a retry or a failure, and
   * those whose lease expired, once a claim or a reset has met them [Q57]. They survive requeues
   * and are removed with the job.
   *
   * @param queue the queue
   * @param id the job
   * @return at most the last {@value Limits#MAX_FAILED_ATTEMPTS}, oldest first; empty if there are
   *     none, or there is no such job
   * @throws StoreException if the store could not answer
   */
  List<FailedAttempt> failedAttempts(String queue, String id);

  /**
   * Reads the steps of a job with their values, whatever its state [Q87].
   *
   * @param queue the queue
   * @param id the job
   * @return the steps, in the order in which the store kept them; empty if there are none, or there
   *     is no such job
   * @throws StoreException if the store could not answer
   */
  List<StepValue> steps(String queue, String id);

  /**
   * Reads the steps of a job as {@link #steps} does, with the beginnings of their values alone:
   * each is cut by {@link Limits#brief} [Q87].
   *
   * <p>The default implementation reads the whole values, which may have 1 MiB each, and cuts them.
   * A store may read less.
   *
   * @param queue the queue
   * @param id the job
   * @return the steps, in the order in which the store kept them; empty if there are none, or there
   *     is no such job
   * @throws StoreException if the store could not answer
   */
  default List<StepValue> briefSteps(String queue, String id) {
    return steps(queue, id).stream().map(StepValue::brief).toList();
  }

  /**
   * Counts the jobs of every queue that has jobs or is paused [Q48].
   *
   * @return the counts
   * @throws StoreException if the store could not answer
   */
  StoreCounts counts();

  /**
   * Takes jobs whose lease has expired out of PROCESSING [Q40-Q43]. Such a job becomes RETRY with
   * its due time unchanged, and can be claimed at once. If it has crashed {@link Job#maxCrashes}
   * times, it becomes FAILED with the error {@code lease expired}; if its cancellation was
   * requested, CANCELLED; if its deadline has passed, CANCELLED with the error {@code deadline
   * passed} [Q81]. Jobs with a live lease and waiting jobs stay untouched. Recovery does not need
   * this call, since claims take expired jobs directly; it makes them visible.
   *
   * @param queue the queue
   * @param limit the most jobs to change, 1 to 1000
   * @return how many jobs it changed, and which of them it finished [Q20]
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Reset resetExpired(String queue, int limit);

  /** The answer to a cancel. More may come, so a switch over them needs a default. */
  enum Cancellation {
    /** The job waited, and is CANCELLED now. */
    CANCELLED,
    /** The job runs. Its holder learns of the request with its next extension. */
    REQUESTED,
    /** The job was finished already. Nothing was changed. */
    FINISHED,
    /** There is no such job. */
    NOT_FOUND
  }

  /**
   * Cancels a job. One that waits becomes CANCELLED at once. One that runs is marked: if its holder
   * settles it as done or failed, it stays DONE or FAILED; a retry, a release, or a claim or reset
   * that meets its expired lease makes it CANCELLED [Q38].
   *
   * @param queue the queue
   * @param id the job
   * @return what became of it
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Cancellation cancel(String queue, String id);

  /**
   * Cancels many jobs, each as {@link #cancel(String, String)} does, in bounded pieces: one piece a
   * call [Q58].
   *
   * <p>A job has to match the filter when its piece is read; one that changes at that moment may be
   * treated as it was before. The default implementation reads a page and cancels its jobs one by
   * one. A store may do it in one trip.
   *
   * @param filter which jobs
   * @param after {@link JobPiece#next} of the piece before, with the same filter, or null for the
   *     first piece
   * @param limit the most jobs of the piece, 1 to 1000; it never cancels more [Q92]
   * @return how many jobs it cancelled or marked, including those that were marked before, and how
   *     to go on
   * @throws UnsupportedOperationException if the store does not know a condition of the filter
   *     [Q83]
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  default JobPiece cancel(JobFilter filter, @Nullable String after, int limit) {
    JobPage page = list(JobQuery.of(filter).after(after).limit(limit).brief());
    int changed = 0;
    for (Job job : page.jobs()) {
      Cancellation cancellation = cancel(job.queue(), job.id());
      if (cancellation == Cancellation.CANCELLED || cancellation == Cancellation.REQUESTED) {
        changed++;
      }
    }
    return JobPiece.of(changed, page.next()).withMissing(page.missing());
  }

  /** The answer to a requeue. More may come, so a switch over them needs a default. */
  enum Requeue {
    /** The job is PENDING now. */
    REQUEUED,
    /** Another job has its dedup key. Nothing was changed. */
    CONFLICT,
    /** The job is neither FAILED nor CANCELLED. Nothing was changed. */
    NOT_FAILED,
    /** There is no such job. */
    NOT_FOUND
  }

  /**
   * Gives a FAILED or CANCELLED job a fresh set of attempts, due now. The same as {@link
   * #requeue(String, String, Requeueing)} with {@link Requeueing#now}.
   *
   * @param queue the queue
   * @param id the job
   * @return what became of it
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  default Requeue requeue(String queue, String id) {
    return requeue(queue, id, Requeueing.now());
  }

  /**
   * Gives a FAILED or CANCELLED job a fresh set of attempts, in one atomic step. It becomes
   * PENDING, due at {@link Requeueing#delay} from now and without a deadline, and keeps its id and
   * its checkpoints, and as its past its progress and its error; its tokens go on growing [Q45,
   * Q91].
   *
   * @param queue the queue
   * @param id the job
   * @param how when it is due
   * @return what became of it
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Requeue requeue(String queue, String id, Requeueing how);

  /**
   * Requeues many jobs, each as {@link #requeue(String, String, Requeueing)} does, in bounded
   * pieces: one piece a call [Q58]. Jobs whose dedup key is taken stay as they are.
   *
   * <p>A job has to match the filter when its piece is read; one that changes at that moment may be
   * treated as it was before. The default implementation reads a page and requeues its jobs one by
   * one. A store may do it in one trip.
   *
   * @param filter which jobs
   * @param how when they are due
   * @param after {@link JobPiece#next} of the piece before, with the same filter, or null for the
   *     first piece
   * @param limit the most jobs of the piece, 1 to 1000; it never requeues more [Q92]
   * @return how many jobs it requeued, and how to go on
   * @throws UnsupportedOperationException if the store does not know a condition of the filter
   *     [Q83]
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  default JobPiece requeue(JobFilter filter, Requeueing how, @Nullable String after, int limit) {
    Limits.notNull("how", how);
    JobPage page = list(JobQuery.of(filter).after(after).limit(limit).brief());
    int changed = 0;
    for (Job job : page.jobs()) {
      if (requeue(job.queue(), job.id(), how) == Requeue.REQUEUED) {
        changed++;
      }
    }
    return JobPiece.of(changed, page.next()).withMissing(page.missing());
  }

  /** The answer to a change. More may come, so a switch over them needs a default. */
  enum Change {
    /** The job has the values that were to be set, also if it had them before or none was set. */
    CHANGED,
    /**
     * A worker holds the job, or held it and no claim or reset has met the expired lease yet.
     * Nothing was changed.
     */
    HELD,
    /** The job is finished. Nothing was changed. */
    FINISHED,
    /** There is no such job. */
    NOT_FOUND
  }

  /**
   * Changes a job that waits, in PENDING or RETRY, in one atomic step. Its state, id, dedup key,
   * checkpoints and the attempts made so far stay the same [Q56].
   *
   * @param queue the queue
   * @param id the job
   * @param change what to change
   * @return what became of it
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Change change(String queue, String id, JobChange change);

  /**
   * Deletes a job in any state, with its checkpoints. Whatever its holder still sends is answered
   * lost [Q38]. The dedup key and the id of the job are free, also if a purge has removed it before
   * and its key stayed taken [Q82].
   *
   * @param queue the queue
   * @param id the job
   * @return false if there was no such job
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  boolean delete(String queue, String id);

  /**
   * Deletes many jobs, each as {@link #delete(String, String)} does, in bounded pieces: one piece a
   * call [Q58].
   *
   * <p>A job has to match the filter when its piece is read; one that changes at that moment may be
   * treated as it was before. The default implementation reads a page and deletes its jobs one by
   * one. A store may do it in one trip.
   *
   * <p>A caller that has counted the jobs, and wants to delete no more than that, passes as the
   * limit of each piece the smaller of 1000 and what is left of the number. It stops when nothing
   * is left, even if the piece has a next.
   *
   * @param filter which jobs
   * @param after {@link JobPiece#next} of the piece before, with the same filter, or null for the
   *     first piece
   * @param limit the most jobs of the piece, 1 to 1000; it never deletes more [Q92]
   * @return how many jobs it deleted, and how to go on
   * @throws UnsupportedOperationException if the store does not know a condition of the filter
   *     [Q83]
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  default JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
    JobPage page = list(JobQuery.of(filter).after(after).limit(limit).brief());
    int changed = 0;
    for (Job job : page.jobs()) {
      if (delete(job.queue(), job.id())) {
        changed++;
      }
    }
    return JobPiece.of(changed, page.next()).withMissing(page.missing());
  }

  /**
   * Pauses a queue. Claims get nothing from it; running jobs go on, and jobs can be enqueued [Q21].
   * It stays paused until somebody resumes it, whatever becomes of this object. Does nothing if the
   * queue is paused already.
   *
   * @param queue the queue; it need not have a job yet
   * @throws StoreException if the store could not answer
   */
  void pause(String queue);

  /**
   * Ends a pause. Does nothing if the queue is not paused.
   *
   * @param queue the queue
   * @throws StoreException if the store could not answer
   */
  void resume(String queue);

  /**
   * Removes jobs that finished longer ago than the given time, with their checkpoints, however long
   * they are to be kept [Q46]. Their ids can then be enqueued anew, but for those whose dedup key
   * stays taken [Q82]. The store goes on remembering the ids of jobs that were removed earlier.
   *
   * @param queue the queue
   * @param olderThan how long ago a job finished at least, 0 to 3650 days
   * @param limit the most jobs to remove, 1 to 1000
   * @return how many jobs it removed
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  int purge(String queue, Duration olderThan, int limit);

  /**
   * Removes finished jobs whose time to be kept has passed: the job's own, or the store's default
   * for the state in which it finished [Q46]. A store may have removed such jobs by itself. It goes
   * on remembering their ids for as long as Q02 says.
   *
   * @param queue the queue
   * @param limit the most jobs to remove, 1 to 1000
   * @return how many jobs it removed: as many as the limit if there may be more; a store may count
   *     what it had kept of jobs removed before
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  int purge(String queue, int limit);

  /**
   * Gives a view of this admin whose acts are recorded [Q88]. Each call of the view that changes
   * something leaves a record, in the same atomic step as the change. A call that changes nothing
   * leaves none, so neither does one that is repeated after an unknown outcome and finds its work
   * done [Q89]. An act on many jobs leaves one record for each piece and queue, whose number grows
   * with each job that the piece changes.
   *
   * <p>Recorded are {@code cancel}, {@code requeue}, {@code change}, {@code delete}, {@code pause},
   * {@code resume} and the {@code purge} by age. {@link #resetExpired} and the {@code purge} of
   * what was kept long enough are not: the same happens without an operator. What is called on an
   * admin without {@code by} is not recorded either.
   *
   * @param operator who acts, and why
   * @return the view; it reads as this admin does
   * @throws UnsupportedOperationException if the store comes without {@link Capability#AUDIT}; the
   *     default implementation does
   */
  default JobAdmin by(Operator operator) {
    throw withoutAudit();
  }

  /**
   * Reads the records of acts, newest first. Changes nothing. The record of an act stays when its
   * job is gone, until a purge removes it, or until it is one too many: each store says how many it
   * keeps [Q90].
   *
   * @param query which acts, and how many
   * @return the page
   * @throws IllegalArgumentException if {@link ActionQuery#after()} does not come from this store
   * @throws StoreException if the store could not answer
   * @throws UnsupportedOperationException if the store comes without {@link Capability#AUDIT}, or
   *     does not know a condition of the query [Q83]
   */
  default ActionPage actions(ActionQuery query) {
    throw withoutAudit();
  }

  /**
   * Removes the oldest records of a queue, if they are older than the given time [Q90]. Workers do
   * this with those that are older than 90 days.
   *
   * @param queue the queue
   * @param olderThan how long ago an act was at least, 0 to 3650 days
   * @param limit the most records to remove, 1 to 1000
   * @return how many records it removed
   * @throws StoreException if the store could not answer; repeating the call is safe
   * @throws UnsupportedOperationException if the store comes without {@link Capability#AUDIT}
   */
  default int purgeActions(String queue, Duration olderThan, int limit) {
    throw withoutAudit();
  }

  private static UnsupportedOperationException withoutAudit() {
    return new UnsupportedOperationException(
        "this store records no acts of operators (capability " + Capability.AUDIT + ")");
  }
}
