package dev.lease;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Queues of jobs that workers claim under leases.
 *
 * <p>A call is one atomic operation of the store. A call that takes a list is one atomic operation
 * per element: a list has at most 1000 elements, and answers are in the order of the list. The
 * {@linkplain dev.lease package} has the rules that hold for all calls.
 *
 * <p>Delivery is at least once. If a worker dies, its job can be claimed again the moment its lease
 * expires, with a larger token; no clean-up task has to run. Whatever the dead worker still sends
 * is answered <em>lost</em>.
 *
 * <p>Two calls at once on one job answer, and leave it, as if one had come after the other [Q59].
 * On an interrupted thread a call that need not wait answers as usual; any other may throw. The
 * flag stays set [Q60].
 *
 * <p>Each call returns or throws within {@link Backend#longestCall}, and an extension within a
 * third of the lease too, or a second if that is more [L31].
 *
 * <p>After the store is closed a call throws {@link IllegalStateException}. It should be a {@link
 * StoreClosedException}: a worker that meets it stops [L26].
 *
 * <p>Stores implement this interface; workers and clients call it. It grows only by methods with a
 * default.
 *
 * <p>For readers who know Amazon SQS: a lease is its visibility timeout, and a due time is its
 * delay.
 */
public interface JobQueue {

  /**
   * Stores jobs, each PENDING with 0 attempts [Q01]. If a job with the same id exists in the queue,
   * or a job that is not finished has the same dedup key, or that key stays taken for a time [Q82],
   * nothing is stored and nothing changes [Q02-Q07]. The same holds between two elements of one
   * batch. Batches need not be atomic: after a {@link StoreException} some of the jobs may be
   * stored, and repeating the batch is safe.
   *
   * <p>The store remembers the id of a finished job for as long as the job is to be kept, and for
   * at least a window that is a setting of the store, 24 h by default on SQL and 6 h on Redis,
   * however many jobs finish meanwhile. During that time a repeated enqueue creates no second job;
   * later it does. The rest of the job may be removed earlier; then {@link #find} no longer finds
   * it. Only two calls make the store forget an id sooner: an operator's delete, and a purge by
   * age, for the jobs that it removes [Q02]. A purge by age keeps the id of a job whose dedup key
   * stays taken, for as long as that [Q82].
   *
   * @param jobs at most 1000 jobs, of any queues
   * @return for each job, whether this call created it, and the id of the job that exists
   * @throws UnsupportedOperationException if a job has a key and the store comes without {@link
   *     Capability#KEYS}; nothing is stored. Such a store calls {@link NewJob#requireNoKeys}
   * @throws StoreException if the store could not answer
   */
  List<Enqueued> enqueue(List<NewJob> jobs);

  /**
   * Claims jobs that are due, not held, and not in a paused queue: min(limit, claimable) of them,
   * in the order of priority (9 first), due time, and enqueueing [Q11-Q14]. Each becomes PROCESSING
   * with a new token, the caller as its owner, the store's now + lease duration as its expiry, and
   * one more attempt. No other claim gets the job until its lease expires or it is settled [Q15].
   * Jobs whose lease has expired are claimed directly [Q17].
   *
   * <p>A claim stops early if the payloads of its jobs would exceed {@link ClaimRequest#maxBytes},
   * and then reports {@link Claim#more}. It reads no payload that it does not return, and returns
   * the first job whatever its size [Q11].
   *
   * <p>In the same operation a claim finishes the jobs that it meets and must not give: an expired
   * one that has crashed {@link Job#maxCrashes} times becomes FAILED with the error {@code lease
   * expired}, an expired one whose cancellation was requested becomes CANCELLED, and one whose
   * deadline has passed becomes CANCELLED with the error {@code deadline passed}. The answer names
   * them [Q20, Q38, Q81]. A claim skips rows that a transaction has locked; it does not wait for
   * them [Q16]. A store with an order slack may, for that time, skip jobs that became claimable
   * behind its last claim, and may return fewer jobs without them [Q11, Q13, Q50]. If looks take
   * long, as they do over very many held jobs, that time is up to ten times as long. Such a store
   * may also search the queue in parts, one a claim; until it has searched all of it, a claim that
   * is short of its limit is {@link Claim#partial}, and the caller claims again at once.
   *
   * <p>Do not repeat a claim after an unknown outcome, since the store cannot tell it from a new
   * request. The jobs of a claim whose answer got lost come back when their leases expire.
   *
   * @param request what to claim
   * @return the jobs in their order, and the jobs that the claim finished
   * @throws StoreException if the store could not answer
   */
  Claim claim(ClaimRequest request);

  /**
   * Sets the expiry of leases that the caller holds to the store's now + leaseDuration. That may be
   * earlier than before. Attempts, token and payload stay the same [Q22]. A lease that has expired
   * is {@link Extension.Lost}, even if nobody claimed the job.
   *
   * <p>If a transaction has locked a row, the call first extends the free ones for good, and then
   * waits for that row: for at most a twelfth of the lease duration in the whole call. After that
   * the lease is {@link Extension.Busy}. So a holder keeps its lease if each of its own
   * transactions is shorter than a third of the lease, however closely they follow one another
   * [Q22].
   *
   * @param leases at most 1000 leases, of any queues
   * @param leaseDuration how long the leases last from now, 1 ms to 365 days
   * @return for each lease, what became of it
   * @throws StoreException if the store could not answer; repeating the batch is safe
   */
  List<Extension> extend(List<JobLease> leases, Duration leaseDuration);

  /**
   * Ends holds, each as its settlement says and each on its own: one lost lease does not stop the
   * others [Q39]. A settlement is accepted until the job is claimed again or reset, even after the
   * lease has expired: the work is done, and doing it again is worse [Q28]. For one claim exactly
   * one of these happens: it is settled, claimed again, or reset [Q29].
   *
   * <p>If a transaction has locked the row of a settlement, the result is {@link
   * Settlement.Result#BUSY}, after some milliseconds at most. That job is unchanged; the others go
   * on [Q39].
   *
   * <p>A job that is settled twice under one token changes once. The second settlement is lost, or
   * accepted if it is the same one sent again [Q30].
   *
   * @param settlements at most 1000 settlements, of any queues
   * @return for each settlement, whether it was accepted
   * @throws StoreException if the store could not answer; repeating the batch is safe
   * @throws UnsupportedOperationException if one is of a kind that this store does not know; then
   *     nothing is settled, see {@link Settlement#batch}
   */
  List<Settlement.Result> settle(List<Settlement> settlements);

  /**
   * Settles, then claims: in one round trip if the store can, otherwise in two.
   *
   * @param settlements at most 1000 settlements, of any queues
   * @param request what to claim
   * @return both answers
   * @throws StoreException if the store could not answer; repeating the settlements is safe. If
   *     only the claim failed, the outcome is unknown
   */
  default SettledAndClaimed settleAndClaim(List<Settlement> settlements, ClaimRequest request) {
    Limits.notNull("request", request);
    List<Settlement.Result> settled = settle(settlements);
    try {
      return SettledAndClaimed.of(settled, claim(request));
    } catch (StoreException e) {
      throw StoreException.outcomeUnknown("settled, but could not claim: " + e.getMessage(), e);
    }
  }

  /**
   * Replaces the progress of a job that the caller holds. It changes neither expiry, state nor
   * attempts, and survives expiry, retry and re-claim [Q24, Q25]. After expiry it is accepted, like
   * a settlement, until the job is claimed again or reset [Q23].
   *
   * @param lease the lease
   * @param progress how far the job is
   * @return false if the lease is lost; then nothing is stored
   * @throws StoreException if the store could not answer; repeating the call is safe. It is
   *     {@linkplain StoreException#isBusy() busy} if a transaction has the job locked, such as that
   *     of a step of this job: the call waits only briefly for that [Q24]
   */
  boolean progress(JobLease lease, Progress progress);

  /**
   * Keeps the value of a step for all later attempts of a job that the caller holds. The value is
   * durable when the call returns, and the first value of a step wins [Q26]. Checkpoints survive
   * expiry, retry, re-claim and an operator's requeue. They go when the job is deleted or purged.
   * After expiry a checkpoint is accepted until the job is claimed again or reset. While it is
   * being written, nobody can claim the job [Q23].
   *
   * @param lease the lease
   * @param step the name of the step, unique within the job
   * @param value text of at most 1 MiB
   * @return the value that the step has now: this one or an earlier one; empty if the lease is
   *     lost, and then nothing is stored
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Optional<String> checkpoint(JobLease lease, String step, String value);

  /**
   * Reads the checkpoints of a job that the caller holds.
   *
   * @param lease the lease
   * @return the values by step, in the order in which they were stored; empty if the lease is lost
   * @throws StoreException if the store could not answer
   */
  Optional<Map<String, String>> checkpoints(JobLease lease);

  /**
   * Reads a job. Changes nothing [Q48].
   *
   * @param queue the queue
   * @param id the job
   * @return the job; empty if it never existed, was deleted or was purged, even if its id is still
   *     remembered [Q02]
   * @throws StoreException if the store could not answer
   */
  Optional<Job> find(String queue, String id);

  /**
   * Asks for a hint when there may be work in a queue. A hint may come late, twice, for nothing, or
   * not at all, so whoever listens must poll as well [Q55]. Subscriptions are apart: one that is
   * closed, or whose hint throws, stops no other. The default is that of a store without hints: it
   * does nothing.
   *
   * @param queue the queue
   * @param hint runs on threads of the store, sometimes on two at once; it must return at once and
   *     must not call the store
   * @return close it to end the hints
   */
  default Subscription onWork(String queue, Runnable hint) {
    Limits.name("queue", queue);
    Limits.notNull("hint", hint);
    return () -> {};
  }

  /**
   * Wakes whoever listens for hints of a queue, as if work had come: also if no job is in the
   * queue, or ever was, or the queue is paused. Writes nothing. It does not wait, and says nothing
   * of a hint that got lost [Q55]. The default is that of a store without hints: it does nothing.
   *
   * @param queue the queue
   */
  default void hint(String queue) {
    Limits.name("queue", queue);
  }

  /** A request for hints, until it is closed. Stores implement it, and workers close it. */
  @FunctionalInterface
  interface Subscription extends AutoCloseable {
    /** Ends the hints. One may still be on its way. A second close does nothing. */
    @Override
    void close();
  }
}
