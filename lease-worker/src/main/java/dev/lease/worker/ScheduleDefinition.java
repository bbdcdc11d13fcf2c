package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.worker.Schedule.Missed;
import dev.lease.worker.Schedule.Work;
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
 * @param payload the payload of each job, as the codec has written it
 * @param maxAttempts how many attempts each job has
 * @param headers the headers of each job, with the version of its payload; null for none
 * @param since from when on these times count; null from the creation of the schedule's job on
 */
record ScheduleDefinition(
    int version,
    String times,
    Missed missed,
    String type,
    String payload,
    int maxAttempts,
    @Nullable Map<String, String> headers,
    @Nullable String since) {

  /** The type of a schedule's own job. */
  static final String JOB_TYPE = "lease-schedule";

  private static final String ID_PREFIX = "schedule:";

  /** So long a node with old code does not bring back a schedule that was removed. */
  private static final Duration KEEP_REMOVED = Duration.ofDays(365);

  static ScheduleDefinition of(Schedule schedule, Work work, PayloadCodec codec) {
    var type = work.type();
    String payload = codec.write(work.payload(), type.payloadType());
    Map<String, String> headers = type.payload().headers();
    return new ScheduleDefinition(
        schedule.version(),
        work.timing().text(),
        schedule.missed(),
        type.name(),
        payload,
        type.maxAttempts(),
        headers.isEmpty() ? null : headers,
        null);
  }

  /**
   * Reads a definition.
   *
   * @throws RuntimeException if it cannot be read here
   */
  static ScheduleDefinition read(String text) {
    var read = (ScheduleDefinition) JacksonCodec.DEFAULT.read(text, ScheduleDefinition.class);
    Objects.requireNonNull(read).check();
    return read;
  }

  private void check() {
    timing();
    from();
    Limits.notNull("missed", missed);
    firing("any", "any", "any");
  }

  String text() {
    return Limits.text(
        "schedule with its payload", JacksonCodec.DEFAULT.write(this, ScheduleDefinition.class));
  }

  Timing timing() {
    return Timing.parse(times);
  }

  @Nullable Instant from() {
    return since == null ? null : Instant.parse(since);
  }

  ScheduleDefinition since(@Nullable String since) {
    return new ScheduleDefinition(
        version, times, missed, type, payload, maxAttempts, headers, since);
  }

  /** Whether two definitions do the same, apart from their payloads and from when on they count. */
  boolean isLike(ScheduleDefinition other) {
    return version == other.version
        && times.equals(other.times)
        && missed == other.missed
        && type.equals(other.type)
        && maxAttempts == other.maxAttempts
        && Objects.equals(headers, other.headers);
  }

  static String jobId(String name) {
    return ID_PREFIX + name;
  }

  /** The name of the schedule whose job has this id. */
  static String name(String jobId) {
    return jobId.startsWith(ID_PREFIX) ? jobId.substring(ID_PREFIX.length()) : jobId;
  }

  /** The job that keeps the schedule. No number of crashes may use up its attempts. */
  NewJob job(String queue, String name) {
    return NewJob.builder(queue, jobId(name), JOB_TYPE, text())
        .priority(Limits.MAX_PRIORITY)
        .maxAttempts(Integer.MAX_VALUE)
        .keep(KEEP_REMOVED)
        .build();
  }

  /** The job of a firing: the same job, however often and by whomever it is enqueued [Q02]. */
  NewJob firing(String queue, String name, Instant planned) {
    return firing(queue, firingId(name, planned.toString()), planned.toString());
  }

  /**
   * The job of a firing that an operator asks for: the same job, however often it is enqueued.
   *
   * @param run the id that the operator gives it
   * @param now the instant for which it counts as planned
   */
  NewJob firingNow(String queue, String name, String run, Instant now) {
    return firing(queue, firingId(name, "now-" + run), now.toString());
  }

  private NewJob firing(String queue, String id, String planned) {
    NewJob.Builder job = NewJob.builder(queue, id, type, payload).maxAttempts(maxAttempts);
    if (headers != null) {
      job.headers(headers);
    }
    return job.headers(Map.of("planned", planned)).build();
  }

  static String firingId(String name, String when) {
    return name + "@" + when;
  }

  /** For log messages; leaves out the payload, which may be long or secret. */
  @Override
  public String toString() {
    return "version "
        + version
        + " ("
        + times
        + ", missed "
        + missed
        + ", type "
        + type
        + (headers == null ? ")" : ", headers " + headers + ")");
  }
}
