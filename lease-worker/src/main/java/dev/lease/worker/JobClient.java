package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Enqueued;
import dev.lease.GraphAnswer;
import dev.lease.GraphPiece;
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

/**
 * Enqueues jobs and writes their payloads, finds them and awaits them. Immutable, and safe for use
 * by many threads.
 */
public final class JobClient {

  /** How often a job that is awaited is read, at least, since hints may be lost. */
  private static final Duration LONGEST_POLL = Duration.ofSeconds(1);

  private final JobQueue jobs;
  private final @Nullable JobAdmin admin;
  private final PayloadCodec codec;
  private final @Nullable String finishHints;
  private final boolean takesKeys;
  private final Defaults defaults;
  private final ClientInterceptor.Call store;
  private final GraphStore graphs;
  private final List<ClientInterceptor> interceptors;

  /** What jobs have whose types do not say it; nulls if the store or the worker decides. */
  private record Defaults(@Nullable Integer maxCrashes, @Nullable Integer maxFailures) {

    NewJob.Builder on(NewJob.Builder job, JobType<?> type) {
      if (maxCrashes != null && type.maxCrashes() == null) {
        job.maxCrashes(maxCrashes);
      }
      if (maxFailures != null && type.maxFailures() == null) {
        job.maxFailures(maxFailures);
      }
      return job;
    }
  }

  private JobClient(
      JobQueue jobs,
      @Nullable JobAdmin admin,
      PayloadCodec codec,
      @Nullable String finishHints,
      boolean takesKeys,
      Defaults defaults,
      ClientInterceptor.Call store,
      GraphStore graphs,
      List<ClientInterceptor> interceptors) {
    this.jobs = jobs;
    this.admin = admin;
    this.codec = codec;
    this.finishHints = finishHints;
    this.takesKeys = takesKeys;
    this.defaults = defaults;
    this.store = store;
    this.graphs = graphs;
    this.interceptors = interceptors;
  }

  /** The interceptors around a call, the first one outermost. */
  private ClientInterceptor.Call intercepted(ClientInterceptor.Call call) {
    ClientInterceptor.Call chain = call;
    for (int i = interceptors.size() - 1; i >= 0; i--) {
      ClientInterceptor interceptor = interceptors.get(i);
      ClientInterceptor.Call rest = chain;
      chain = batch -> interceptor.around(batch, rest);
    }
    return chain;
  }

  /**
   * Makes a client that writes payloads with {@link JacksonCodec#DEFAULT}. On a store with {@link
   * Capability#ADMIN} its {@link EnqueuedJob}s can cancel, change and requeue their jobs.
   *
   * @param backend the store that takes the jobs
   * @return a client
   * @throws UnsupportedOperationException if the store comes without {@link Capability#JOBS}
   */
  public static JobClient of(Backend backend) {
    return builder(backend).build();
  }

  /**
   * Starts to build a client with another codec, or with hints.
   *
   * @param backend the store that takes the jobs
   * @return a builder
   */
  public static Builder builder(Backend backend) {
    return new Builder(Limits.notNull("backend", backend));
  }

  /** Builds a {@link JobClient}; not for use by several threads. */
  public static final class Builder {
    private final Backend backend;
    private PayloadCodec codec = PayloadFormat.defaultCodec();
    private @Nullable String finishHints;
    private @Nullable Integer maxCrashes;
    private @Nullable Integer maxFailures;

    private Builder(Backend backend) {
      this.backend = backend;
    }

    /**
     * Sets the codec.
     *
     * @param codec writes the payloads, and reads results; the workers' codecs must be able to read
     *     what it writes. {@link JacksonCodec#DEFAULT} if not set
     * @return this
     */
    public Builder codec(PayloadCodec codec) {
      this.codec = Limits.notNull("codec", codec);
      return this;
    }

    /**
     * Lets the worker give a hint when a job of this client has finished. Then {@link
     * JobClient#await} hears of it at once, in whatever process it is called, where the store has
     * hints. Each job has a header more for it, and costs the store a hint each time that it
     * finishes.
     *
     * @return this
     */
    public Builder finishHints() {
      finishHints = OwnHeaders.newHintQueue();
      return this;
    }

