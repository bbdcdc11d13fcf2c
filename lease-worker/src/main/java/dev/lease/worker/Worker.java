package dev.lease.worker;

import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes jobs under leases, runs their handlers, keeps the leases meanwhile, and settles the jobs.
 *
 * <p>A worker is started once and stopped once. It claims from the queues of the types that it
 * handles, in turn. While it runs it keeps the JVM alive. Safe for use by many threads; any number
 * of workers may share one store, in one process or in many.
 */
public final class Worker implements AutoCloseable {

  private enum State {
    NEW,
    RUNNING,
    STOPPING
  }

  private final Engine engine;
  private final @Nullable Thread shutdownHook;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private State state = State.NEW; // Guarded by this.

  private Worker(Engine engine, boolean shutdownHook) {
    this.engine = engine;
    this.shutdownHook =
        shutdownHook ? new Thread(this::stopForShutdown, engine.threadName("shutdown")) : null;
  }

  /**
   * Starts to build a worker.
   *
   * @param jobs where its jobs come from; it is not closed with the worker, and has to stay open
   *     until the worker has stopped
   * @return a builder
   */
  public static Builder builder(JobQueue jobs) {
    return new Builder(jobs);
  }

  /**
   * Starts to build a worker that looks after its queues as well: when it starts it makes expired
   * jobs visible [W14], and from time to time it removes finished jobs that have been kept long
   * enough.
   *
   * @param jobs where its jobs come from; it is not closed with the worker, and has to stay open
   *     until the worker has stopped
   * @param admin the admin of the same store
   * @return a builder
   */
  public static Builder builder(JobQueue jobs, JobAdmin admin) {
    return new Builder(jobs).admin(admin);
  }

  /**
   * Starts to claim and to run jobs, and sees to it that the worker is stopped when the JVM is shut
   * down, as by SIGTERM, unless {@link WorkerConfig#shutdownHook} is off. Returns at once, whether
   * or not the store can be reached. Harmless when running already. If it throws, nothing runs, and
   * another worker has to be built.
   *
   * @throws IllegalStateException if it was stopped before, or the JVM is shutting down
   * @throws OutOfMemoryError if the JVM has no thread left for one of its lanes
   */
  public synchronized void start() {
    if (state == State.STOPPING) {
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
   * Stops the worker: it claims no more, hands back what it has not started, lets running handlers
   * go on for the configured grace, then interrupts them. A handler that then ends is settled, or
   * its job is handed back without the attempt being counted; the lease of one that does not end
   * within 2 seconds is left to run out. Handlers that are stuck already [W13] are not waited for.
   * Leases are kept until all is settled [W05].
   *
   * <p>Returns when all that is done, at the latest 15 seconds or so after the grace, longer only
   * if closing the hints of the store takes longer. An interrupt of the caller ends the grace. From
   * inside a handler it returns at once, and the worker stops when the handler has ended. Harmless
   * when done twice, or before the start.
   */
  public void stop() {
    if (engine.runsHandlerOn(Thread.currentThread())) {
      new Thread(this::stopHere, engine.threadName("stop")).start();
    } else {
      stopHere();
    }
  }

  /** Does what {@link #stop} does. */
  @Override
  public void close() {
    stop();
  }

  /**
   * Tells what the worker is doing; cheap, and without a call to the store.
   *
   * @return the status at this moment
   */
  public WorkerStatus status() {
    return engine.status(state());
  }

  private synchronized WorkerStatus.State state() {
    return switch (state) {
      case NEW -> WorkerStatus.State.NEW;
      case RUNNING -> engine.isAlive() ? WorkerStatus.State.RUNNING : WorkerStatus.State.FAILED;
      case STOPPING -> WorkerStatus.State.STOPPED;
    };
  }

  private synchronized State beginStop() {
    State before = state;
    state = State.STOPPING;
    return before;
  }

  private void stopHere() {
    switch (beginStop()) {
      case NEW -> stopped.countDown();
      case RUNNING -> {
        try {
          engine.stop();
        } finally {
          stopped.countDown();
          // Not before: a shutdown that comes meanwhile waits for the stop, in the hook.
          removeShutdownHook();
        }
      }
      case STOPPING -> awaitStopped();
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
      // The JVM is shutting down, and the hook runs or has run.
    }
  }

  /** Builds a {@link Worker}; not for use by several threads. */
  public static final class Builder {
    private final JobQueue jobs;
    private final HandlerRegistry registrations = new HandlerRegistry();
    private @Nullable WorkerConfig config;
    private @Nullable JobAdmin admin;
    private JsonMapper mapper = new JsonMapper();

    private Builder(JobQueue jobs) {
      this.jobs = jobs;
    }

    /**
     * Sets how the worker works.
     *
     * @param config the configuration; without it the defaults hold
     * @return this
     */
    public Builder config(WorkerConfig config) {
      this.config = config;
      return this;
    }

    /**
     * Lets the worker look after its queues, in the background: when it starts it makes expired
     * jobs visible [W14], and from time to time it removes those that have been kept long enough.
     *
     * @param admin the admin of the same store
     * @return this
     */
    public Builder admin(JobAdmin admin) {
      this.admin = admin;
      return this;
    }

    /**
     * Sets how payloads are read and results written; without it Jackson's defaults hold.
     *
     * @param mapper a mapper, without default typing: who can write to the store could make it run
     *     any class
     * @return this
     */
    public Builder mapper(JsonMapper mapper) {
      this.mapper = mapper;
      return this;
    }

    /**
     * Takes on a type of jobs, with {@link RetryPolicy#DEFAULT}.
     *
     * @param <T> the type of the payload
     * @param type the type
     * @param handler what does the work
     * @return this
     * @throws IllegalArgumentException if the type has a handler already
     */
    public <T> Builder handle(JobType<T> type, JobHandler<T> handler) {
      return handle(type, handler, RetryPolicy.DEFAULT);
    }

    /**
     * Takes on a type of jobs.
     *
     * @param <T> the type of the payload
     * @param type the type
     * @param handler what does the work
     * @param retry when an attempt that failed is tried again
     * @return this
     * @throws IllegalArgumentException if the type has a handler already
     */
    public <T> Builder handle(JobType<T> type, JobHandler<T> handler, RetryPolicy retry) {
      registrations.add(new HandlerRegistration<>(type, handler, retry));
      return this;
    }

    /**
     * Makes the worker, which does nothing before it is started.
     *
     * @return the worker
     * @throws IllegalStateException if it has no handler, or none for a queue that the
     *     configuration names
     */
    public Worker build() {
      if (registrations.isEmpty()) {
        throw new IllegalStateException("a worker needs a handler");
      }
      return build(LocalClock.SYSTEM, Thread::new);
    }

    /** With clocks that a test may set, and threads for the lanes that it may keep from them. */
    Worker build(LocalClock clock, Lanes.Threads threads) {
      WorkerConfig config = this.config != null ? this.config : WorkerConfig.builder().build();
      for (String queue : config.queues().keySet()) {
        if (!registrations.queues().contains(queue)) {
          throw new IllegalStateException(
              "queue " + queue + " has a share of the slots and no handler");
        }
      }
      var engine = new Engine(jobs, admin, config, registrations, mapper, clock, threads);
      return new Worker(engine, config.shutdownHook());
    }
  }
}
