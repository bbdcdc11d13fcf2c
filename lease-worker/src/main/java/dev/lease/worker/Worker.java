package dev.lease.worker;

import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Takes jobs under leases and runs their handlers. */
public final class Worker implements AutoCloseable {

  private Worker() {}

  /**
   * Starts to build a worker.
   *
   * @param jobs where its jobs come from; it is not closed with the worker
   * @return a builder
   */
  public static Builder builder(JobQueue jobs) {
    return new Builder(jobs);
  }

  /** Starts the worker. */
  public void start() {
    throw new UnsupportedOperationException("not yet");
  }

  /** Stops the worker. */
  public void stop() {
    throw new UnsupportedOperationException("not yet");
  }

  /** Does what {@link #stop} does. */
  @Override
  public void close() {
    stop();
  }

  /**
   * Tells what the worker is doing.
   *
   * @return the status
   */
  public WorkerStatus status() {
    throw new UnsupportedOperationException("not yet");
  }

  /** Builds a {@link Worker}; not for use by several threads. */
  public static final class Builder {
    private final JobQueue jobs;
    private final Map<String, Map<String, Registration<?>>> handlers = new LinkedHashMap<>();
    private WorkerConfig config = WorkerConfig.builder().build();
    private @Nullable JobAdmin admin;
    private JsonMapper mapper = new JsonMapper();

    private Builder(JobQueue jobs) {
      this.jobs = jobs;
    }

    /**
     * Sets how the worker works.
     *
     * @param config the configuration
     * @return this
     */
    public Builder config(WorkerConfig config) {
      this.config = config;
      return this;
    }

    /**
     * Lets the worker look after its queues.
     *
     * @param admin the same store
     * @return this
     */
    public Builder admin(JobAdmin admin) {
      this.admin = admin;
      return this;
    }

    /**
     * Sets how payloads are read and results written.
     *
     * @param mapper the mapper
     * @return this
     */
    public Builder mapper(JsonMapper mapper) {
      this.mapper = mapper;
      return this;
    }

    /**
     * Takes on a type of jobs.
     *
     * @param <T> the type of the payload
     * @param type the type
     * @param handler what does its work
     * @return this
     */
    public <T> Builder handle(JobType<T> type, JobHandler<T> handler) {
      return handle(type, handler, RetryPolicy.DEFAULT);
    }

    /**
     * Takes on a type of jobs.
     *
     * @param <T> the type of the payload
     * @param type the type
     * @param handler what does its work
     * @param retry when a failed attempt is tried again
     * @return this
     */
    public <T> Builder handle(JobType<T> type, JobHandler<T> handler, RetryPolicy retry) {
      return this;
    }

    /**
     * Makes the worker, which does nothing before it is started.
     *
     * @return the worker
     */
    public Worker build() {
      return new Worker();
    }
  }
}
