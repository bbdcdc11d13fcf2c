package dev.lease.worker;

import dev.lease.Due;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.worker.Schedule.Missed;
import dev.lease.worker.Schedule.Work;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of a schedule: the payload of its job, in JSON. Workers of other versions of Lease
 * read it too, so a new component must be one that they can do without.
 *
 * @param version the highest version wins
 * @param times the text of a {@link Timing}
 * @param missed the policy for missed firings
 * @param type the type of the jobs
 * @param payload the payload of each job, as the codec has written it for the schedule's own job;
 *     it is moved to each firing
 * @param job the settings of each job
 * @param since from when on these times count; null from the creation of the schedule's job on
 */
record ScheduleDefinition(
    int version,
    String times,
    Missed missed,
    String type,
    String payload,
    Settings job,
    @Nullable String since) {

  /**
   * The settings of each job.
   *
   * @param maxFailures null if the worker decides
   * @param notAfter how long after its enqueueing an attempt at a job may begin; null for no limit
   * @param dedupKey null for none
   * @param dedupFor how long the dedup key stays taken; null until the job has finished
   * @param key null for none
   * @param headers with the version of the payload; null for none
   * @param keep how long a job is kept; null for the default of the store
   */
  record Settings(
      int priority,
      int maxCrashes,
      @Nullable Integer maxFailures,
      @Nullable String notAfter,
      @Nullable String dedupKey,
      @Nullable String dedupFor,
      @Nullable String key,
      @Nullable Map<String, String> headers,
      @Nullable String keep) {

    static Settings of(NewJob job) {
      return new Settings(
          job.priority(),
          job.maxCrashes(),
          job.maxFailures(),
          job.notAfter() instanceof Due.After after ? after.delay().toString() : null,
          job.dedupKey(),
          job.dedupFor() == null ? null : job.dedupFor().toString(),
          job.key(),
          job.headers().isEmpty() ? null : job.headers(),
          job.keep() == null ? null : job.keep().toString());
    }

    private NewJob.Builder on(NewJob.Builder job) {
      return job.priority(priority)
          .maxCrashes(maxCrashes)
          .maxFailures(maxFailures)
          .notAfter(notAfter == null ? null : Due.after(Duration.parse(notAfter)))
          .dedupKey(dedupKey)
          .dedupFor(dedupFor == null ? null : Duration.parse(dedupFor))
          .key(key)
          .headers(allHeaders())
          .keep(keep == null ? null : Duration.parse(keep));
    }

    private Map<String, String> allHeaders() {
      return headers == null ? Map.of() : headers;
    }

    /** For log messages. */
    @Override
    public String toString() {
      return "priority "
          + priority
          + ", crashes "
          + maxCrashes
          + (maxFailures == null ? "" : ", failures " + maxFailures)
          + (notAfter == null ? "" : ", not after " + notAfter)
          + (dedupKey == null ? "" : ", dedup key " + dedupKey)
          + (dedupFor == null ? "" : " for " + dedupFor)
          + (key == null ? "" : ", key " + key)
          + (headers == null ? "" : ", headers " + headers)
          + (keep == null ? "" : ", keep " + keep);
    }
  }

  /** The type of a schedule's own job. */
  static final String JOB_TYPE = "lease-schedule";

  private static final String ID_PREFIX = "schedule:";

  /** The codec of definitions does not look at it. */
  private static final CodecContext OF_NO_JOB = CodecContext.of("any", JOB_TYPE, "any", Map.of());

  /** So long a node with old code does not bring back a schedule that was removed. */
  private static final Duration KEEP_REMOVED = Duration.ofDays(365);

  static ScheduleDefinition of(Schedule schedule, Work work, PayloadCodec codec) {
    var type = work.type();
    Settings job = Settings.of(work.template());
    var context =
        CodecContext.of(schedule.queue(), type.name(), jobId(schedule.name()), job.allHeaders());
    String payload = codec.write(work.payload(), type.payloadType(), context);
    return new ScheduleDefinition(
        schedule.version(),
        work.timing().text(),
        schedule.missed(),
        type.name(),
        payload,
        job,
        null);
  }

  /**
   * Reads a definition.
   *
   * @throws RuntimeException if it cannot be read here
   */
  static ScheduleDefinition read(String text) {
    var read =
        (ScheduleDefinition) JacksonCodec.DEFAULT.read(text, ScheduleDefinition.class, OF_NO_JOB);
    Objects.requireNonNull(read).check();
    return read;
  }

  private void check() {
    timing();
    from(Instant.EPOCH);
    Limits.notNull("missed", missed);
    Limits.notNull("job", job);
    firing("any", "any", "any", payload);
  }

  String text() {
    return Limits.text(
        "schedule with its payload",
        JacksonCodec.DEFAULT.write(this, ScheduleDefinition.class, OF_NO_JOB));
  }

  Timing timing() {
    return Timing.parse(times);
  }

  /**
   * The first instant of a firing that is not dealt with yet.
   *
   * @param createdAt when the schedule's job was created
   * @param done up to when all is dealt with; null if it never fired
   */
  Instant next(Instant createdAt, @Nullable Instant done) {
    Instant from = from(createdAt);
    return timing().next(done == null || from.isAfter(done) ? from : done);
  }

  private Instant from(Instant createdAt) {
    return since == null ? createdAt : Instant.parse(since);
  }

  ScheduleDefinition since(@Nullable String since) {
    return new ScheduleDefinition(version, times, missed, type, payload, job, since);
  }

  /** Whether two definitions do the same, apart from their payloads and from when on they count. */
  boolean isLike(ScheduleDefinition other) {
    return version == other.version
        && times.equals(other.times)
        && missed == other.missed
        && type.equals(other.type)
        && job.equals(other.job);
  }

  static String jobId(String name) {
    return ID_PREFIX + name;
  }

  /** Refuses a job that would stand where a schedule is kept, so that it never fires. */
  static void requireOtherId(String jobId, String type) {
    if (jobId.startsWith(ID_PREFIX) && !type.equals(JOB_TYPE)) {
      throw new IllegalArgumentException(
          "job id must not begin with %s, was %s: the jobs that keep schedules have these ids; give the job another prefix"
              .formatted(ID_PREFIX, Limits.oneLine(jobId)));
    }
  }

  /** The name of the schedule whose job has this id. */
  static String name(String jobId) {
    return jobId.startsWith(ID_PREFIX) ? jobId.substring(ID_PREFIX.length()) : jobId;
  }

  /** The job that keeps the schedule. No number of crashes may use it up. */
  NewJob keeper(String queue, String name) {
    return NewJob.builder(queue, jobId(name), JOB_TYPE, text())
        .priority(Limits.MAX_PRIORITY)
        .maxCrashes(Integer.MAX_VALUE)
        .maxFailures(Integer.MAX_VALUE)
        .keep(KEEP_REMOVED)
        .build();
  }

  /** The job of a firing: the same job, however often and by whomever it is enqueued [Q02]. */
  NewJob firing(String queue, String name, Instant planned, PayloadCodec codec) {
    return firing(queue, name, firingId(name, planned.toString()), planned.toString(), codec);
  }

  /**
   * The job of a firing that an operator asks for: the same job, however often it is enqueued.
   *
   * @param run the id that the operator gives it
   * @param now the instant for which it counts as planned
   */
  NewJob firingNow(String queue, String name, String run, Instant now, PayloadCodec codec) {
    return firing(queue, name, firingId(name, "now-" + run), now.toString(), codec);
  }

  private NewJob firing(String queue, String name, String id, String planned, PayloadCodec codec) {
    CodecContext ofSchedule = payloadContext(queue, jobId(name));
    String moved = codec.move(payload, ofSchedule, payloadContext(queue, id));
    return firing(queue, id, planned, moved);
  }

  /** What the payload belongs to, in the schedule's own job or in that of a firing. */
  CodecContext payloadContext(String queue, String jobId) {
    return CodecContext.of(queue, type, jobId, job.allHeaders());
  }

  private NewJob firing(String queue, String id, String planned, String payload) {
    return job.on(NewJob.builder(queue, id, type, payload))
        .headers(Map.of("planned", planned))
        .build();
  }

  static String firingId(String name, String when) {
    return name + "@" + when;
  }

  /** For log messages; leaves out the payload, which may be long or secret. */
  @Override
  public String toString() {
    return Limits.oneLine(
        "version "
            + version
            + " ("
            + times
            + ", missed "
            + missed
            + ", type "
            + type
            + ", "
            + job
            + ")");
  }
}
