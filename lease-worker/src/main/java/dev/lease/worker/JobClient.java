package dev.lease.worker;

import dev.lease.Enqueued;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

/** Enqueues jobs whose payloads are written as JSON. Safe for use by many threads. */
public final class JobClient {

  private final Function<List<NewJob>, List<Enqueued>> store;
  private final JsonMapper mapper;

  /**
   * Makes a client with Jackson's defaults, which read and write no class names.
   *
   * @param jobs where the jobs go
   */
  public JobClient(JobQueue jobs) {
    this(jobs, new JsonMapper());
  }

  /**
   * Makes a client.
   *
   * @param jobs where the jobs go
   * @param mapper how payloads are written; the workers have to read them alike. Default typing
   *     must be off: who can write to the store could make it run any class
   */
  public JobClient(JobQueue jobs, JsonMapper mapper) {
    this(jobs::enqueue, mapper);
  }

  private JobClient(Function<List<NewJob>, List<Enqueued>> store, JsonMapper mapper) {
    this.store = store;
    this.mapper = mapper;
  }

  /**
   * A client that stores its jobs through another call, such as one in a transaction of yours:
   *
   * <pre>{@code
   * client.through(jobs -> backend.enqueue(connection, jobs)).enqueue(PLACE_ORDER, order);
   * }</pre>
   *
   * <p>Whether a repeated call is safe is then up to that call.
   *
   * @param store stores at most {@value Limits#MAX_BATCH} jobs; one answer for each, in their order
   * @return a client; use it as long as that call works
   */
  public JobClient through(Function<List<NewJob>, List<Enqueued>> store) {
    return new JobClient(Limits.notNull("store", store), mapper);
  }

  /**
   * Starts a job with an identity of its own: a UUID of version 7, whose order is that of time.
   *
   * @param <T> the type of the payload
   * @param type what kind of work it is
   * @param payload the input of the work
   * @return a builder, with the attempts of the type
   */
  public <T> NewJob.Builder job(JobType<T> type, T payload) {
    return job(type, JobIds.next(), payload);
  }

  /**
   * Starts a job whose identity is the caller's: enqueued again, by whomever, it is still one job
   * [Q02].
   *
   * @param <T> the type of the payload
   * @param type what kind of work it is
   * @param id the identity of the job within its queue
   * @param payload the input of the work
   * @return a builder, with the attempts of the type
   */
  public <T> NewJob.Builder job(JobType<T> type, String id, T payload) {
    Limits.notNull("payload", payload);
    String json = mapper.writerFor(type.payloadType()).writeValueAsString(payload);
    return NewJob.builder(type.queue(), id, type.name(), json).maxAttempts(type.maxAttempts());
  }

  /**
   * Enqueues a job that is due now. Not to be repeated after a {@link dev.lease.StoreException}
   * whose outcome is unknown, since that would be another job; {@link #job} and {@link
   * #enqueue(NewJob)} can be.
   *
   * @param <T> the type of the payload
   * @param type what kind of work it is
   * @param payload the input of the work
   * @return the identity of the job
   */
  public <T> Enqueued enqueue(JobType<T> type, T payload) {
    return enqueue(job(type, payload).build());
  }

  /**
   * Enqueues a job; repeating the call is safe.
   *
   * @param job the job
   * @return the job that now exists
   */
  public Enqueued enqueue(NewJob job) {
    return store.apply(List.of(job)).get(0);
  }

  /**
   * Enqueues any number of jobs, in calls of at most {@value Limits#MAX_BATCH}; repeating the call
   * is safe, and needed after a {@link dev.lease.StoreException}: some of them may be stored.
   *
   * @param batch the jobs
   * @return for each job, the one that now exists
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
