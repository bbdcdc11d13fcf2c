package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.NewJob;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A kind of work, and what its producers and its workers must agree on. Keep it in one constant
 * that both sides use. Make it with {@link #of} and adjust it with the methods that begin with
 * {@code with}. Immutable.
 *
 * @param <T> the type of the payload
 */
public final class JobType<T> {

  private static final Duration DAY = Duration.ofDays(1);

  private final String queue;
  private final String name;
  private final PayloadFormat<T> payload;
  private final int maxAttempts;
  private final @Nullable Duration maxRunTime;
  private final Duration maxUnreadableTime;

  private JobType(
      String queue,
      String name,
      PayloadFormat<T> payload,
      int maxAttempts,
      @Nullable Duration maxRunTime,
      Duration maxUnreadableTime) {
    this.queue = Limits.name("queue", queue);
    this.name = Limits.name("job type", name);
    this.payload = payload;
    this.maxAttempts = Limits.between("maxAttempts", maxAttempts, 1, Integer.MAX_VALUE);
    this.maxRunTime = maxRunTime == null ? null : Limits.lease("maxRunTime", maxRunTime);
    this.maxUnreadableTime = Limits.delay("maxUnreadableTime", maxUnreadableTime);
  }

  /**
   * The queue that jobs of this type go to.
   *
   * @return the name of the queue
   */
  public String queue() {
    return queue;
  }

  /**
   * The name of the type. It is stored with each job, so keep it when you rename a class.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * The type of the payload, for the codec that writes and reads it.
   *
   * @return a class, or a type with type arguments
   */
  public Type payloadType() {
    return payload.type();
  }

  PayloadFormat<T> payload() {
    return payload;
  }

  /**
   * The version of the payloads of jobs that are enqueued with this type.
   *
   * @return at least 1, the default
   */
  public int version() {
    return payload.version();
  }

  /**
   * How many attempts a job of this type has before it is FAILED.
   *
   * @return at least 1
   */
  public int maxAttempts() {
    return maxAttempts;
  }

  /**
   * How long a handler may run on one attempt.
   *
   * @return 1 ms to 365 days; null, the default, if there is no limit
   */
  public @Nullable Duration maxRunTime() {
    return maxRunTime;
  }

  /**
   * How long a job is released again and again because its payload cannot be read, before it is
   * FAILED.
   *
   * @return 0 to 3650 days; a day by default
   */
  public Duration maxUnreadableTime() {
    return maxUnreadableTime;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return name + " of queue " + queue;
  }

  /**
   * Makes a type whose jobs have {@value NewJob#DEFAULT_MAX_ATTEMPTS} attempts and no maximum run
   * time.
   *
   * @param <T> the type of the payload
   * @param queue the queue
   * @param name the name of the type
   * @param payloadType the class of the payload
   * @return the type
   */
  public static <T> JobType<T> of(String queue, String name, Class<T> payloadType) {
    return of(queue, name, PayloadFormat.of(payloadType));
  }

  /**
   * Makes a type whose payload has type arguments, such as {@code new TypeReference<List<Order>>()
   * {}}. The rest is as for a class.
   *
   * @param <T> the type of the payload
   * @param queue the queue
   * @param name the name of the type
   * @param payloadType the type of the payload
   * @return the type
   */
  public static <T> JobType<T> of(String queue, String name, TypeReference<T> payloadType) {
    Type type = Limits.notNull("payloadType", payloadType).type();
    return of(queue, name, PayloadFormat.of(type));
  }

  private static <T> JobType<T> of(String queue, String name, PayloadFormat<T> payload) {
    return new JobType<>(queue, name, payload, NewJob.DEFAULT_MAX_ATTEMPTS, null, DAY);
  }

  private JobType<T> withPayload(PayloadFormat<T> payload) {
    return new JobType<>(queue, name, payload, maxAttempts, maxRunTime, maxUnreadableTime);
  }

  /**
   * The same type in another queue, for example if each customer has a queue. The worker needs a
   * handler for each of them: {@code .handle(TYPE.withQueue("customer-7"), handler)}. A job goes to
   * the queue of the type that it is made with.
   *
   * @param queue the queue
   * @return the type
   */
  public JobType<T> withQueue(String queue) {
    return new JobType<>(queue, name, payload, maxAttempts, maxRunTime, maxUnreadableTime);
  }

  /**
   * The same type with another number of attempts, for jobs that are enqueued from now on.
   *
   * @param maxAttempts at least 1
   * @return the type
   */
  public JobType<T> withMaxAttempts(int maxAttempts) {
    return new JobType<>(queue, name, payload, maxAttempts, maxRunTime, maxUnreadableTime);
  }

  /**
   * The same type with a limit on how long a handler may run. With a limit, a handler that never
   * returns is noticed, and another worker gets its job [W13]. The limit belongs to the worker that
   * handles the type. It is not stored with the jobs.
   *
   * <p>The time counts from the call of the handler, on a monotonic clock. Time that the job waits
   * for a slot does not count. Within a second after the limit has passed, the worker interrupts
   * the handler, {@link JobContext#shouldStop()} becomes true, and the worker no longer extends the
   * lease while the handler runs. If the handler then throws, the attempt has failed. If it
   * returns, the job is DONE. If it does neither, another worker can claim the job when the lease
   * has expired, as a further attempt, and {@link WorkerStatus#stuck()} counts the slot as stuck.
   *
   * <p>Choose a limit well above what such a job takes on a bad day. A handler that is merely slow
   * would otherwise run at the same time as the next attempt.
   *
   * @param maxRunTime 1 millisecond to 365 days
   * @return the type
   */
  public JobType<T> withMaxRunTime(Duration maxRunTime) {
    Limits.notNull("maxRunTime", maxRunTime);
    return new JobType<>(queue, name, payload, maxAttempts, maxRunTime, maxUnreadableTime);
  }

  /**
   * The same type with another version of its payload. Give a payload a new version if workers of
   * the version before would misread it: they release such jobs, and workers of the new version run
   * them. The version is a header of the job, {@code lease-payload-version}. Version 1 has none.
   *
   * @param version at least 1, and more than that of each upcaster; count up by 1
   * @return the type
   */
  public JobType<T> withVersion(int version) {
    return withPayload(payload.withVersion(version));
  }

  /**
   * The same type, which also reads payloads of an earlier version. Their jobs may have waited
   * while the program changed. A version without an upcaster cannot be read here, so each earlier
   * version that jobs may still have needs one, straight to the current one:
   *
   * <pre>{@code
   * JobType.of("orders", "place-order", Order.class)
   *     .withVersion(2)
   *     .withUpcaster(1, OldOrder.class, old -> new Order(old.item(), old.quantity(), "EUR"));
   * }</pre>
   *
   * @param <O> the type of that version
   * @param fromVersion the version, below the current one, which must have been set before
   * @param oldType the class of the payload in that version
   * @param upcaster makes a payload of now; if it throws, the payload cannot be read
   * @return the type
   */
  public <O> JobType<T> withUpcaster(
      int fromVersion, Class<O> oldType, Function<? super O, ? extends T> upcaster) {
    Type type = Limits.notNull("oldType", oldType);
    return withPayload(payload.withUpcaster(fromVersion, type, upcaster));
  }

  /**
   * The same type, which also reads payloads of an earlier version whose type has type arguments.
   * The rest is as for a class.
   *
   * @param <O> the type of that version
   * @param fromVersion the version, below the current one, which must have been set before
   * @param oldType the type of the payload in that version
   * @param upcaster makes a payload of now; if it throws, the payload cannot be read
   * @return the type
   */
  public <O> JobType<T> withUpcaster(
      int fromVersion, TypeReference<O> oldType, Function<? super O, ? extends T> upcaster) {
    Type type = Limits.notNull("oldType", oldType).type();
    return withPayload(payload.withUpcaster(fromVersion, type, upcaster));
  }

  /**
   * The same type with another limit on how long a job waits for a worker that can read its
   * payload. A worker that cannot read it releases the job, and the attempt does not count [W10].
   * When that has gone on for so long by the store's clock, the job is FAILED. After a requeue it
   * has that time again. The limit belongs to the workers. It is not stored with the jobs.
   *
   * @param maxUnreadableTime 0 to 3650 days; 0 means that the job is FAILED at once
   * @return the type
   */
  public JobType<T> withMaxUnreadableTime(Duration maxUnreadableTime) {
    return new JobType<>(queue, name, payload, maxAttempts, maxRunTime, maxUnreadableTime);
  }
}
