package dev.lease.worker;

import dev.lease.Due;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A kind of work, and what its producers and its workers must agree on. Keep it in one constant
 * that both sides use. Make it with {@link #of} and adjust it with the methods that begin with
 * {@code with}. What only a worker needs is in {@link HandlerOptions}. Immutable.
 *
 * @param <T> the type of the payload
 */
public sealed class JobType<T> {

  private final Terms<T> terms;

  private JobType(Terms<T> terms) {
    this.terms = terms;
  }

  /**
   * What a type says.
   *
   * @param template a job with the settings of the type
   * @param maxCrashes null if the type leaves it to the client
   */
  private record Terms<T>(
      PayloadFormat<T> payload,
      NewJob template,
      @Nullable Integer maxCrashes,
      @Nullable Function<? super T, String> key) {

    Terms<T> in(String queue) {
      NewJob there = as(NewJob.builder(queue, template.id(), template.type(), "")).build();
      return new Terms<>(payload, there, maxCrashes, key);
    }

    Terms<T> withPayload(PayloadFormat<T> payload) {
      return new Terms<>(payload, template, maxCrashes, key);
    }

    Terms<T> withMaxCrashes(@Nullable Integer maxCrashes) {
      int most = Objects.requireNonNullElse(maxCrashes, NewJob.DEFAULT_MAX_CRASHES);
      NewJob changed = template.toBuilder().maxCrashes(most).build();
      return new Terms<>(payload, changed, maxCrashes, key);
    }

    Terms<T> withKey(@Nullable Function<? super T, String> key) {
      return new Terms<>(payload, template, maxCrashes, key);
    }

    Terms<T> with(UnaryOperator<NewJob.Builder> change) {
      NewJob changed = change.apply(template.toBuilder()).build();
      return new Terms<>(payload, changed, maxCrashes, key);
    }

    /** Gives a job the settings of the type. */
    NewJob.Builder as(NewJob.Builder job) {
      return job.priority(template.priority())
          .maxCrashes(template.maxCrashes())
          .maxFailures(template.maxFailures())
          .notAfter(template.notAfter())
          .keep(template.keep());
    }
  }

  /** The same type with other terms. */
  private JobType<T> with(Terms<T> terms) {
    return new JobType<>(terms);
  }

  /**
   * Makes a type whose jobs may crash {@value NewJob#DEFAULT_MAX_CRASHES} times and fail as often
   * as their worker allows, unless their client says otherwise, have the priority {@value
   * NewJob#DEFAULT_PRIORITY} and no deadline, are kept for as long as the store says, and return
   * nothing.
   *
   * @param <T> the type of the payload
   * @param queue the queue
   * @param name the name of the type, any but {@code lease-schedule}
   * @param payloadType the class of the payload
   * @return the type
   */
  public static <T> JobType<T> of(String queue, String name, Class<T> payloadType) {
    return of(queue, other(name), PayloadFormat.of(payloadType));
  }

  /**
   * Makes a type whose payload has type arguments, such as {@code new TypeReference<List<Order>>()
   * {}}. The rest is as for a class.
   *
   * @param <T> the type of the payload
   * @param queue the queue
   * @param name the name of the type, any but {@code lease-schedule}
   * @param payloadType the type of the payload
   * @return the type
   */
  public static <T> JobType<T> of(String queue, String name, TypeReference<T> payloadType) {
    Type type = Limits.notNull("payloadType", payloadType).type();
    return of(queue, other(name), PayloadFormat.of(type));
  }

  private static String other(String name) {
    if (Limits.notNull("name", name).equals(ScheduleDefinition.JOB_TYPE)) {
      throw new IllegalArgumentException(
          "name must not be %s, which is the type of the jobs that keep schedules: choose another name"
              .formatted(name));
    }
    return name;
  }

  /** Makes a type of any name, also that of the jobs that keep schedules. */
  static <T> JobType<T> of(String queue, String name, PayloadFormat<T> payload) {
    NewJob template = NewJob.builder(queue, "template", name, "").build();
    return new JobType<>(new Terms<>(payload, template, null, null));
  }

  /** Starts to build a job whose payload has been written. */
  NewJob.Builder job(String id, T payload, String text, Map<String, String> headers) {
    return terms
        .as(NewJob.builder(queue(), id, name(), text))
        .headers(headers)
        .key(terms.key() == null ? null : terms.key().apply(payload));
  }

  /** Writes what a handler leaves as its result. */
  String resultText(Object result, PayloadCodec codec, CodecContext ofJob) {
    Type type =
        this instanceof Returning<?, ?> returning
            ? PayloadFormat.typeToWrite(returning.resultType(), result)
            : result.getClass();
    return Limits.text("result", codec.write(result, type, ofJob.ofResult()));
  }

  /** {@return the queue that jobs of this type go to} */
  public String queue() {
    return terms.template().queue();
  }

  /**
   * The name of the type. It is stored with each job, so keep it when you rename a class.
   *
   * @return the name
   */
  public String name() {
    return terms.template().type();
  }

  /**
   * The type of the payload, for the codec that writes and reads it.
   *
   * @return a class, or a type with type arguments
   */
  public Type payloadType() {
    return payload().type();
  }

  PayloadFormat<T> payload() {
    return terms.payload();
  }

  /**
   * The version of the payloads of jobs that are enqueued with this type.
   *
   * @return at least 1, the default
   */
  public int version() {
    return payload().version();
  }

  /**
   * How many attempts at a job of this type may crash before it is FAILED.
   *
   * @return at least 1; null, the default, if the client decides
   */
  public @Nullable Integer maxCrashes() {
    return terms.maxCrashes();
  }

  /**
   * How many attempts at a job of this type may fail before it is FAILED.
   *
   * @return at least 1; null, the default, if the client or else the worker decides
   */
  public @Nullable Integer maxFailures() {
    return terms.template().maxFailures();
  }

  /**
   * The priority of jobs that are enqueued with this type.
   *
   * @return 0 to {@value Limits#MAX_PRIORITY}; the highest is claimed first
   */
  public int priority() {
    return terms.template().priority();
  }

  /**
   * How long a job of this type is kept once it has finished.
   *
   * @return 0 to 3650 days; null, the default, for as long as the store says
   */
  public @Nullable Duration keep() {
    return terms.template().keep();
  }

  /**
   * How long after its enqueue an attempt at a job of this type may begin.
   *
   * @return 0 to 3650 days; null, the default, for no deadline
   */
  public @Nullable Duration notAfter() {
    return terms.template().notAfter() instanceof Due.After after ? after.delay() : null;
  }

  /**
   * What gives the key of a job of this type, from its payload.
   *
   * @return the function; null, the default, for no key
   */
  public @Nullable Function<? super T, String> key() {
    return terms.key();
  }

  /** For log messages. */
  @Override
  public String toString() {
    return Limits.oneLine(name() + " of queue " + queue());
  }

  /**
   * The same type in another queue, for example if each customer has a queue. A job goes to the
   * queue of the type that it is made with. The worker needs a handler for the type in each of its
   * queues, or takes jobs from further queues by {@link Worker#addQueue} or {@link
   * Worker.Builder#queuesWithPrefix}.
   *
   * @param queue the queue
   * @return the type
   */
  public JobType<T> in(String queue) {
    return with(terms.in(queue));
  }

  /**
   * The same type with another number of crashes, for jobs that are enqueued from now on. An
   * attempt crashes if it ends without a settlement, because its worker died and its lease expired.
   *
   * @param maxCrashes how many attempts may crash before the job is FAILED, at least 1; null, the
   *     default, for what the client says, see {@link JobClient.Builder#maxCrashes}
   * @return the type
   */
  public JobType<T> withMaxCrashes(@Nullable Integer maxCrashes) {
    return with(terms.withMaxCrashes(maxCrashes));
  }

  /**
   * The same type with a number of failures, for jobs that are enqueued from now on. An attempt
   * fails if its handler throws. The number is stored with the job, and holds on every worker.
   *
   * @param maxFailures how many attempts may fail before the job is FAILED, at least 1; null, the
   *     default, for what the client says, see {@link JobClient.Builder#maxFailures}, or else the
   *     worker, see {@link HandlerOptions.Builder#maxFailures}
   * @return the type
   */
  public JobType<T> withMaxFailures(@Nullable Integer maxFailures) {
    return with(terms.with(job -> job.maxFailures(maxFailures)));
  }

  /**
   * The same type with a deadline, for jobs that are enqueued from now on: no attempt begins later
   * than this time after the job was enqueued, by the store's clock [Q81]. A single job can have
   * its own.
   *
   * @param notAfter 0 to 3650 days; null, the default, for no deadline
   * @return the type
   */
  public JobType<T> withNotAfter(@Nullable Duration notAfter) {
    Due due = notAfter == null ? null : Due.after(Limits.delay("notAfter", notAfter));
    return with(terms.with(job -> job.notAfter(due)));
  }

  /**
   * The same type, whose jobs have a key that is taken from their payload, such as the number of a
   * customer. A store without {@link dev.lease.Capability#KEYS} refuses such a job.
   *
   * @param key gives the key of a payload, a name; null, the default, for no key
   * @return the type
   */
  public JobType<T> withKey(@Nullable Function<? super T, String> key) {
    return with(terms.withKey(key));
  }

  /**
   * The same type with another priority, for jobs that are enqueued from now on. A single job can
   * have its own.
   *
   * @param priority 0 to {@value Limits#MAX_PRIORITY}; the highest is claimed first
   * @return the type
   */
  public JobType<T> withPriority(int priority) {
    return with(terms.with(job -> job.priority(priority)));
  }

  /**
   * The same type, whose jobs are kept for another time once they have finished, however they
   * finish. A single job can have its own.
   *
   * @param keep 0 to 3650 days; null, the default, for as long as the store says
   * @return the type
   */
  public JobType<T> withKeep(@Nullable Duration keep) {
    return with(terms.with(job -> job.keep(keep)));
  }

  /**
   * The same type, whose handlers return a result, which stays with the job.
   *
   * @param <R> the type of the result
   * @param resultType the class of the result
   * @return the type
   */
  public <R> Returning<T, R> returning(Class<R> resultType) {
    return new Returning<>(terms, Limits.notNull("resultType", resultType));
  }

  /**
   * The same type, whose handlers return a result that has type arguments.
   *
   * @param <R> the type of the result
   * @param resultType the type of the result
   * @return the type
   */
  public <R> Returning<T, R> returning(TypeReference<R> resultType) {
    return new Returning<>(terms, Limits.notNull("resultType", resultType).type());
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
    return with(terms.withPayload(payload().withVersion(version)));
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
    return with(terms.withPayload(payload().withUpcaster(fromVersion, type, upcaster)));
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
    return with(terms.withPayload(payload().withUpcaster(fromVersion, type, upcaster)));
  }

  /**
   * A kind of work whose handlers return a result. Make it with {@link #returning(Class)}, and use
   * it wherever a {@link JobType} is asked for. A worker handles it with a {@link
   * JobHandler.Returning}, and whoever awaits a job gets an {@link EnqueuedJob.Returning}.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   */
  public static final class Returning<T, R> extends JobType<T> {

    private final Type resultType;

    private Returning(Terms<T> terms, Type resultType) {
      super(terms);
      this.resultType = resultType;
    }

    private Returning<T, R> of(JobType<T> changed) {
      return new Returning<>(changed.terms, resultType);
    }

    /**
     * The type of the result, for the codec that reads it.
     *
     * @return a class, or a type with type arguments
     */
    public Type resultType() {
      return resultType;
    }

    @Override
    public Returning<T, R> in(String queue) {
      return of(super.in(queue));
    }

    @Override
    public Returning<T, R> withMaxCrashes(@Nullable Integer maxCrashes) {
      return of(super.withMaxCrashes(maxCrashes));
    }

    @Override
    public Returning<T, R> withMaxFailures(@Nullable Integer maxFailures) {
      return of(super.withMaxFailures(maxFailures));
    }

    @Override
    public Returning<T, R> withNotAfter(@Nullable Duration notAfter) {
      return of(super.withNotAfter(notAfter));
    }

    @Override
    public Returning<T, R> withKey(@Nullable Function<? super T, String> key) {
      return of(super.withKey(key));
    }

    @Override
    public Returning<T, R> withPriority(int priority) {
      return of(super.withPriority(priority));
    }

    @Override
    public Returning<T, R> withKeep(@Nullable Duration keep) {
      return of(super.withKeep(keep));
    }

    @Override
    public Returning<T, R> withVersion(int version) {
      return of(super.withVersion(version));
    }

    @Override
    public <O> Returning<T, R> withUpcaster(
        int fromVersion, Class<O> oldType, Function<? super O, ? extends T> upcaster) {
      return of(super.withUpcaster(fromVersion, oldType, upcaster));
    }

    @Override
    public <O> Returning<T, R> withUpcaster(
        int fromVersion, TypeReference<O> oldType, Function<? super O, ? extends T> upcaster) {
      return of(super.withUpcaster(fromVersion, oldType, upcaster));
    }
  }
}
