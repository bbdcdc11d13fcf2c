package dev.lease.jdbc;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.Progress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How rows become values: the one place that knows the columns. */
final class JobRows {

  static final String COLUMNS =
      "seq, queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_attempts, attempts,"
          + " owner, token, expires_at, cancel_requested, progress_percent, progress_message, result, error,"
          + " created_at, finished_at, outcome, kept_until";

  /** The order of a claim [Q13]. */
  static final Comparator<Claimed> CLAIM_ORDER =
      Comparator.comparingInt((Claimed row) -> row.place().priority())
          .reversed()
          .thenComparingLong(row -> row.place().dueAt())
          .thenComparingLong(row -> row.place().seq());

  /** A row that a claim met: given to the worker, or ended, in which case there is no job. */
  record Claimed(Place place, @Nullable ClaimedJob job, @Nullable Ended ended) {}

  /** A job that the store has ended: it was cancelled, or no attempt was left to it. */
  record Ended(
      String queue, String id, String type, JobState state, int attempts, @Nullable String error) {

    void report() {
      log.debug(
          "job {} of queue {} (type {}) is {} after {} attempts: {}",
          id,
          queue,
          type,
          state,
          attempts,
          error);
    }
  }

  /** A job with its place in the order of enqueueing. */
  record Listed(long seq, Job job) {}

  private static final Logger log = LoggerFactory.getLogger(JobRows.class);

  private JobRows() {}

  static Claimed claimed(ResultSet row, String queue, String worker) throws SQLException {
    Place place = Place.of(row);
    Ended ended = ended(row, queue);
    if (ended != null) {
      return new Claimed(place, null, ended);
    }
    var lease =
        new JobLease(
            queue,
            row.getString("id"),
            worker,
            row.getLong("token"),
            Micros.instant(row.getLong("expires_at")));
    var job =
        new ClaimedJob(
            lease,
            row.getString("type"),
            row.getString("payload"),
            row.getInt("attempts"),
            row.getInt("max_attempts"),
            place.priority(),
            Micros.instant(place.dueAt()),
            HeaderText.decode(row.getString("headers")));
    return new Claimed(place, job, null);
  }

  /** The job as it ended, or null if it goes on. */
  static @Nullable Ended ended(ResultSet row, String queue) throws SQLException {
    Long outcome = number(row, "outcome");
    return outcome == null
        ? null
        : new Ended(
            queue,
            row.getString("id"),
            row.getString("type"),
            StateCodes.state(outcome),
            row.getInt("attempts"),
            row.getString("error"));
  }

  static Listed listed(ResultSet row) throws SQLException {
    return new Listed(row.getLong("seq"), job(row));
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
    return new Job(
        queue,
        id,
        row.getString("type"),
        row.getString("payload"),
        row.getInt("priority"),
        row.getInt("max_attempts"),
        row.getString("dedup_key"),
        HeaderText.decode(row.getString("headers")),
        keep == null ? null : Micros.duration(keep),
        state,
        attempts,
        token,
        state == JobState.PROCESSING
            ? new JobLease(queue, id, row.getString("owner"), token, Micros.instant(expiresAt))
            : null,
        row.getBoolean("cancel_requested"),
        percent == null
            ? null
            : new Progress(percent.intValue(), row.getString("progress_message")),
        row.getString("result"),
        row.getString("error"),
        Micros.instant(row.getLong("created_at")),
        Micros.instant(row.getLong("due_at")),
        finishedAt == null ? null : Micros.instant(finishedAt),
        Micros.instant(row.getLong("as_of")));
  }

  static Lease lease(ResultSet row) throws SQLException {
    return new Lease(
        row.getString("name"),
        row.getString("owner"),
        row.getLong("token"),
        Micros.instant(row.getLong("expires_at")),
        Micros.instant(row.getLong("as_of")));
  }

  static @Nullable Long number(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }
}
