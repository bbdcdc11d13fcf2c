package dev.lease.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.Due;
import dev.lease.Limits;
import dev.lease.NewJob;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that come again and again: what to enqueue, and when. Give it to {@link
 * Worker.Builder#schedule} on every node. However many nodes have it, each firing is one job [W28].
 *
 * <pre>{@code
 * Schedule.cron("nightly-report", REPORT, new Report("sales"), "0 2 * * *", ZoneId.of("Europe/Berlin"))
 * }</pre>
 *
 * <p>The schedule lives in the store, as a job in the queue of its type. It fires as long as any
 * worker takes jobs from that queue, until it is removed. The job of a firing has the id {@code
 * nightly-report@2026-11-27T01:00:00Z}, with the instant for which it was planned. Its payload and
 * its settings, see {@link #withJob}, are those that the schedule has at that time. All times are
 * those of the store's clock.
 *
 * <p>Nodes may have different versions of a schedule, see {@link #withVersion}. Immutable.
 */
public final class Schedule {

  /**
   * What becomes of firings that no worker was free for in time. More policies may come, so a
   * switch over them needs a default.
   */
  public enum Missed {
    /** If several are due, only the last one fires; and only if it is at most one minute late. */
    SKIP,
    /** If several are due, only the last one fires, however late it is. */
    ONE,
    /** Each fires, however late it is, oldest first. */
    ALL
  }

  /** With the longest ending of the id of a firing this is well below the longest name. */
  private static final int MAX_NAME_BYTES = 120;

  private final String name;
  private final String queue;
  private final @Nullable Work work;
  private final Missed missed;
  private final int version;

  /**
   * What to enqueue and when; a schedule that was removed has none.
   *
   * @param template a job with the settings of each firing; its id and payload mean nothing
   */
  record Work(JobType<?> type, Object payload, Timing timing, NewJob template) {

    private Work with(NewJob template) {
      return new Work(type, payload, timing, template);
    }
  }

  private Schedule(String name, String queue, @Nullable Work work, Missed missed, int version) {
    this.name = Limits.name("name of a schedule", name);
    if (name.getBytes(UTF_8).length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "name of a schedule must be at most " + MAX_NAME_BYTES + " bytes of UTF-8, was " + name);
    }
    this.queue = queue;
    this.work = work;
    this.missed = Limits.notNull("missed", missed);
    this.version = Limits.between("version", version, 1, Integer.MAX_VALUE);
  }

  private static <T> Schedule of(String name, JobType<T> type, T payload, Timing timing) {
    Limits.notNull("type", type);
    Limits.notNull("payload", payload);
    NewJob template = type.job("template", payload, "", type.payload().headers()).build();
    return new Schedule(
        name, type.queue(), new Work(type, payload, timing, template), Missed.ONE, 1);
  }

  /**
   * Fires at the times of a cron expression: five fields as in crontab (minute, hour, day of the
   * month, month, day of the week), or six as in Spring, which begin with the second. If both
   * fields of days are given, a day that either has will do with five fields, unless one of them
   * begins with a star: then, and with six fields, both must have it.
   *
   * <p>When the clocks change, an expression fires once for each of its local times: at the change
   * if the clocks skip it, and the first time if they show it twice. Only if the field of the hour
   * is {@code *}, it fires in every hour that passes.
   *
   * <p>This needs {@code com.cronutils:cron-utils}, an optional dependency of this library: declare
   * it in your own build.
   *
   * @param <T> the type of the payload
   * @param name the name, unique within the queue, at most 120 bytes of UTF-8
   * @param type the type of the jobs
   * @param payload the payload of each job
   * @param expression the cron expression
   * @param zone whose clocks are meant
   * @return the schedule, with {@link Missed#ONE} and version 1
   * @throws IllegalArgumentException if the name or the expression is refused
   * @throws IllegalStateException if cron-utils is not on the class path
   */
  public static <T> Schedule cron(
      String name, JobType<T> type, T payload, String expression, ZoneId zone) {
    return of(name, type, payload, Timing.cron(expression, zone));
  }

  /**
   * Fires at a fixed rate, whether or not the last job has finished: at the multiples of the period
   * since 1970 in UTC. So one hour means each full hour, and one day means midnight.
   *
   * @param <T> the type of the payload
   * @param name the name, unique within the queue, at most 120 bytes of UTF-8
   * @param type the type of the jobs
   * @param payload the payload of each job
   * @param period the time from one firing to the next, 1 millisecond to 3650 days
   * @return the schedule, with {@link Missed#ONE} and version 1
   * @throws IllegalArgumentException if the name or the period is refused
   */
  public static <T> Schedule every(String name, JobType<T> type, T payload, Duration period) {
    return of(name, type, payload, Timing.every(period));
  }

  /**
   * Fires when a time has passed since the last job of the schedule has finished, be it DONE,
   * FAILED or CANCELLED. So no two of these jobs run at once; one that an operator asks for, with
   * {@link Schedules#runNow} or a requeue, may run beside them. The first one comes when that time
   * has passed since the schedule was registered. Nothing can be missed: after an outage one job
   * comes at once, whatever {@link #withMissed} says.
   *
   * @param <T> the type of the payload
   * @param name the name, unique within the queue, at most 120 bytes of UTF-8
   * @param type the type of the jobs
   * @param payload the payload of each job
   * @param delay the time from when a job has finished to the next, 1 millisecond to 3650 days
   * @return the schedule, with version 1
   * @throws IllegalArgumentException if the name or the delay is refused
   */
  public static <T> Schedule afterDelay(String name, JobType<T> type, T payload, Duration delay) {
    return of(name, type, payload, Timing.afterDelay(delay));
  }

  /**
   * Says that a schedule is no more. A worker that has this removes the schedule from the store, if
   * its version there is not higher, as {@link Schedules#remove} does. Nodes that still have it do
   * not bring it back.
   *
   * @param name the name
   * @param queue the queue of its type
   * @return what to give to {@link Worker.Builder#schedule}, with version 1
   */
  public static Schedule removed(String name, String queue) {
    return new Schedule(name, Limits.name("queue", queue), null, Missed.ONE, 1);
  }

  /**
   * The same schedule with another policy for missed firings.
   *
   * @param missed the policy
   * @return the schedule
   */
  public Schedule withMissed(Missed missed) {
    return new Schedule(name, queue, work, missed, version);
  }

  /**
   * The same schedule with other settings of its jobs: their priority, headers, crashes, failures,
   * deadline, dedup key and how long it stays taken, key, and how long they are kept.
   *
   * <pre>{@code
   * schedule.withJob(job -> job.priority(9).headers(Map.of("tenant", "acme")))
   * }</pre>
   *
   * <p>The settings are part of the schedule in the store, so that any worker fires it the same. If
   * the jobs have a dedup key, a firing enqueues nothing while an earlier job with that key is not
   * finished. A deadline is a delay from the enqueue of each job, such as {@code
   * Due.after(Duration.ofHours(1))}. A header {@code planned} is replaced by that of the firing.
   *
   * @param settings is called once, now, with a builder that has the settings so far. It must not
   *     set the due time or the payload, nor a deadline at an instant
   * @return the schedule
   * @throws IllegalArgumentException if a setting is refused
   * @throws IllegalStateException if this schedule is {@linkplain #removed removed}
   */
  public Schedule withJob(UnaryOperator<NewJob.Builder> settings) {
    Limits.notNull("settings", settings);
    if (work == null) {
      throw new IllegalStateException("schedule " + this + " is removed, so it has no jobs");
    }
    NewJob before = work.template();
    NewJob made =
        Limits.notNull("the builder that settings returns", settings.apply(before.toBuilder()))
            .build();
    if (!made.due().equals(before.due())) {
      throw new IllegalArgumentException(
          "settings must not set the due time, was " + made.due() + ": the schedule sets it");
    }
    if (!made.payload().equals(before.payload())) {
      throw new IllegalArgumentException(
          "settings must not set the payload: give it to the schedule");
    }
    if (made.notAfter() instanceof Due.At) {
      throw new IllegalArgumentException(
          "notAfter of a schedule must be a delay, since it is that of every firing, was "
              + made.notAfter()
              + ": use Due.after");
    }
    String payloadVersion = made.headers().get(OwnHeaders.PAYLOAD_VERSION);
    if (!Objects.equals(payloadVersion, before.headers().get(OwnHeaders.PAYLOAD_VERSION))) {
      throw new IllegalArgumentException(
          "settings must not set the header %s, was %s: the type of the schedule has the version"
              .formatted(OwnHeaders.PAYLOAD_VERSION, payloadVersion));
    }
    return new Schedule(name, queue, work.with(made), missed, version);
  }

  /**
   * The same schedule with another version. Raise it with each change of a schedule: of its times,
   * type, payload, settings or policy. The highest version wins, so that nodes with older code, in
   * the middle of a deploy or after it, do not take the change back. If two nodes have different
   * schedules with the same name and version, the node that starts last wins, and logs a warning.
   *
   * @param version the version, 1 or more
   * @return the schedule
   */
  public Schedule withVersion(int version) {
    return new Schedule(name, queue, work, missed, version);
  }

  /**
   * The name, unique within its queue.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * The queue of its type.
   *
   * @return the queue
   */
  public String queue() {
    return queue;
  }

  /** {@return whether this says that the schedule is {@linkplain #removed removed}} */
  public boolean isRemoved() {
    return work == null;
  }

  /** {@return the type of the jobs; null if the schedule is removed} */
  public @Nullable JobType<?> type() {
    return work == null ? null : work.type();
  }

  /** {@return the payload of each job; null if the schedule is removed} */
  public @Nullable Object payload() {
    return work == null ? null : work.payload();
  }

  /**
   * When it fires: {@code cron Europe/Berlin 0 2 * * *}, {@code every PT10M} or {@code after PT1H},
   * as in {@link Schedules.Listed#times}.
   *
   * @return the times; null if the schedule is removed
   */
  public @Nullable String times() {
    return work == null ? null : work.timing().text();
  }

  /** {@return the policy for missed firings} */
  public Missed missed() {
    return missed;
  }

  /** {@return the version, 1 or more} */
  public int version() {
    return version;
  }

  /** Null if it was removed. */
  @Nullable Work work() {
    return work;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return Limits.oneLine(name + " of queue " + queue);
  }
}
