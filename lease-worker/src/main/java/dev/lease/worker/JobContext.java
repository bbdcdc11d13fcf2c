package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import java.util.Map;
import java.util.concurrent.CancellationException;

/** One attempt at a job, as its handler sees it. Safe for use by many threads. */
public interface JobContext {

  /**
   * The queue of the job.
   *
   * @return the queue
   */
  String queue();

  /**
   * The identity of the job within its queue, the same over all attempts [W12].
   *
   * @return the job id
   */
  String jobId();

  /**
   * What kind of work it is.
   *
   * @return the name of the job's type
   */
  String type();

  /**
   * Which attempt this is.
   *
   * @return from 1; attempts that were handed back do not count
   */
  int attempt();

  /**
   * How many attempts the job has.
   *
   * @return at least 1
   */
  int maxAttempts();

  /**
   * The fencing token of this attempt: larger than that of every earlier attempt at this job [W12].
   * A resource that remembers the largest token it has seen, and refuses smaller ones, cannot be
   * written by an attempt that lost its lease without knowing.
   *
   * @return the token
   */
  long token();

  /**
   * What travels with the job beside its payload.
   *
   * @return the headers, unmodifiable
   */
  Map<String, String> headers();

  /**
   * The lease of this attempt, for calls that take part in it, such as a settlement inside a
   * transaction of the handler's own.
   *
   * @return the lease, as it was claimed
   */
  JobLease lease();

  /**
   * A key under which the effect of this job can be made once: the same over all attempts, and that
   * of no other job [W12]. It is made of the configured prefix, the queue and the job id, each
   * form-encoded (as by {@link java.net.URLEncoder}), so it is printable ASCII without blanks.
   *
   * @return the key
   */
  String idempotencyKey();

  /**
   * A key under which one of several effects of this job can be made once [W12].
   *
   * @param step the name of the effect, unique within the job
   * @return {@link #idempotencyKey()}, and the step
   */
  String idempotencyKey(String step);

  /**
   * Says how far the work is. It is cheap: the last value is written about once a second, and
   * before the job is settled.
   *
   * @param percent 0 to 100
   * @param message a word on it
   * @throws LeaseLostException if the lease is known to be lost
   */
  void progress(int percent, String message);

  /**
   * Tells whether the work should end: the job is to be cancelled, its lease is lost, it runs
   * longer than its type allows, or the worker stops and its grace has run out. Never becomes false
   * again.
   *
   * @return true if the work should end
   */
  boolean isCancelled();

  /**
   * Ends the handler if it has no business to go on; to be called before each effect. It asks the
   * local clock and what is known, not the store, so it narrows the gap in which a lost lease is
   * not noticed but cannot close it: that takes the token or the idempotency key [W02].
   *
   * @throws LeaseLostException if the lease is lost: the store said so, or its time has run out
   * @throws CancellationException if the job is to be cancelled, it runs longer than its type
   *     allows [W13], or the worker's grace has run out
   */
  void checkHeld();

  /**
   * Keeps something with the job when it is done, written as JSON now. The last call counts.
   *
   * @param result what came of the work, at most 1 MiB as JSON
   */
  void result(Object result);
}
