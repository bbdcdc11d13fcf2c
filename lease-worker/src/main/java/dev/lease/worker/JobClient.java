package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Enqueues jobs and writes their payloads. Safe for use by many threads. */
public final class JobClient {

  /** How often a job that is awaited is read, at least, since hints may be lost. */
  private static final Duration LONGEST_POLL = Duration.ofSeconds(1);

  private final JobQueue jobs;
  private final @Nullable JobAdmin admin;
  private final Function<List<NewJob>, List<Enqueued>> store;
  private final PayloadCodec codec;
  private final @Nullable String endHints;

  /**
   * Makes a client that writes payloads with {@link JacksonCodec#DEFAULT}. On a store with {@link
   * Capability#ADMIN} its {@link JobHandle}s can cancel, change and requeue their jobs.
   *
   * @param backend the store that takes the jobs
   * @return a client
   * @throws UnsupportedOperationException if the store comes without {@link Capability#JOBS}
   */
  public static JobClient of(Backend backend) {
    return of(backend, JacksonCodec.DEFAULT);
  }

  /**
   * Makes a client with a codec.
   *
   * @param backend the store that takes the jobs
   * @param codec writes the payloads; the workers' codecs must be able to read them
   * @return a client
   */
  public static JobClient of(Backend backend, PayloadCodec codec) {
    JobQueue jobs = backend.jobQueue();
    boolean hasAdmin = backend.capabilities().contains(Capability.ADMIN);
    JobAdmin admin = hasAdmin ? backend.jobAdmin() : null;
    return new JobClient(jobs, admin, jobs::enqueue, Limits.notNull("codec", codec), null);
  }

  private JobClient(
      JobQueue jobs,
      @Nullable JobAdmin admin,
      Function<List<NewJob>, List<Enqueued>> store,
      PayloadCodec codec,
      @Nullable String endHints) {
    this.jobs = jobs;
    this.admin = admin;
    this.store = store;
    this.codec = codec;
    this.endHints = endHints;
  }

  /**
   * Makes a client whose jobs have a worker give a hint when they have ended. {@link #await} then
   * hears of the end at once, in whatever process it is called, where the store has hints. Each
   * such job has a header more, and each of its ends costs the store a hint.
   *
   * @return a client
   */
  public JobClient withEndHints() {
    return new JobClient(jobs, admin, store, codec, EndHint.newQueue());
  }

  /**
   * Makes a client that stores its jobs through another call, for example in a transaction of
   * yours:
   *
   * <pre>{@code
   * client.through(jobs -> backend.enqueue(connection, jobs)).enqueue(PLACE_ORDER, order);
   * }</pre>
   *
   * <p>That call then decides whether repeating an enqueue is safe.
   *
   * @param store stores at most {@value Limits#MAX_BATCH} jobs and returns one answer for each, in
   *     the same order
   * @return a client, usable for as long as that call works
   */
  public JobClient through(Function<List<NewJob>, List<Enqueued>> store) {
    return new JobClient(jobs, admin, Limits.notNull("store", store), codec, endHints);
  }

  /**
   * Starts to build a job with a new id: a UUID of version 7. Such ids sort by time.
   *
   * @param <T> the type of the payload
   * @param type what kind of work it is
   * @param payload the input of the work
   * @return a builder that has the number of attempts of the type
   * @throws IllegalArgumentException if the payload cannot be written, or its text is too large
   */
  public <T> NewJob.Builder job(JobType<T> type, T payload) {
    return job(type, JobIds.next(), payload);
  }

  /**
   * Starts to build a job with an id that you choose. However often and by whomever a job with this
   * id is enqueued, it stays one job [Q02].
   *
   * @param <T> the type of the payload
   * @param type what kind of work it is
   * @param id the id of the job, unique within its queue
   * @param payload the input of the work
   * @return a builder that has the number of attempts of the type
   * @throws IllegalArgumentException if the payload cannot be written, or its text is too large
   */
  public <T> NewJob.Builder job(JobType<T> type, String id, T payload) {
    Limits.notNull("payload", payload);
    Map<String, String> headers = new HashMap<>(type.payload().headers());
    if (endHints != null) {
      headers.putAll(EndHint.header(endHints, id));
    }
    var context = CodecContext.of(type.queue(), type.name(), id, headers);
    String text = codec.write(payload, type.payloadType(), context);
    return NewJob.builder(type.queue(), id, type.name(), text)
        .headers(headers)
        .maxAttempts(type.maxAttempts());
  }

