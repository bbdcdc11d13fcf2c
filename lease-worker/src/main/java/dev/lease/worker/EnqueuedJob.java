package dev.lease.worker;

import dev.lease.Capability;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Progress;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A job as it was when it was read, with its payload and its result typed, and what can be done
 * with it. Get it from {@link JobClient#find} or {@link JobClient#await}. What it says does not
 * change; {@link #refresh} reads the job again. Safe for use by many threads.
 *
 * @param <T> the type of the payload
 */
public sealed class EnqueuedJob<T> {

  private final JobQueue jobs;
  private final @Nullable JobAdmin admin;
  private final PayloadCodec codec;
  private final JobType<T> type;
  private final Job job;

  EnqueuedJob(
      JobQueue jobs, @Nullable JobAdmin admin, PayloadCodec codec, JobType<T> type, Job job) {
    this.jobs = jobs;
    this.admin = admin;
    this.codec = codec;
    this.type = type;
    this.job = job;
  }

  /** {@return the id of the job} */
  public String id() {
    return job.id();
  }

  /**
   * Everything that the store knew of the job.
   *
   * @return the job
   */
  public Job job() {
    return job;
  }

  /** {@return the state of the job} */
  public JobState state() {
    return job.state();
  }

  /**
   * The payload, by the current version of its type.
   *
   * @return the payload
   * @throws IllegalArgumentException if it cannot be read
   */
  public T payload() {
    return type.payload().read(job, codec);
  }

  /**
   * What the handler left as its result, for a type that does not say what its handlers return.
   *
   * @param <R> the type of the result
   * @param type the class of the result
   * @return the result; empty if the job is not DONE, or left none
   * @throws IllegalArgumentException if it cannot be read
   */
  public <R> Optional<R> result(Class<R> type) {
    return result((Type) Limits.notNull("type", type));
  }

  /**
   * What the handler left as its result.
   *
   * @param <R> the type of the result
   * @param type the type of the result
   * @return the result; empty if the job is not DONE, or left none
   * @throws IllegalArgumentException if it cannot be read
   */
  public <R> Optional<R> result(TypeReference<R> type) {
    return result(Limits.notNull("type", type).type());
  }

  private <R> Optional<R> result(Type type) {
    return PayloadFormat.result(job, type, codec);
  }

  /**
   * How far the handler said that it is.
   *
   * @return the progress, or null if it said nothing
   */
  public @Nullable Progress progress() {
    return job.progress();
  }

  /**
   * Reads the job again.
   *
   * @return the job as it is now; empty if it was deleted or purged
   * @throws dev.lease.StoreException if the store could not answer
   */
  public Optional<? extends EnqueuedJob<T>> refresh() {
    return refreshed(now -> new EnqueuedJob<>(jobs, admin, codec, type, now));
  }

  private <E> Optional<E> refreshed(Function<Job, E> as) {
    return jobs.find(job.queue(), job.id()).map(as);
  }

  /**
   * Cancels the job, as {@link JobAdmin#cancel(String, String)} does.
   *
   * @return what became of it
   * @throws UnsupportedOperationException if the store comes without {@link Capability#ADMIN}
   * @throws dev.lease.StoreException if the store could not answer; repeating the call is safe
   */
  public JobAdmin.Cancellation cancel() {
    return admin().cancel(job.queue(), job.id());
  }

  /**
   * Changes the job while it waits, as {@link JobAdmin#change} does.
   *
   * @param change what to change
   * @return what became of it
   * @throws UnsupportedOperationException if the store comes without {@link Capability#ADMIN}
   * @throws dev.lease.StoreException if the store could not answer; repeating the call is safe
   */
  public JobAdmin.Change change(JobChange change) {
    return admin().change(job.queue(), job.id(), change);
  }

  /**
   * Gives the job a fresh set of attempts, as {@link JobAdmin#requeue(String, String)} does.
   *
   * @return what became of it
   * @throws UnsupportedOperationException if the store comes without {@link Capability#ADMIN}
   * @throws dev.lease.StoreException if the store could not answer; repeating the call is safe
   */
  public JobAdmin.Requeue requeue() {
    return admin().requeue(job.queue(), job.id());
  }

  private JobAdmin admin() {
    if (admin == null) {
      throw Capability.ADMIN.missing(
          "calls for operators, so job "
              + job.id()
              + " cannot be cancelled, changed or requeued through it");
    }
    return admin;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return ErrorText.job(type.name(), job.id(), job.queue()) + ", " + job.state();
  }

  /**
   * A job of a {@link JobType.Returning}, as it was when it was read. Safe for use by many threads.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   */
  public static final class Returning<T, R> extends EnqueuedJob<T> {

    private final JobType.Returning<T, R> type;

    Returning(
        JobQueue jobs,
        @Nullable JobAdmin admin,
        PayloadCodec codec,
        JobType.Returning<T, R> type,
        Job job) {
      super(jobs, admin, codec, type, job);
      this.type = type;
    }

    /**
     * What the handler returned.
     *
     * @return the result; empty if the job is not DONE, or its handler returned null
     * @throws IllegalArgumentException if it cannot be read
     */
    public Optional<R> result() {
      return ((EnqueuedJob<T>) this).result(type.resultType());
    }

    @Override
    public Optional<Returning<T, R>> refresh() {
      EnqueuedJob<T> it = this;
      return it.refreshed(now -> new Returning<>(it.jobs, it.admin, it.codec, type, now));
    }
  }
}
