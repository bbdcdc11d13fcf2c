package dev.lease.jdbc;

import static java.util.Objects.requireNonNull;

import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.Progress;
import dev.lease.StepValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Makes values of rows. Only this class knows the columns. */
final class RowMappers {

  static final String COLUMNS =
      "seq, queue, id, type, payload, headers, priority, due_at, not_after, dedup_key, dedup_until, keep,"
          + " max_crashes, max_failures, attempts, failures, owner, token, expires_at,"
          + " cancel_requested, progress_percent, progress_message, result, error,"
          + " created_at, finished_at, outcome, kept_until, {ending}";

  /**
   * The columns that a claim returns: numbers, then texts. One loop reads each kind, because the
   * JIT took longer to compile a call for each column than the claim of tens of thousands of jobs
   * took.
   */
  static final String CLAIM_COLUMNS =
      "seq, priority, due_at, attempts, failures, max_crashes, max_failures, not_after, token, expires_at, outcome,"
          + " id, type, case when outcome is null then payload end as payload, headers, error, {ending}";

  private static final int CLAIM_NUMBERS = 11;
  private static final int CLAIM_TEXTS = 6;

  /**
   * How many characters the database sends of a text that is cut: enough for {@link Job#brief},
   * also where it counts a pair of surrogates as two.
   */
  static final int BRIEF = 2 * Limits.BRIEF_CHARS;

  /** The same columns, with the beginnings of long texts. */
  static final String BRIEF_COLUMNS =
      COLUMNS
          .replace("payload,", "{brief_payload} as payload,")
          .replace("result,", "{brief_result} as result,");

  /** What names a job. A row that the store did not make may have a name that no call takes. */
  record JobName(String queue, String id) {
    RowBatch.Name inRows() {
      return new RowBatch.Name(queue, id);
    }
  }

  /**
   * What a list reads of its jobs.
   *
   * @param columns the columns, of which {@code id} is one
   * @param reader reads one that matches
   */
  record Read<T>(String columns, NamedStatement.RowReader<T> reader) {}

  static final Read<Job> JOBS = new Read<>(COLUMNS, RowMappers::job);

  static final Read<Job> BRIEF_JOBS = new Read<>(BRIEF_COLUMNS, row -> job(row).brief());

  static final Read<JobName> NAMES =
      new Read<>("seq, queue, id", row -> new JobName(row.getString("queue"), row.getString("id")));

  /**
   * A row of a list.
   *
   * @param place its place
   * @param job what was read of the job, or null if it does not match
   * @param number its number among the jobs that the statement examined, from 1 on
   */
  record Examined<T>(JobPlace place, @Nullable T job, int number) {}

  private RowMappers() {}

