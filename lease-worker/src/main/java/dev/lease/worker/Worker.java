package dev.lease.worker;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Claims jobs under leases, runs their handlers, extends the leases meanwhile, and settles the
 * jobs.
 *
 * <p>Start a worker once and stop it once. It claims from the queues of the types that it handles,
 * in turn. While it runs, it keeps the JVM alive. Any number of workers may share one store, in one
 * process or in many. Safe for use by many threads.
 */
public final class Worker implements AutoCloseable {

  private enum State {
    NEW,
    RUNNING,
    STOPPING,
    STOPPED
  }

  private static final Duration LOOK_FOR_QUEUES = Duration.ofSeconds(10);

  private final Engine engine;
  private final @Nullable Thread shutdownHook;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile State state = State.NEW; // Written under the lock of this.

  private Worker(Engine engine, boolean shutdownHook) {
    this.engine = engine;
    this.shutdownHook =
        shutdownHook ? new Thread(this::stopForShutdown, engine.threadName("shutdown")) : null;
    engine.belongsTo(this::state, this::stopElsewhere);
  }

  /**
   * Starts to build a worker. On a store with {@link Capability#ADMIN} it also looks after its
   * queues in the background. When it starts, it resets expired jobs, so that they show as
   * claimable or as finished [W14]. From time to time it removes finished jobs that have been kept
   * long enough. On a store whose named leases have notes it reports itself, see {@link
   * WorkerReport}.
   *
   * @param backend the store that has the jobs; the worker does not close it, and it must stay open
   *     until the worker has stopped
   * @return a builder
   * @throws UnsupportedOperationException if the store comes without {@link Capability#JOBS}
   */
  public static Builder builder(Backend backend) {
    return new Builder(Limits.notNull("backend", backend));
  }

  /**
   * Starts to claim and run jobs. Unless {@link WorkerConfig#shutdownHook} is off, the worker also
   * stops by itself when the JVM shuts down, for example on SIGTERM. Returns at once, whether or
   * not the store can be reached. Does nothing if the worker is running already. If this throws,
   * nothing runs, and you must build another worker.
   *
   * @throws IllegalStateException if the worker was stopped before, or the JVM is shutting down
   * @throws OutOfMemoryError if the JVM cannot create one of the worker's threads
   */
  public synchronized void start() {
    if (state == State.STOPPING || state == State.STOPPED) {
      throw new IllegalStateException("a worker that was stopped cannot be started again");
    }
    if (state == State.NEW) {
      if (shutdownHook != null) {
        Runtime.getRuntime().addShutdownHook(shutdownHook);
      }
      state = State.RUNNING;
      try {
        engine.start();
      } catch (Throwable e) {
        try {
          stopHere();
        } catch (RuntimeException | Error again) {
          e.addSuppressed(again);
        }
        throw e;
      }
    }
  }

  /**
   * Stops the worker. It claims no more jobs and releases those that it has not started. Running
   * handlers may go on for the configured grace; then the worker interrupts them. If a handler then
   * returns, its job is DONE. If it throws an exception, its job is released, and the attempt does
   * not count. If it does neither within 2 seconds, the worker lets the lease expire. It does not
   * wait for handlers that are stuck already [W13]. It extends leases until everything is settled
   * [W05].
   *
   * <p>Returns when all that is done, about 15 seconds after the grace at the latest, whatever the
   * store does. An interrupt of the caller ends the grace. Called from inside a handler, this
   * returns at once, and the worker stops on another thread; {@link #awaitStopped} waits for that.
   * Calling it twice, or before the start, is harmless.
   */
  public void stop() {
    if (engine.runsHandlerOn(Thread.currentThread())) {
      stopElsewhere();
    } else {
      stopHere();
    }
  }

  private void stopElsewhere() {
    new Thread(this::stopHere, engine.threadName("stop")).start();
  }

