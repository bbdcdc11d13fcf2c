package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import dev.lease.StepTransaction;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a job, as its handler sees it. Safe for use by many threads.
 *
 * <p>Only a worker implements this interface, and handlers call it: methods may be added. A test of
 * a handler gets one from a {@link TestWorker}.
 */
public sealed interface JobContext permits AttemptContext {

  /**
   * The queue of the job.
   *
   * @return the queue
   */
  String queue();

  /**
   * The id of the job, unique within its queue and the same in all attempts [W12].
   *
   * @return the job id
   */
  String jobId();

  /**
   * The name of the job's type.
   *
   * @return the name
   */
  String type();

  /**
   * The key whose limit the job counts against.
   *
   * @return the key, or null if the job has none
   */
  @Nullable String key();

  /**
   * The number of this attempt.
   *
   * @return from 1; claims that were released do not count
   */
  int attempt();

  /**
   * How many earlier attempts crashed: they ended without a settlement, because their lease
   * expired. An effect of theirs may have happened without a trace.
   *
   * @return 0 or more
   */
  int crashes();

  /**
   * How many attempts may crash before the job is FAILED.
   *
   * @return at least 1
   */
  int maxCrashes();

  /**
   * How many earlier attempts failed: their handler threw.
   *
   * @return 0 or more
   */
  int failures();

  /**
   * How many attempts may fail before the job is FAILED, by the job's own number or by that of the
   * worker. So this attempt is the last one that may fail if {@code failures() + 1 ==
   * maxFailures()}.
   *
   * @return at least 1
   */
  int maxFailures();

  /**
   * What is left until the deadline of the job, after which no attempt begins. A handler may ask it
   * before a step that would come too late; this attempt is not ended by it. It is the time by the
   * store's clock at the claim, less what has passed on a monotonic clock since before the claim
   * was sent.
   *
   * @return the time, not negative; empty if the job has no deadline
   */
  Optional<Duration> timeLeft();

  /**
   * The fencing token of this attempt. It is larger than the token of every earlier attempt at this
   * job [W12]. Let the resource that you write to remember the largest token it has seen and refuse
   * smaller ones. Then an attempt that has lost its lease without noticing cannot write to it.
   *
   * @return the token
   */
  long token();

  /**
   * The headers that were enqueued with the job, beside its payload. Two that are of this job alone
   * are left out: the version of its payload, and where its end is told. So a handler may pass the
   * headers on to a job that it enqueues. With a {@code traceparent} among them, the trace of that
   * job goes on from what enqueued this one, and not from this attempt: leave it out if jobs are
   * traced.
   *
   * @return the headers, unmodifiable
   */
  Map<String, String> headers();

  /**
   * The lease of this attempt, for calls that need it, for example to settle the job in a
   * transaction of the handler's own.
   *
   * @return the lease, as it was claimed
   */
  JobLease lease();

  /**
   * An idempotency key for the effect of this job: the same in all attempts, and different from
   * that of every other job [W12]. It consists of the configured prefix, the queue and the job id.
   * Queue and id are form-encoded (as by {@link java.net.URLEncoder}), so the key is printable
   * ASCII without blanks.
   *
   * @return the key
   */
  String idempotencyKey();

  /**
   * An idempotency key for one of several effects of this job [W12].
   *
   * @param step the name of the effect, unique within the job
   * @return {@link #idempotencyKey()} followed by the form-encoded name
   */
  String idempotencyKey(String step);

  /**
   * The jobs of the parts that the part of this job comes after, part by part, in the order in
   * which they were added to the graph [Q77]. Where it is to {@linkplain dev.lease.OnFailure#IGNORE
   * ignore} the failures of a part, only the jobs that are DONE are among them.
   *
   * <p>They stay until all jobs of the graph have ended, but for those that an operator deletes. If
   * this job is requeued after that, some may have been purged, and it finds fewer.
   *
   * <p>The stream reads them from the store in pages as it goes, so that ten thousand need not fit
   * into the memory. If the store does not answer, it asks again for as long as the lease lasts.
   * Use each stream on one thread.
   *
   * @return a new stream; empty if the job is of no graph, or comes after no part
   * @throws LeaseLostException if the lease is known to be lost; the stream throws it too
   * @throws dev.lease.StoreException if the store does not answer and the handler was told to stop;
   *     the stream throws it too
   */
  Stream<ParentJob> parents();