  /**
   * Enqueues a job that is due now. Do not repeat this call after a {@link
   * dev.lease.StoreException} whose outcome is unknown: it could make a second job. If you need to
   * repeat it, build the job once with {@link #job} and repeat {@link #enqueue(NewJob)}.
   *
   * @param <T> the type of the payload
   * @param type what kind of work it is
   * @param payload the input of the work
   * @return the job that now exists
   */
  public <T> Enqueued enqueue(JobType<T> type, T payload) {
    return enqueue(job(type, payload).build());
  }

  /**
   * Enqueues a job. Repeating the call is safe.
   *
   * @param job the job
   * @return the job that now exists
   */
  public Enqueued enqueue(NewJob job) {
    return store.apply(List.of(job)).get(0);
  }

  /**
   * Enqueues any number of jobs, in calls of at most {@value Limits#MAX_BATCH}. Repeating the call
   * is safe. Repeat it after a {@link dev.lease.StoreException}: only some of the jobs may have
   * been stored.
   *
   * @param batch the jobs
   * @return for each job the one that now exists, in the same order
   */
  public List<Enqueued> enqueue(List<NewJob> batch) {
    List<NewJob> all = List.copyOf(batch);
    List<Enqueued> answers = new ArrayList<>(all.size());
    for (int from = 0; from < all.size(); from += Limits.MAX_BATCH) {
      int to = Math.min(from + Limits.MAX_BATCH, all.size());
      answers.addAll(store.apply(all.subList(from, to)));
    }
    return List.copyOf(answers);
  }

  /**
   * Finds a job.
   *
   * @param <T> the type of the payload
   * @param type the type of the job, whose queue it is in
   * @param id the id of the job
   * @return the job as it is now; empty if it never existed, was deleted or was purged
   * @throws IllegalArgumentException if the job is of another type
   * @throws dev.lease.StoreException if the store could not answer
   */
  public <T> Optional<JobHandle<T>> find(JobType<T> type, String id) {
    return jobs.find(type.queue(), id).map(job -> handle(type, job));
  }

  /**
   * Waits until a job has ended: until it is DONE, FAILED or CANCELLED. Reads the job when a hint
   * comes, see {@link #withEndHints}, and otherwise after 10 ms, then less and less often, at least
   * once a second. An outage of the store is waited out.
   *
   * @param <T> the type of the payload
   * @param type the type of the job, whose queue it is in
   * @param id the id of the job
   * @param timeout how long to wait, 0 to 3650 days
   * @return the job with its result or its error
   * @throws TimeoutException if it has not ended in that time; the job goes on
   * @throws java.util.NoSuchElementException if there is no such job, or not any more
   * @throws InterruptedException if the thread was interrupted; the job goes on
   * @throws IllegalArgumentException if the job is of another type
   */
  public <T> JobHandle<T> await(JobType<T> type, String id, Duration timeout)
      throws InterruptedException, TimeoutException {
    return await(type, id, timeout, LONGEST_POLL);
  }

  <T> JobHandle<T> await(JobType<T> type, String id, Duration timeout, Duration longestPoll)
      throws InterruptedException, TimeoutException {
    return handle(type, new Awaiting(jobs, longestPoll).end(type.queue(), id, timeout));
  }

  private <T> JobHandle<T> handle(JobType<T> type, Job job) {
    if (!job.type().equals(type.name())) {
      throw new IllegalArgumentException(
          "job %s of queue %s must be of type %s, was of type %s"
              .formatted(job.id(), job.queue(), type.name(), job.type()));
    }
    return new JobHandle<>(jobs, admin, codec, type, job);
  }
}