  /**
   * Waits until the worker has stopped, whoever stops it. It does not stop the worker. Called from
   * inside a handler, it waits for that handler too.
   *
   * @param timeout how long to wait at most, 0 to 3650 days
   * @return whether the worker has stopped; false if the time was over before
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalArgumentException if the time is outside its range
   */
  public boolean awaitStopped(Duration timeout) throws InterruptedException {
    return stopped.await(Limits.delay("timeout", timeout).toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Does what {@link #stop} does. */
  @Override
  public void close() {
    stop();
  }

  /**
   * Takes jobs from one more queue, for example that of a new customer [W34]. All types that the
   * worker handles are handled there as well, by their names. If two of its handlers have the same
   * type in different queues, the one that was added first counts. The queue takes turns with the
   * others from now on, with the share that {@link WorkerConfig#queue} says. Does nothing if the
   * worker takes jobs from it already.
   *
   * @param queue the queue
   * @return false if the worker takes jobs from it already
   * @throws IllegalArgumentException if the name breaks a rule of {@link Limits}
   * @throws IllegalStateException if the worker was stopped
   */
  public boolean addQueue(String queue) {
    return addQueue(queue, engine.share(Limits.name("queue", queue)));
  }

  /**
   * Takes jobs from one more queue, with a share of its own. The rest is as for a queue without
   * one.
   *
   * @param queue the queue
   * @param share how much of the worker it may have
   * @return false if the worker takes jobs from it already; its share stays as it was
   * @throws IllegalArgumentException if the name breaks a rule of {@link Limits}, or the share has
   *     more slots than a concurrency that was set
   * @throws IllegalStateException if the worker was stopped
   */
  public synchronized boolean addQueue(String queue, QueueShare share) {
    Limits.name("queue", queue);
    Limits.notNull("share", share);
    if (state == State.STOPPING || state == State.STOPPED) {
      throw new IllegalStateException(
          "queue " + queue + " cannot be added to a worker that was stopped");
    }
    return engine.addQueue(queue, share, state == State.RUNNING);
  }

  /**
   * Takes no more jobs from a queue, whether it was there from the start, was added, or was found
   * by {@link Builder#queuesWithPrefix}, which does not bring it back. Jobs that the worker holds
   * run to their end and are settled [W34], and so do those that a claim under way still brings.
   *
   * @param queue the queue
   * @return false if the worker takes no jobs from it
   */
  public boolean removeQueue(String queue) {
    return engine.removeQueue(Limits.name("queue", queue));
  }

  /**
   * Tells what the worker is doing. It is cheap and does not call the store.
   *
   * @return the status at this moment
   */
  public WorkerStatus status() {
    return engine.status();
  }

  /**
   * Tells whether the worker does its work, and if not, why. It is cheap and does not call the
   * store, except in the background for {@link WorkerConfig.Builder#maxDueTime}.
   *
   * @return the health at this moment
   */
  public WorkerHealth health() {
    return engine.health();
  }

  private WorkerStatus.State state() {
    return switch (state) {
      case NEW -> WorkerStatus.State.NEW;
      case RUNNING -> engine.isAlive() ? WorkerStatus.State.RUNNING : WorkerStatus.State.FAILED;
      case STOPPING -> WorkerStatus.State.STOPPING;
      case STOPPED -> WorkerStatus.State.STOPPED;
    };
  }

  private synchronized State beginStop() {
    State before = state;
    if (before != State.STOPPED) {
      state = State.STOPPING;
    }
    return before;
  }

  private synchronized void hasStopped() {
    state = State.STOPPED;
    stopped.countDown();
  }

  private void stopHere() {
    switch (beginStop()) {
      case NEW -> hasStopped();
      case RUNNING -> {
        try {
          engine.stop();
        } finally {
          hasStopped();
          // Only now: if the JVM shuts down before, the hook waits for the end of this stop.
          removeShutdownHook();
        }
      }
      case STOPPING, STOPPED -> awaitStopped();
    }
  }

  private void stopForShutdown() {
    engine.leaveJobsInExit();
    stopHere();
  }

  private void awaitStopped() {
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeShutdownHook() {
    if (shutdownHook == null) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      // The JVM is shutting down: the hook runs, or has run already.
    }
  }

  /** An interceptor, and the type that it is for; null for all types. */
  private record Interception(@Nullable JobType<?> type, HandlerInterceptor interceptor) {

    boolean isFor(JobType<?> other) {
      return type == null
          || (type.queue().equals(other.queue()) && type.name().equals(other.name()));
    }

    /** The interceptor, for the jobs of its own queue, which the handler of another queue gets. */
    HandlerInterceptor ofItsQueue() {
      String queue = Objects.requireNonNull(type).queue();
      return (context, call) -> {
        if (context.queue().equals(queue)) {
          interceptor.around(context, call);
        } else {
          call.proceed();
        }
      };
    }
  }

  /** Builds a {@link Worker}; not for use by several threads. */
  public static final class Builder {
    final Backend backend;
    final JobQueue jobs;
    final @Nullable JobAdmin admin;
    private final HandlerRegistry registrations = new HandlerRegistry();
    private @Nullable WorkerConfig config;
    PayloadCodec codec = PayloadFormat.defaultCodec();
    final List<WorkerListener> listeners = new ArrayList<>();
    private @Nullable ThreadFactory handlerThreads;
    private final List<Interception> interceptions = new ArrayList<>();
    private HandlerOptions defaults = HandlerOptions.NONE;
    final Set<String> prefixes = new LinkedHashSet<>();

    /** Tests have shorter ones. */
    Duration lookForQueues = LOOK_FOR_QUEUES;

    final List<Schedule> schedules = new ArrayList<>();

    private Builder(Backend backend) {
      this.backend = backend;
      jobs = backend.jobQueue();
      admin = backend.capabilities().contains(Capability.ADMIN) ? backend.jobAdmin() : null;
    }

    /**
     * Sets how the worker works.
     *
     * @param config the configuration; if not set, the defaults apply
     * @return this
     */
    public Builder config(WorkerConfig config) {
      this.config = Limits.notNull("config", config);
      return this;
    }

    /**
     * Sets the codec that reads payloads, and writes results and the values of steps.
     *
     * @param codec the codec; if not set, {@link JacksonCodec#DEFAULT}
     * @return this
     */
    public Builder codec(PayloadCodec codec) {
      this.codec = Limits.notNull("codec", codec);
      return this;
    }

    /**
     * Sets how this worker handles the types whose own options do not say it.
     *
     * @param defaults the options
     * @return this
     */
    public Builder defaults(HandlerOptions defaults) {
      this.defaults = Limits.notNull("defaults", defaults);
      return this;
    }

    /**
     * Adds a type of jobs that this worker handles.
     *
     * @param <T> the type of the payload
     * @param type the type
     * @param handler what does the work
     * @return this
     * @throws IllegalArgumentException if the type has a handler already, or says that its handlers
     *     return something and this one does not
     */
    public <T> Builder handle(JobType<T> type, JobHandler<T> handler) {
      return handle(type, handler, HandlerOptions.NONE);
    }

    /**
     * Adds a type of jobs that this worker handles.
     *
     * @param <T> the type of the payload
     * @param type the type
     * @param handler what does the work
     * @param retry decides when a failed attempt is tried again
     * @return this
     * @throws IllegalArgumentException if the type has a handler already, or says that its handlers
     *     return something and this one does not
     */
    public <T> Builder handle(JobType<T> type, JobHandler<T> handler, RetryPolicy retry) {
      return handle(type, handler, HandlerOptions.of(retry));
    }

    /**
     * Adds a type of jobs that this worker handles.
     *
     * @param <T> the type of the payload
     * @param type the type
     * @param handler what does the work
     * @param options how the worker handles the type
     * @return this
     * @throws IllegalArgumentException if the type has a handler already, or says that its handlers
     *     return something and this one does not
     */
    public <T> Builder handle(JobType<T> type, JobHandler<T> handler, HandlerOptions options) {
      Limits.notNull("type", type);
      Limits.notNull("handler", handler);
      if (type instanceof JobType.Returning<?, ?> returning
          && !(handler instanceof JobHandler.Returning<?, ?>)) {
        throw new IllegalArgumentException(
            "the handler of type %s must return a %s: it must be a JobHandler.Returning, was %s"
                .formatted(type, returning.resultType().getTypeName(), handler.getClass()));
      }
      registrations.add(
          new HandlerRegistration<>(type, handler, Limits.notNull("options", options)));
      return this;
    }

    /**
     * Adds a type of jobs whose handlers return a result.
     *
     * @param <T> the type of the payload
     * @param <R> the type of the result
     * @param type the type
     * @param handler what does the work
     * @return this
     * @throws IllegalArgumentException if the type has a handler already
     */
    public <T, R> Builder handle(JobType.Returning<T, R> type, JobHandler.Returning<T, R> handler) {
      return handle(type, handler, HandlerOptions.NONE);
    }

    /**
     * Adds a type of jobs whose handlers return a result.
     *
     * @param <T> the type of the payload
     * @param <R> the type of the result
     * @param type the type
     * @param handler what does the work
     * @param retry decides when a failed attempt is tried again
     * @return this
     * @throws IllegalArgumentException if the type has a handler already
     */
    public <T, R> Builder handle(
        JobType.Returning<T, R> type, JobHandler.Returning<T, R> handler, RetryPolicy retry) {
      return handle(type, handler, HandlerOptions.of(retry));
    }

    /**
     * Adds a type of jobs whose handlers return a result.
     *
     * @param <T> the type of the payload
     * @param <R> the type of the result
     * @param type the type
     * @param handler what does the work
     * @param options how the worker handles the type
     * @return this
     * @throws IllegalArgumentException if the type has a handler already
     */
    public <T, R> Builder handle(
        JobType.Returning<T, R> type, JobHandler.Returning<T, R> handler, HandlerOptions options) {
      return handle((JobType<T>) type, (JobHandler<T>) handler, options);
    }

    /**
     * Adds the type that a handler names, with its {@link TypedJobHandler#options}.
     *
     * @param handler what does the work
     * @return this
     * @throws IllegalArgumentException if the type has a handler already, or says that its handlers
     *     return something and this one does not
     */
    public Builder handle(TypedJobHandler<?> handler) {
      return handle(handler, Limits.notNull("handler", handler).options());
    }

    /**
     * Adds the type that a handler names.
     *
     * @param <T> the type of the payload
     * @param handler what does the work
     * @param options how the worker handles the type, in place of the handler's own
     * @return this
     * @throws IllegalArgumentException if the type has a handler already, or says that its handlers
     *     return something and this one does not
     */
    public <T> Builder handle(TypedJobHandler<T> handler, HandlerOptions options) {
      return handle(Limits.notNull("handler", handler).type(), handler, options);
    }

    /**
     * Takes jobs also from all queues whose names begin with a prefix, such as {@code tenant-}, for
     * the types that this worker handles, as {@link Worker#addQueue} does. The worker looks for
     * them when it starts and every 10 seconds, by {@link JobAdmin#counts()}, and takes on those
     * that have unfinished jobs. It needs a store with {@link Capability#ADMIN}.
     *
     * @param prefix what their names begin with
     * @return this
     */
    public Builder queuesWithPrefix(String prefix) {
      prefixes.add(Limits.name("prefix", prefix));
      return this;
    }

    /**
     * Sets what makes the threads of handlers, in place of {@link WorkerConfig#threads}. The worker
     * makes as many as its concurrency when it starts, uses each for one job after the other,
     * interrupts them when handlers should stop, and lets them end when it stops. A thread that is
     * no daemon keeps the JVM alive until then.
     *
     * @param threads the factory; if it throws or returns null, {@link Worker#start} throws
     * @return this
     */
    public Builder threads(ThreadFactory threads) {
      handlerThreads = Limits.notNull("threads", threads);
      return this;
    }

    /**
     * Adds a schedule, or says that one is {@linkplain Schedule#removed removed}. Once the worker
     * has started, it brings the schedule into the store in the background, and looks about once a
     * minute whether it is there. Give all nodes the same schedules. To change or remove one that
     * is in the store, the worker needs a store with {@link Capability#ADMIN}.
     *
     * @param schedule the schedule, whose type needs a handler before the worker is built; in a
     *     queue {@linkplain #queuesWithPrefix with a prefix}, the type of any queue
     * @return this
     */
    public Builder schedule(Schedule schedule) {
      schedules.add(Limits.notNull("schedule", schedule));
      return this;
    }

    /**
     * Adds a listener, which hears what the worker does with its jobs.
     *
     * @param listener the listener
     * @return this
     */
    public Builder listen(WorkerListener listener) {
      listeners.add(Limits.notNull("listener", listener));
      return this;
    }

    /**
     * Adds an interceptor around the handlers of all types. What is added first is outermost.
     *
     * @param interceptor the interceptor
     * @return this
     */
    public Builder intercept(HandlerInterceptor interceptor) {
      interceptions.add(new Interception(null, Limits.notNull("interceptor", interceptor)));
      return this;
    }

    /**
     * Adds an interceptor around the handler of one type. What is added first is outermost,
     * together with the interceptors of all types.
     *
     * @param type the type, which needs a handler before the worker is built; in a queue
     *     {@linkplain #queuesWithPrefix with a prefix}, the type of any queue
     * @param interceptor the interceptor
     * @return this
     */
    public Builder intercept(JobType<?> type, HandlerInterceptor interceptor) {
      interceptions.add(
          new Interception(
              Limits.notNull("type", type), Limits.notNull("interceptor", interceptor)));
      return this;
    }

    /**
     * Makes the worker. It does nothing until it is started.
     *
     * @return the worker
     * @throws IllegalStateException if there is no handler, or none for a queue that the
     *     configuration names, or for a type that has an interceptor or a schedule, or if two
     *     schedules of a queue have one name
     * @throws IllegalArgumentException if the payload of a schedule cannot be written or is too
     *     large
     * @throws UnsupportedOperationException if the jobs of a schedule have a key, and the store
     *     comes without {@link Capability#KEYS}; or if there are prefixes of queues or a maximum of
     *     due time, and it comes without {@link Capability#ADMIN}
     */
    public Worker build() {
      if (registrations.isEmpty()) {
        throw new IllegalStateException(
            "a worker needs at least one handler: add one with handle of its builder, or with a"
                + " JobHandlerBinder of Guice");
      }
      return build(LocalClock.SYSTEM, Thread::new);
    }

    /** Lets a test set the clocks, and refuse or kill the threads of lanes. */
    Worker build(LocalClock clock, Lanes.Threads threads) {
      WorkerConfig config = checkedConfig();
      var engine =
          new Engine(
              jobs,
              admin,
              admission(),
              graphs(),
              config.report() ? reports() : null,
              backend.longestCall(),
              backend::storeOf,
              config,
              handlers(),
              new Engine.Prefixes(Set.copyOf(prefixes), lookForQueues),
              List.copyOf(schedules),
              List.copyOf(listeners),
              handlerThreads,
              codec,
              clock,
              threads);
      return new Worker(engine, config.shutdownHook());
    }

    /** The limits of keys; null if the store has none. */
    @Nullable Admission admission() {
      return backend.capabilities().contains(Capability.KEYS) ? backend.admission() : null;
    }

    /** The graphs of jobs; null if the store has none. */
    @Nullable JobGraphs graphs() {
      return backend.capabilities().contains(Capability.GRAPHS) ? backend.jobGraphs() : null;
    }

    /** Where the worker reports itself; null if the store keeps no notes. */
    private @Nullable LeaseStore reports() {
      return backend.capabilities().containsAll(Set.of(Capability.LEASES, Capability.NOTES))
          ? backend.leaseStore()
          : null;
    }

    /** The configuration, or the defaults; throws if the handlers do not fit to what was built. */
    WorkerConfig checkedConfig() {
      WorkerConfig config = this.config != null ? this.config : WorkerConfig.builder().build();
      for (String queue : config.queues()) {
        if (!registrations.queues().contains(queue) && !isFound(queue)) {
          throw new IllegalStateException(
              "queue "
                  + queue
                  + " has a share, but no handler: add a handler of a type of that queue, or take"
                  + " the share out of the configuration");
        }
      }
      for (Interception interception : interceptions) {
        if (interception.type() != null && !isHandled(interception.type())) {
          throw new IllegalStateException(
              "type "
                  + interception.type()
                  + " has an interceptor, but no handler: add one, or leave the interceptor out");
        }
      }
      if (admin == null && !prefixes.isEmpty()) {
        throw Capability.ADMIN.missing(
            "calls for operators, so it cannot tell which queues begin with "
                + prefixes.iterator().next());
      }
      if (admin == null && config.maxDueTime() != null) {
        throw Capability.ADMIN.missing(
            "calls for operators, so it cannot tell what is due longer than maxDueTime, "
                + Limits.shown(config.maxDueTime()));
      }
      checkSchedules();
      return config;
    }

    /** The handlers with their interceptors, and that of schedules in each queue. */
    HandlerRegistry handlers() {
      HandlerRegistry handlers = registrations.complete(defaults, this::interceptorsOf);
      var scheduleHandler = new ScheduleHandler(jobs, codec);
      handlers.queues().forEach(queue -> handlers.add(scheduleHandler.of(queue)));
      return handlers;
    }

    /** Whether the worker takes a queue on because of a prefix. */
    private boolean isFound(String queue) {
      return prefixes.stream().anyMatch(queue::startsWith);
    }

    /** Whether a type has a handler, in its own queue or in one that is found. */
    private boolean isHandled(JobType<?> type) {
      return registrations.contains(type)
          || (isFound(type.queue()) && registrations.find(type.queue(), type.name()) != null);
    }

    private void checkSchedules() {
      Set<String> names = new HashSet<>();
      boolean hasKeys = backend.capabilities().contains(Capability.KEYS);
      for (Schedule schedule : schedules) {
        if (!names.add(schedule.toString())) {
          throw new IllegalStateException(
              "schedule " + schedule + " is there twice: give one of them another name");
        }
        if (schedule.work() != null && !isHandled(schedule.work().type())) {
          throw new IllegalStateException(
              "type "
                  + schedule.work().type()
                  + " has a schedule, but no handler: add one, or leave the schedule out");
        }
        if (schedule.work() != null && schedule.work().template().key() != null && !hasKeys) {
          throw new UnsupportedOperationException(
              "schedule %s gives its jobs the key \"%s\", which needs %s: this store would refuse each firing; leave the key out"
                  .formatted(schedule, schedule.work().template().key(), Capability.KEYS));
        }
      }
    }

    private List<HandlerInterceptor> interceptorsOf(JobType<?> type) {
      return interceptions.stream()
          .flatMap(interception -> interceptorOf(type, interception).stream())
          .toList();
    }

    private Optional<HandlerInterceptor> interceptorOf(
        JobType<?> handled, Interception interception) {
      if (interception.isFor(handled)) {
        return Optional.of(interception.interceptor());
      }
      JobType<?> type = Objects.requireNonNull(interception.type());
      return type.name().equals(handled.name()) && !registrations.contains(type)
          ? Optional.of(interception.ofItsQueue())
          : Optional.empty();
    }
  }
}