  /**
   * Reads a row of a claim; null if the claim met no job.
   *
   * @param before how many other columns come before
   * @param duration how long the lease lasts
   */
  static @Nullable ClaimedRow claimed(
      ResultSet row, int before, String queue, String owner, long duration) throws SQLException {
    var numbers = new long[CLAIM_NUMBERS];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = row.getLong(before + 1 + i);
    }
    @Nullable String[] texts = new String[CLAIM_TEXTS];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = row.getString(before + CLAIM_NUMBERS + 1 + i);
    }
    String id = texts[0];
    if (id == null) {
      return null;
    }
    var place = new QueuePosition((int) numbers[1], numbers[2], numbers[0]);
    int attempts = (int) numbers[3];
    int failures = (int) numbers[4];
    long token = numbers[8];
    long expiresAt = numbers[9];
    long outcome = numbers[10];
    if (outcome != 0) {
      FinishedJob finished =
          FinishedJob.builder(queue, id, requireNonNull(texts[1]), StateCodes.state(outcome))
              .attempts(attempts)
              .failures(failures)
              .error(texts[4])
              .build();
      int further = before + CLAIM_NUMBERS + CLAIM_TEXTS;
      JobEnd end =
          JobEnd.of(
              queue,
              id,
              texts[5],
              row.getString(further + 1),
              row.getString(further + 2),
              (int) outcome);
      return ClaimedRow.of(place, finished, end);
    }
    JobLease lease;
    try {
      lease = JobLease.of(queue, id, owner, token, Micros.instant(expiresAt));
    } catch (IllegalArgumentException e) {
      FinishedJob broken =
          FinishedJob.builder(queue, id, requireNonNull(texts[1]), JobState.FAILED)
              .attempts(attempts)
              .failures(failures)
              .error("the job was not made by Lease and breaks its rules: " + e.getMessage())
              .build();
      return ClaimedRow.broken(place, broken, token);
    }
    ClaimedJob job =
        ClaimedJob.builder(lease, requireNonNull(texts[1]), requireNonNull(texts[2]))
            .attempt(attempts)
            .failures(failures)
            .maxCrashes((int) numbers[5])
            .maxFailures(numbers[6] == 0 ? null : (int) numbers[6])
            .priority(place.priority())
            .dueAt(Micros.instant(place.dueAt()))
            .claimedAt(Micros.instant(expiresAt - duration))
            .notAfter(numbers[7] == 0 ? null : Micros.instant(numbers[7]))
            .headers(HeaderCodec.decode(requireNonNull(texts[3])))
            .key(texts[5])
            .build();
    return ClaimedRow.of(place, job);
  }

  /** The finished job; null if the job is not finished. */
  static @Nullable FinishedJob finished(ResultSet row, String queue) throws SQLException {
    Long outcome = number(row, "outcome");
    return outcome == null
        ? null
        : FinishedJob.builder(
                queue, row.getString("id"), row.getString("type"), StateCodes.state(outcome))
            .attempts(row.getInt("attempts"))
            .failures(row.getInt("failures"))
            .error(row.getString("error"))
            .build();
  }

  static <T> Examined<T> examined(ResultSet row, NamedStatement.RowReader<T> reader)
      throws SQLException {
    var place = new JobPlace(row.getLong("place_finished"), row.getLong("place"));
    return new Examined<>(
        place, row.getString("id") == null ? null : reader.read(row), row.getInt("number"));
  }

  static StepValue step(ResultSet row) throws SQLException {
    return StepValue.of(
        row.getString("step"), row.getString("value"), Micros.instant(row.getLong("kept_at")));
  }

  static Job job(ResultSet row) throws SQLException {
    String queue = row.getString("queue");
    String id = row.getString("id");
    int attempts = row.getInt("attempts");
    long token = row.getLong("token");
    long expiresAt = row.getLong("expires_at");
    Long outcome = number(row, "outcome");
    Long percent = number(row, "progress_percent");
    Long finishedAt = number(row, "finished_at");
    Long keptUntil = number(row, "kept_until");
    Long keep = number(row, "keep");
    Long maxFailures = number(row, "max_failures");
    Instant asOf = Micros.instant(row.getLong("as_of"));
    Instant dueAt = Micros.instant(row.getLong("due_at"));
    String key = row.getString("job_key");
    String graph = row.getString("graph");
    int place = row.getInt("priority");
    if (finishedAt != null && keptUntil != null) {
      keep = keptUntil - finishedAt;
    }
    JobState state;
    if (outcome != null) {
      state = StateCodes.state(outcome);
    } else if (expiresAt != 0) {
      state = JobState.PROCESSING;
    } else {
      state = attempts == 0 ? JobState.PENDING : JobState.RETRY;
    }
    return Job.builder(queue, id, row.getString("type"), row.getString("payload"))
        .priority(Stand.priority(place))
        .maxCrashes(row.getInt("max_crashes"))
        .maxFailures(maxFailures == null ? null : maxFailures.intValue())
        .notAfter(instant(row, "not_after"))
        .dedupKey(row.getString("dedup_key"))
        .dedupUntil(instant(row, "dedup_until"))
        .headers(HeaderCodec.decode(row.getString("headers")))
        .keep(keep == null ? null : Micros.duration(keep))
        .state(state)
        .attempts(attempts)
        .failures(row.getInt("failures"))
        .claimedAt(Micros.ofToken(token))
        .token(token)
        .lease(state == JobState.PROCESSING ? lease(row, queue, id, token, expiresAt) : null)
        .cancelRequested(row.getBoolean("cancel_requested"))
        .progress(
            percent == null
                ? null
                : Progress.of(percent.intValue(), row.getString("progress_message")))
        .result(row.getString("result"))
        .error(row.getString("error"))
        .createdAt(Micros.instant(row.getLong("created_at")))
        .dueAt(dueAt)
        .key(key)
        .graph(graph, row.getString("part"))
        .waitsForParts(finishedAt == null && Stand.waits(place))
        .heldBack(
            key != null
                && finishedAt == null
                && !Stand.isOpen(place)
                && !Stand.waits(place)
                && !asOf.isBefore(dueAt))
        .finishedAt(finishedAt == null ? null : Micros.instant(finishedAt))
        .asOf(asOf)
        .build();
  }

  /** Null if the store did not make the row, and no holder can name it. */
  private static @Nullable JobLease lease(
      ResultSet row, String queue, String id, long token, long expiresAt) throws SQLException {
    String owner = row.getString("owner");
    try {
      return JobLease.of(queue, id, owner, token, Micros.instant(expiresAt));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  static Lease lease(ResultSet row) throws SQLException {
    return Lease.of(
            row.getString("name"),
            row.getString("owner"),
            row.getLong("token"),
            Micros.instant(row.getLong("expires_at")),
            Micros.instant(row.getLong("as_of")))
        .withNote(row.getString("note"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    Long micros = number(row, column);
    return micros == null ? null : Micros.instant(micros);
  }

  static @Nullable Long number(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }
}
