package dev.lease.worker;

import dev.lease.Enqueued;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Enqueues jobs and writes their payloads. Safe for use by many threads. */
public final class JobClient {

  private final Function<List<NewJob>, List<Enqueued>> store;
  private final PayloadCodec codec;

  /**
   * Makes a client that writes payloads with {@link JacksonCodec#DEFAULT}.
   *
   * @param jobs the store that takes the jobs
   */
  public JobClient(JobQueue jobs) {
    this(jobs, JacksonCodec.DEFAULT);
  }

  /**
   * Makes a client.
   *
   * @param jobs the store that takes the jobs
   * @param codec writes the payloads; the workers' codecs must be able to read them
   */
  public JobClient(JobQueue jobs, PayloadCodec codec) {
    this(jobs::enqueue, Limits.notNull("codec", codec));
  }

  private JobClient(Function<List<NewJob>, List<Enqueued>> store, PayloadCodec codec) {
    this.store = store;
    this.codec = codec;
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
    return new JobClient(Limits.notNull("store", store), codec);
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
    String text = codec.write(payload, type.payloadType());
    return NewJob.builder(type.queue(), id, type.name(), text)
        .headers(type.payload().headers())
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
}
