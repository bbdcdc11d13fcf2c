package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.NewJob;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A kind of work: what its producers and its workers have to agree on. Best kept in one constant
 * that both sides use, made by {@link #of} and changed by the methods that begin with {@code with}.
 * Immutable.
 *
 * @param <T> the type of the payload
 */
public final class JobType<T> {

  private final String queue;
  private final String name;
  private final Class<T> payloadType;
  private final int maxAttempts;
  private final @Nullable Duration maxRunTime;

  private JobType(
      String queue,
      String name,
      Class<T> payloadType,
      int maxAttempts,
      @Nullable Duration maxRunTime) {
    this.queue = Limits.name("queue", queue);
    this.name = Limits.name("job type", name);
    this.payloadType = Limits.notNull("payloadType", payloadType);
    this.maxAttempts = Limits.between("maxAttempts", maxAttempts, 1, Integer.MAX_VALUE);
    this.maxRunTime = maxRunTime == null ? null : Limits.lease("maxRunTime", maxRunTime);
  }

  /**
   * The queue that such jobs go to.
   *
   * @return its name
   */
  public String queue() {
    return queue;
  }

  /**
   * The name of the type, which is stored with each job; keep it when a class is renamed.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * The class that the payload is written from and read into, as JSON.
   *
   * @return the class
   */
  public Class<T> payloadType() {
    return payloadType;
  }

  /**
   * How often such a job may be claimed before it ends FAILED.
   *
   * @return at least 1
   */
  public int maxAttempts() {
    return maxAttempts;
  }

  /**
   * How long a handler may run on such a job.
   *
   * @return 1 ms to 365 days; null, as it is unless asked for, where it may run for as long as it
   *     takes
   */
  public @Nullable Duration maxRunTime() {
    return maxRunTime;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return name + " of queue " + queue;
  }

  /**
   * Makes a type whose jobs have {@value NewJob#DEFAULT_MAX_ATTEMPTS} attempts, and handlers that
   * may run for as long as they take.
   *
   * @param <T> the type of the payload
   * @param queue the queue
   * @param name the name of the type
   * @param payloadType the class of the payload
   * @return the type
   */
  public static <T> JobType<T> of(String queue, String name, Class<T> payloadType) {
    return new JobType<>(queue, name, payloadType, NewJob.DEFAULT_MAX_ATTEMPTS, null);
  }

  /**
   * The same type in another queue, as where each customer has one. A worker handles each of them,
   * {@code .handle(TYPE.withQueue("customer-7"), handler)}, and a job goes to the queue of the type
   * that it is made with.
   *
   * @param queue the queue
   * @return the type
   */
  public JobType<T> withQueue(String queue) {
    return new JobType<>(queue, name, payloadType, maxAttempts, maxRunTime);
  }

  /**
   * The same type with another number of attempts, for jobs that are enqueued from now on.
   *
   * @param maxAttempts at least 1
   * @return the type
   */
  public JobType<T> withMaxAttempts(int maxAttempts) {
    return new JobType<>(queue, name, payloadType, maxAttempts, maxRunTime);
  }

  /**
   * The same type with a limit to how long a handler may run, so that one that never returns is
   * seen, and its job goes on elsewhere [W13]. The limit belongs to the worker that handles the
   * type; it is not stored with the jobs.
   *
   * <p>It counts from the call of the handler, on a monotonic clock; time that the job waits for a
   * slot is not counted. Within a second after it has passed the handler is interrupted, {@link
   * JobContext#shouldStop()} is true, and the lease is kept no longer while the handler runs. If it
   * then throws, the attempt has failed; if it returns, the job is done. If it does neither,
   * another worker takes the job when the lease has run out, as a further attempt, and {@link
   * WorkerStatus#stuck()} counts a slot that the worker has lost. Choose it well above what such a
   * job takes on a bad day: a handler that only is slow then runs twice at once.
   *
   * @param maxRunTime 1 millisecond to 365 days
   * @return the type
   */
  public JobType<T> withMaxRunTime(Duration maxRunTime) {
    Limits.notNull("maxRunTime", maxRunTime);
    return new JobType<>(queue, name, payloadType, maxAttempts, maxRunTime);
  }
}