    /**
     * Sets how many attempts may crash, for jobs whose {@link JobType#maxCrashes} does not say it.
     *
     * @param maxCrashes at least 1; {@value NewJob#DEFAULT_MAX_CRASHES} if not set
     * @return this
     * @throws IllegalArgumentException if the number is less than 1
     */
    public Builder maxCrashes(int maxCrashes) {
      this.maxCrashes = Limits.between("maxCrashes", maxCrashes, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Sets how many attempts may fail, for jobs whose {@link JobType#maxFailures} does not say it.
     * The number is stored with the job, and holds on every worker.
     *
     * @param maxFailures at least 1; if not set, the worker decides
     * @return this
     * @throws IllegalArgumentException if the number is less than 1
     */
    public Builder maxFailures(int maxFailures) {
      this.maxFailures = Limits.between("maxFailures", maxFailures, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Makes the client.
     *
     * @return the client
     * @throws UnsupportedOperationException if the store comes without {@link Capability#JOBS}
     */
    public JobClient build() {
      JobQueue jobs = backend.jobQueue();
      boolean hasAdmin = backend.capabilities().contains(Capability.ADMIN);
      JobAdmin admin = hasAdmin ? backend.jobAdmin() : null;
      return new JobClient(
          jobs,
          admin,
          codec,
          finishHints,
          backend.capabilities().contains(Capability.KEYS),
          new Defaults(maxCrashes, maxFailures),
          jobs::enqueue,
          GraphStore.of(backend),
          List.of());
    }
  }

  /**
   * The same client, which stores its jobs by another call, for example in a transaction of yours.
   * Its interceptors stay around that call.
   *
   * <pre>{@code
   * client.in(jobs -> backend.enqueue(connection, jobs)).enqueue(PLACE_ORDER, order);
   * }</pre>
   *
   * <p>That call then decides whether repeating an enqueue is safe. The client stores no graphs.
   *
   * @param store stores the jobs
   * @return a client, usable for as long as that call works
   */
  public JobClient in(ClientInterceptor.Call store) {
    return storingBy(store, GraphStore.ONLY_JOBS);
  }

  /**
   * The same client, which stores its jobs and its graphs by other calls, for example in a
   * transaction of yours. Its interceptors stay around those calls. If a graph is refused, what the
   * calls have stored of it stays: roll the transaction back. If you commit all the same, none of
   * its jobs runs, and they are removed after an hour [Q72].
   *
   * @param store stores the jobs
   * @param graphs stores a piece of a graph, as {@link dev.lease.JobGraphs#add} does
   * @return a client, usable for as long as those calls work
   */
  public JobClient in(
      ClientInterceptor.Call store, Function<? super GraphPiece, GraphAnswer> graphs) {
    return storingBy(store, Limits.notNull("graphs", graphs)::apply);
  }

  private JobClient storingBy(ClientInterceptor.Call store, GraphStore graphs) {
    return new JobClient(
        jobs,
        admin,
        codec,
        finishHints,
        takesKeys,
        defaults,
        Limits.notNull("store", store),
        graphs,
        interceptors);
  }

  /**
   * The same client with one more interceptor. What is added first is outermost.
   *
   * @param interceptor the interceptor
   * @return a client
   */
  public JobClient intercept(ClientInterceptor interceptor) {
    List<ClientInterceptor> more = new ArrayList<>(interceptors);
    more.add(Limits.notNull("interceptor", interceptor));
    return new JobClient(
        jobs, admin, codec, finishHints, takesKeys, defaults, store, graphs, List.copyOf(more));
  }

  /**
   * Starts to build a job with a new id: a UUID of version 7. Such ids sort by time.
   *
   * @param <T> the type of the payload
   * @param type what kind of work it is
   * @param payload the input of the work
   * @return a builder that has what the type says, such as its priority
   * @throws IllegalArgumentException if the payload cannot be written, or its text is too large
   */
  public <T> NewJob.Builder job(JobType<T> type, T payload) {
    return job(type, JobIds.next(), payload);
  }

  /**
   * Starts to build a job with an id that you choose. However often and by whomever a job with this
   * id is enqueued, it stays one job, until it has been finished for longer than the store
   * remembers its id: a setting of the store, at least 24 h by default on SQL and 6 h on Redis
   * [Q02].
   *
   * @param <T> the type of the payload
   * @param type what kind of work it is
   * @param id the id of the job, unique within its queue; it must not begin with {@code schedule:}
   * @param payload the input of the work
   * @return a builder that has what the type says, such as its priority
   * @throws IllegalArgumentException if the payload cannot be written, or its text is too large
   */
  public <T> NewJob.Builder job(JobType<T> type, String id, T payload) {
    return job(type, id, payload, Map.of());
  }

  /**
   * Starts to build a job with headers that the codec sees when it writes the payload, such as the
   * tenant by which it chooses a key. It does not see those that the builder gets later. The rest
   * is as for a job without headers.
   *
   * @param <T> the type of the payload
   * @param type what kind of work it is
   * @param id the id of the job, unique within its queue; it must not begin with {@code schedule:}
   * @param payload the input of the work
   * @param headers the headers, at most {@value Limits#MAX_HEADERS}; those that Lease wrote for
   *     another job are left out: the version of its payload, and where its end is told
   * @return a builder that has the headers, and what the type says, such as its priority
   * @throws IllegalArgumentException if the payload cannot be written, or its text is too large
   */
  public <T> NewJob.Builder job(
      JobType<T> type, String id, T payload, Map<String, String> headers) {
    Limits.notNull("type", type);
    Limits.notNull("payload", payload);
    ScheduleDefinition.requireOtherId(Limits.name("job id", id), type.name());
    Map<String, String> all = new HashMap<>(OwnHeaders.without(Limits.notNull("headers", headers)));
    all.putAll(type.payload().headers());
    if (finishHints != null) {
      all.putAll(OwnHeaders.finishHint(finishHints, id));
    }
    var context = CodecContext.of(type.queue(), type.name(), id, all);
    String text = codec.write(payload, type.payloadType(), context);
    return defaults.on(type.job(id, payload, text, all), type);
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
   * Enqueues a job. Repeating the call is safe for as long as the store {@linkplain
   * JobQueue#enqueue remembers the id} [Q02].
   *
   * @param job the job
   * @return the job that now exists
   */
  public Enqueued enqueue(NewJob job) {
    return enqueue(List.of(Limits.notNull("job", job))).get(0);
  }

  /**
   * Enqueues any number of jobs, in calls of at most {@value Limits#MAX_BATCH}. Repeat the call
   * after a {@link dev.lease.StoreException}: only some of the jobs may have been stored. That is
   * safe for as long as the store {@linkplain JobQueue#enqueue remembers the ids} [Q02].
   *
   * @param batch the jobs
   * @return for each job the one that now exists, in the same order
   * @throws UnsupportedOperationException if one of them has a key and the store comes without
   *     {@link Capability#KEYS}; none is stored
   */
  public List<Enqueued> enqueue(List<NewJob> batch) {
    List<NewJob> all = List.copyOf(Limits.notNull("batch", batch));
    all.forEach(job -> ScheduleDefinition.requireOtherId(job.id(), job.type()));
    if (!takesKeys) {
      NewJob.requireNoKeys(all);
    }
    ClientInterceptor.Call call = intercepted(store);
    List<Enqueued> answers = new ArrayList<>(all.size());
    for (int from = 0; from < all.size(); from += Limits.MAX_BATCH) {
      int to = Math.min(from + Limits.MAX_BATCH, all.size());
      answers.addAll(call.enqueue(all.subList(from, to)));
    }
    return List.copyOf(answers);
  }

  /**
   * Starts a graph: jobs that wait for jobs. See {@link JobGraph}.
   *
   * @param id the id of the graph, unique within its queue; however often and by whomever it is
   *     enqueued, it stays one graph until the last of its jobs is purged or deleted. The ids of
   *     its jobs begin with it, so it must not begin with {@code schedule:}
   * @param queue the queue of all its jobs
   * @return a graph without parts
   * @throws IllegalArgumentException if a name breaks a rule of {@link Limits}
   */
  public JobGraph graph(String id, String queue) {
    return new JobGraph(this::job, id, queue);
  }

  /**
   * Enqueues a graph, in pieces of at most {@value GraphPiece#MAX_SIZE} jobs and four million
   * characters of payloads. None of its jobs runs before all of it is stored [Q72]. Repeat the call
   * after a {@link dev.lease.StoreException}: it makes nothing twice, whatever had been stored
   * [Q78]. If you do not, the graph runs if its last piece was stored; if not, what is stored of it
   * never runs, and is removed after an hour.
   *
   * @param graph the graph, with at least one part
   * @return {@link GraphAnswer.Kind#STORED}, by this call or by one like it; or {@link
   *     GraphAnswer.Kind#COMPLETE} if a graph with this id was there before: nothing was changed.
   *     The other kinds become a {@link GraphRefusedException}
   * @throws GraphRefusedException if a job's id or dedup key is taken by a job that is not of this
   *     part of the graph, or if another graph is being stored under this id: both are then removed
   *     as far as they are stored. What is left never runs, and goes after an hour at the latest;
   *     in a transaction of yours, see {@link #in}
   * @throws IllegalArgumentException if the graph has no part; nothing is stored
   * @throws UnsupportedOperationException if the store comes without {@link Capability#GRAPHS}, if
   *     a job has a key and it comes without {@link Capability#KEYS}, or if this client stores jobs
   *     by a call that {@link #in(ClientInterceptor.Call)} was given; nothing is stored
   */
  public GraphAnswer enqueue(JobGraph graph) {
    List<GraphPiece> pieces = Limits.notNull("graph", graph).pieces();
    if (!takesKeys) {
      pieces.forEach(piece -> NewJob.requireNoKeys(piece.allJobs()));
    }
    return new GraphSender(graphs, this::intercepted).send(pieces);
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
  public <T> Optional<EnqueuedJob<T>> find(JobType<T> type, String id) {
    return jobs.find(type.queue(), id).map(job -> enqueued(type, job));
  }

  /**
   * Waits until a job has finished: until it is DONE, FAILED or CANCELLED. Reads the job when a
   * hint comes, see {@link Builder#finishHints}, and otherwise after 10 ms, then less and less
   * often, at least once a second. An outage of the store is waited out. A store that does not
   * answer at all makes this last a second longer than the timeout, at most.
   *
   * @param <T> the type of the payload
   * @param type the type of the job, whose queue it is in
   * @param id the id of the job
   * @param timeout how long to wait, 0 to 3650 days
   * @return the job with its result or its error
   * @throws TimeoutException if it has not finished in that time; the job goes on
   * @throws java.util.NoSuchElementException if there is no such job, or not any more
   * @throws InterruptedException if the thread is interrupted during the call, or was before it,
   *     even if the job has finished; this does not stop the job
   * @throws IllegalArgumentException if the job is of another type
   */
  public <T> EnqueuedJob<T> await(JobType<T> type, String id, Duration timeout)
      throws InterruptedException, TimeoutException {
    return await(type, id, timeout, LONGEST_POLL);
  }

  <T> EnqueuedJob<T> await(JobType<T> type, String id, Duration timeout, Duration longestPoll)
      throws InterruptedException, TimeoutException {
    return enqueued(type, finished(type, id, timeout, longestPoll));
  }

  /**
   * Finds a job whose type says what its handlers return. The rest is as for other types.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   * @param type the type of the job, whose queue it is in
   * @param id the id of the job
   * @return the job as it is now; empty if it never existed, was deleted or was purged
   * @throws IllegalArgumentException if the job is of another type
   * @throws dev.lease.StoreException if the store could not answer
   */
  public <T, R> Optional<EnqueuedJob.Returning<T, R>> find(
      JobType.Returning<T, R> type, String id) {
    return jobs.find(type.queue(), id).map(job -> returning(type, job));
  }

  /**
   * Waits until a job has finished whose type says what its handlers return. The rest is as for
   * other types.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   * @param type the type of the job, whose queue it is in
   * @param id the id of the job
   * @param timeout how long to wait, 0 to 3650 days
   * @return the job with its result or its error
   * @throws TimeoutException if it has not finished in that time; the job goes on
   * @throws java.util.NoSuchElementException if there is no such job, or not any more
   * @throws InterruptedException if the thread is interrupted during the call, or was before it,
   *     even if the job has finished; this does not stop the job
   * @throws IllegalArgumentException if the job is of another type
   */
  public <T, R> EnqueuedJob.Returning<T, R> await(
      JobType.Returning<T, R> type, String id, Duration timeout)
      throws InterruptedException, TimeoutException {
    return returning(type, finished(type, id, timeout, LONGEST_POLL));
  }

  private Job finished(JobType<?> type, String id, Duration timeout, Duration longestPoll)
      throws InterruptedException, TimeoutException {
    return new AwaitFinish(jobs, longestPoll).of(type.queue(), id, timeout);
  }

  private <T> EnqueuedJob<T> enqueued(JobType<T> type, Job job) {
    return new EnqueuedJob<>(jobs, admin, codec, type, checked(type, job));
  }

  private <T, R> EnqueuedJob.Returning<T, R> returning(JobType.Returning<T, R> type, Job job) {
    return new EnqueuedJob.Returning<>(jobs, admin, codec, type, checked(type, job));
  }

  static Job checked(JobType<?> type, Job job) {
    if (!job.type().equals(type.name())) {
      throw new IllegalArgumentException(
          "job %s of queue %s must be of type %s, was of type %s"
              .formatted(job.id(), job.queue(), type.name(), job.type()));
    }
    return job;
  }
}
