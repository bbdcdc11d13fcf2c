package dev.lease;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Queues of jobs that workers take under leases.
 *
 * <p>Each call is one atomic operation of the store, or one per element where it takes a list; a
 * list has at most 1000 elements, and answers are positional. The rules that hold for all calls
 * stand in the {@linkplain dev.lease package}. Delivery is at least once: a job whose worker died
 * is given again, with a larger token, the moment its lease expires, and no reaper has to run for
 * that. Whatever the dead worker still sends is <em>lost</em>.
 *
 * <p>The words are those of Amazon SQS (visibility timeout, delay) and of PostgreSQL (skip locked)
 * where they had one.
 */
public interface JobQueue {

  /**
   * Stores jobs, each PENDING with 0 attempts [Q01]. A job whose id exists in its queue, or whose
   * dedup key is held by a job that is not finished, is not stored and changes nothing [Q02-Q07];
   * so it is for two elements of one batch. Batches need not be atomic: after a {@link
   * StoreException} some may be stored, and repeating the batch is safe.
   *
   * <p>An id is remembered after its job has finished for as long as the job is to be kept, and for
   * ten call time-outs of the store at least, however many jobs finish meanwhile: so long a
   * repeated enqueue makes no second job. The rest of the job may go earlier, and then {@link
   * #find} does not find it any more. Only an operator's delete forgets an id at once, and a purge
   * by age that of a job that it removes [Q02].
   *
   * @param jobs at most 1000 jobs, of any queues
   * @return for each job, whether it was created, and the id of the job that exists
   * @throws StoreException if the store could not answer
   */
  List<Enqueued> enqueue(List<NewJob> jobs);

  /**
   * Takes jobs that are due, not held, and not in a paused queue: min(limit, claimable) of them, in
   * order of priority (9 first), due time, and enqueueing [Q11-Q14]. Each becomes PROCESSING with a
   * new token, the worker as its owner, an expiry of the store's now + lease duration, and one
   * attempt more. No other claim gives it until the lease expires or it is settled [Q15]; a job
   * whose lease has expired is given directly [Q17].
   *
   * <p>A claim ends early where the payloads of its jobs would pass {@link ClaimRequest#maxBytes},
   * and then says {@link Claim#more}; it reads no payload that it does not give, and gives the
   * first job whatever its size [Q11].
   *
   * <p>An expired job that has no attempt left is not given but ends FAILED with the error {@code
   * lease expired}, and one whose cancellation was asked for ends CANCELLED, in the same operation;
   * the answer names them [Q20, Q38]. Rows that a transaction has locked are passed over, not
   * waited for [Q16]. A store with an order slack may pass over, for that time, jobs that became
   * claimable behind its last claim, and may answer short without them [Q11, Q13, Q50]. Where a
   * look over the whole queue takes long, as it does over very many held jobs, that time is up to
   * ten times as long.
   *
   * <p>Must not be repeated after an unknown outcome, since it cannot be told from a new request;
   * what an unheard claim took comes back when its lease expires.
   *
   * @param request what to claim
   * @return the jobs in their order, and those that ended
   * @throws StoreException if the store could not answer
   */
  Claim claim(ClaimRequest request);

  /**
   * Sets the end of leases that the caller holds to the store's now + leaseDuration, which may be
   * earlier than before; attempts, token and payload stay [Q22]. A lease that has expired is {@link
   * Extension.Lost}, even if nobody took the job.
   *
   * <p>A row that a transaction holds is waited for, after the free ones are extended for good, and
   * for at most a twelfth of the lease duration in the whole call; then the lease is {@link
   * Extension.Busy}. So a holder each of whose own transactions is shorter than a third of its
   * lease keeps it, however closely they follow one another [Q22].
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
   * lease expired: the work is done, and doing it again is worse [Q28]. For one claim exactly one
   * of settled, claimed again and reset happens [Q29].
   *
   * <p>A settlement whose row a transaction has locked is {@link Settlement.Result#BUSY} after some
   * milliseconds at most, and unchanged; the others go on [Q39].
   *
   * <p>Settled twice with one token, a job moves once; the second is lost, or accepted if it is the
   * same settlement sent again [Q30].
   *
   * @param settlements at most 1000 settlements, of any queues
   * @return for each settlement, whether it was accepted
   * @throws StoreException if the store could not answer; repeating the batch is safe
   */
  List<Settlement.Result> settle(List<Settlement> settlements);

  /**
   * Settles and claims, in one round trip where the store can; else the one and then the other.
   *
   * @param settlements at most 1000 settlements, of any queues
   * @param request what to claim
   * @return both answers
   * @throws StoreException if the store could not answer; repeating the settlements is safe, and
   *     the outcome is unknown where only the claim failed
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
   * Replaces the progress of a job that the caller holds; it changes neither expiry, state nor
   * attempts, and survives expiry, retry and re-claim [Q24, Q25]. After expiry it is accepted, like
   * a settlement, until the job is claimed again or reset [Q23].
   *
   * @param lease the lease
   * @param progress how far the job is
   * @return false if the lease is lost, in which case nothing is stored
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  boolean progress(JobLease lease, Progress progress);

  /**
   * Keeps the value of a step for all later attempts of a job that the caller holds. It is durable
   * when the call returns, and the first value of a step wins [Q26]. Checkpoints survive expiry,
   * retry, re-claim and an operator's requeue, and go when the job is deleted or purged. After
   * expiry it is accepted until the job is claimed again or reset; while it is written it holds the
   * job against a re-claim [Q23].
   *
   * @param lease the lease
   * @param step the name of the step, unique within the job
   * @param value text of at most 1 MiB
   * @return the value that the step has now: this one or an earlier one; empty if the lease is
   *     lost, in which case nothing is stored
   * @throws StoreException if the store could not answer; repeating the call is safe
   */
  Optional<String> checkpoint(JobLease lease, String step, String value);

  /**
   * Reads the checkpoints of a job that the caller holds.
   *
   * @param lease the lease
   * @return the values by step, in the order in which they were kept; empty if the lease is lost
   * @throws StoreException if the store could not answer
   */
  Optional<Map<String, String>> checkpoints(JobLease lease);

  /**
   * Reads a job, and changes nothing [Q48].
   *
   * @param queue the queue
   * @param id the job
   * @return the job; empty if it never was, was deleted or was purged, also where its id is still
   *     remembered [Q02]
   * @throws StoreException if the store could not answer
   */
  Optional<Job> find(String queue, String id);

  /**
   * Asks for a hint when there may be work in a queue. A hint may come late, twice, for nothing, or
   * not at all: whoever listens polls as well [Q55]. A store without hints does nothing, which is
   * the default.
   *
   * @param queue the queue
   * @param hint run on threads of the store's, sometimes on two at once; it must return at once and
   *     not call the store
   * @return what ends the hints
   */
  default Subscription onWork(String queue, Runnable hint) {
    Limits.name("queue", queue);
    Limits.notNull("hint", hint);
    return () -> {};
  }

  /** Hints that were asked for. */
  @FunctionalInterface
  interface Subscription extends AutoCloseable {
    /** Ends the hints; one may still be on its way. Harmless when done twice. */
    @Override
    void close();
  }
}