  /**
   * Runs a step of the work once and keeps its value with the job. Before this method returns, the
   * store has the value, durably and under the lease. A later attempt gets the kept value, and the
   * step is not run again [Q26]. The idea is that of the durable steps of DBOS, Inngest and
   * Restate.
   *
   * <p>If an attempt dies after the effect but before the value is kept, the next attempt runs the
   * step again. So the effect must be repeatable: send {@link #idempotencyKey(String)} with it, or
   * make the effect in the transaction that keeps the value, with {@link #step(Step,
   * StepTransaction, StepTransaction.Work)}.
   *
   * <ul>
   *   <li>An attempt may use a name once. Steps in a loop need a name for each round, such as
   *       {@code "charge-" + line}. Once a step has failed, it may be tried again under its name,
   *       and so may all others: those that were kept return their values.
   *   <li>A step may run other steps, unless it is in a transaction. Their names must be unique
   *       within the job too, not just within the outer step.
   *   <li>Steps may run on several threads at once, as long as the handler waits for them: a value
   *       that comes after the handler has returned may not be kept.
   *   <li>What is returned is always the kept value, read back from its text, also in the attempt
   *       that ran the step.
   *   <li>A value that cannot be read, for example because the class has changed, fails the attempt
   *       and stays kept. The step is not run again. The job goes on as soon as the class can read
   *       the value, if need be after {@code JobAdmin.requeue}.
   *   <li>A value may have at most 1 MiB as text, so keep an id rather than a document. A value
   *       that is larger, or cannot be written, fails the attempt after the effect was made.
   *   <li>While the store does not answer, the worker sends the value again for as long as the
   *       lease lasts. Once the handler was told to stop, it does so only a few times.
   * </ul>
   *
   * @param <T> the type of the value
   * @param name the name of the step, unique within the job; keep it when the code changes
   * @param type the class of the value, for the codec that writes and reads it. A null is kept and
   *     returned as null
   * @param work does the step; called only if no earlier attempt kept a value
   * @return the kept value
   * @throws IllegalStateException if this attempt has already run a step of that name, if the kept
   *     value cannot be read, or if this is called inside a step in a transaction
   * @throws IllegalArgumentException if the name breaks a rule of {@link dev.lease.Limits} or
   *     begins with {@code lease:}, or the value cannot be kept
   * @throws LeaseLostException if the lease is lost; the step was not run, or its value may not
   *     have been kept
   * @throws CancellationException if the job's cancellation was requested, the handler runs longer
   *     than its maximum run time, or the worker stops and its grace is over; the step was not run
   * @throws Exception whatever the work throws
   */
  default <T> T step(String name, Class<T> type, Callable<T> work) throws Exception {
    return step(Step.of(name, type), work);
  }

  /**
   * Runs a step that is described by more than a name and a class: a generic type, or failures that
   * are kept. Everything else is as for {@link #step(String, Class, Callable)}.
   *
   * @param <T> the type of the value
   * @param step the step
   * @param work does the step; called only if no earlier attempt kept a value or a failure
   * @return the kept value
   * @throws StepFailedException if a failure is kept, now or since an earlier attempt
   * @throws Exception as for a step of a name and a class
   */
  <T> T step(Step<T> step, Callable<T> work) throws Exception;

  /**
   * Runs a step that has no value. Everything else is as for a step with a value.
   *
   * @param name the name of the step, unique within the job
   * @param work does the step; called only if no earlier attempt has done it
   * @throws Exception as for a step with a value
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

  /** The work of a step that has no value. */
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
   * Runs a step whose effect is in the same database as the job. The effect and the value are
   * committed together or not at all, and an attempt that has lost its lease is rolled back [Q31].
   * A failure that is to be kept rolls the transaction back, and is kept after that. Everything
   * else is as for a step without a transaction.
   *
   * <p>A transaction that lasts longer than the lease is interrupted, but may still commit: until
   * it ends, nobody else can claim the job. So limit on the server how long a transaction may be
   * idle. Without a limit, a worker that vanishes inside a transaction keeps the job.
   *
   * <p>The transaction may also be one that the handler has begun and ends itself, such as {@code
   * backend.steps(connection)}. The step is kept if that commits. It is run once and not tried
   * again, it may be asked for again, and it keeps no failures. Until the transaction ends, run no
   * other step.
   *
   * <pre>{@code
   * static final Step<Receipt> CHARGE = Step.of("charge", Receipt.class);
   *
   * StepTransaction<Connection> tx = backend.steps(dataSource);
   * Receipt receipt = context.step(CHARGE, tx, connection -> charge(connection, order));
   * }</pre>
   *
   * @param <C> what the work writes with, such as a connection
   * @param <T> the type of the value
   * @param step the step
   * @param transaction has the transaction, in the same store as the job
   * @param work does the step. It must write only with what the transaction gives it, since it may
   *     be rolled back and run again
   * @return the kept value
   * @throws StepFailedException if a failure is kept, now or since an earlier attempt
   * @throws Exception as for a step without a transaction
   */
  <C, T> T step(Step<T> step, StepTransaction<C> transaction, StepTransaction.Work<C, T> work)
      throws Exception;

  /**
   * Reports how far the work is. Calls are cheap: the worker writes the last value about once a
   * second, and before it settles the job.
   *
   * @param percent 0 to 100
   * @param message a short text for operators
   * @throws LeaseLostException if the lease is known to be lost
   */
  void progress(int percent, String message);

  /**
   * Tells whether this attempt should stop: the job's cancellation was requested, its lease is
   * lost, the handler runs longer than its maximum run time, or the worker stops and its grace is
   * over. Once true, it stays true.
   *
   * @return true if the attempt should stop
   */
  boolean shouldStop();

  /**
   * Throws if this attempt must stop. Call it before every side effect. It checks the local clocks
   * and what the worker knows; it does not call the store. It waits only in one case, for at most
   * 10 seconds: the wall clock has jumped, and the worker is asking the store whether the lease is
   * still held. The check narrows the gap in which a lost lease goes unnoticed, but cannot close
   * it. Only the token or the idempotency key can [W02].
   *
   * @throws LeaseLostException if the lease is lost, because the store said so or because it has
   *     expired
   * @throws CancellationException if the job's cancellation was requested, the handler runs longer
   *     than its maximum run time [W13], or the worker stops and its grace is over
   */
  void checkActive();

  /**
   * Sets the result that is kept with the job when it is DONE. It is written as text in this call.
   * The last call counts. A handler of a {@link JobType.Returning} returns its result instead.
   *
   * @param result the result, at most 1 MiB as text
   */
  void result(Object result);
}
