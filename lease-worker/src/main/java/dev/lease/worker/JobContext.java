package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import dev.lease.StepTransaction;
import java.util.Map;
import java.util.concurrent.Callable;
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
   * Runs a step of the work once: its result is kept with the job, durable and under the lease,
   * before this returns, and a later attempt gets it without running the step [Q26]. The idea is
   * that of the durable steps of DBOS, Inngest and Restate.
   *
   * <p>An attempt that dies after the effect and before its result is kept runs the step again, so
   * the effect has to be repeatable: send {@link #idempotencyKey(String)} with it, or make it in
   * the transaction that keeps the result, with {@link #step(String, Class, StepTransaction,
   * StepTransaction.Work)}.
   *
   * <ul>
   *   <li>A name is given once in an attempt: steps in a loop need names that tell its rounds
   *       apart, such as {@code "charge-" + line}. A step that failed may be tried again.
   *   <li>A step may run others, unless it is in a transaction; their names are the job's too, not
   *       the outer step's.
   *   <li>What is handed back is what was kept, read from its JSON, in the first attempt as in
   *       later ones.
   *   <li>A result that cannot be read, since the class has changed, fails the attempt and stays
   *       kept: the step is not run again, and the job goes on with a class that reads it, if need
   *       be after {@code JobAdmin.requeue}.
   *   <li>A result has at most 1 MiB as JSON: keep an id, not a document. One that is larger, or
   *       cannot be written, fails the attempt after the effect was made.
   *   <li>While the store does not answer, the result is sent again for as long as the lease lasts,
   *       and a few times only once the handler was told to end.
   * </ul>
   *
   * @param <T> the type of the result
   * @param name the name of the step, unique within the job; keep it when the code changes
   * @param type the class of the result, written and read as JSON; for a list take an array or a
   *     record. A null is kept, and is handed back as one
   * @param work does the step, if no attempt before has
   * @return the kept result
   * @throws IllegalStateException if this attempt has run a step of that name, the kept result
   *     cannot be read, or it is called inside a step in a transaction
   * @throws IllegalArgumentException if the name breaks a rule of {@link dev.lease.Limits}, or the
   *     result cannot be kept
   * @throws LeaseLostException if the lease is lost; the step was not run, or its result may not be
   *     kept
   * @throws CancellationException if the job is to be cancelled, it runs longer than its type
   *     allows, or the worker's grace has run out; the step was not run
   * @throws Exception what the work throws
   */
  <T> T step(String name, Class<T> type, Callable<T> work) throws Exception;

  /**
   * Runs a step that has no result once; all else is as for one that has.
   *
   * @param name the name of the step, unique within the job
   * @param work does the step, if no attempt before has
   * @throws Exception as for a step with a result
   */
  default void step(String name, Action work) throws Exception {
    step(
        name,
        Boolean.class,
        () -> {
          work.run();
          return true;
        });
  }

  /** The work of a step that has no result. */
  @FunctionalInterface
  interface Action {
    /**
     * Does the work.
     *
     * @throws Exception if it failed
     */
    void run() throws Exception;
  }

  /**
   * Runs a step once whose effect is in the database that has the job: effect and result are
   * committed together or not at all, and an attempt that lost its lease is rolled back [Q31]. All
   * else is as for a step without a transaction. One that lasts longer than the lease is
   * interrupted, but may still commit: nobody else can have the job until it ends. Limit how long
   * the server lets a transaction idle, or a worker that vanishes in one keeps the job.
   *
   * <pre>{@code
   * StepTransaction<Connection> tx = backend.steps(dataSource);
   * Receipt receipt = context.step("charge", Receipt.class, tx, connection -> charge(connection, order));
   * }</pre>
   *
   * @param <C> what the work writes with
   * @param <T> the type of the result
   * @param name the name of the step, unique within the job
   * @param type the class of the result, written and read as JSON
   * @param transaction what commits, of the same store as the job
   * @param work does the step with what the transaction gives it, and nothing beside that: it may
   *     be rolled back and run again
   * @return the kept result
   * @throws Exception as for a step without a transaction
   */
  <C, T> T step(
      String name, Class<T> type, StepTransaction<C> transaction, StepTransaction.Work<C, T> work)
      throws Exception;

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
  boolean shouldStop();

  /**
   * Throws if this attempt must stop; to be called before each effect. It asks the local clock and
   * what is known, not the store, and waits, for at most 10 seconds, only where the store is being
   * asked whether a wall clock that jumped has ended the lease. So it narrows the gap in which a
   * lost lease is not noticed but cannot close it: that takes the token or the idempotency key
   * [W02].
   *
   * @throws LeaseLostException if the lease is lost: the store said so, or its time has run out
   * @throws CancellationException if the job is to be cancelled, it runs longer than its type
   *     allows [W13], or the worker's grace has run out
   */
  void checkActive();

  /**
   * Keeps something with the job when it is done, written as JSON now. The last call counts.
   *
   * @param result what came of the work, at most 1 MiB as JSON
   */
  void result(Object result);
}
