package dev.lease.jdbc;

import dev.lease.FailedAttempt;
import dev.lease.Limits;
import dev.lease.Micros;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The last failed attempts of each job [Q57]. */
class FailedAttempts {

  /** Rows for jobs whose last attempt failed: queue, id and error. */
  static RowBatch rows(int capacity) {
    return new RowBatch(
        capacity, RowBatch.text("queue"), RowBatch.text("id"), RowBatch.text("error"));
  }

  /** Stores failed attempts. The transaction must have the jobs' rows locked. */
  void add(Session session, RowBatch failures) throws SQLException {
    if (failures.size() > 0) {
      session.statement(Sql.ATTEMPT_ADD).updateEach(failures);
    }
  }

  /**
   * Removes the failed attempts of some jobs that are not among the last ones. Not in a transaction
   * of the caller's: looking for them there may lock what others are about to add.
   */
  void trim(Session session, RowBatch jobs) throws SQLException {
    trim(session, jobs, Limits.MAX_FAILED_ATTEMPTS);
  }

  /** Removes all failed attempts of some jobs of a queue. */
  void remove(Session session, String queue, List<String> ids) throws SQLException {
    trim(session, rows(queue, ids), 0);
  }

  private void trim(Session session, RowBatch jobs, int kept) throws SQLException {
    if (jobs.size() > 0) {
      keepLast(session, jobs, kept);
    }
  }

  /**
   * Removes all but the last failed attempts of some jobs.
   *
   * @param jobs rows whose first columns are queue and id
   * @param kept how many attempts of each job stay
   */
  void keepLast(Session session, RowBatch jobs, int kept) throws SQLException {
    var rows =
        new RowBatch(
            jobs.size(), RowBatch.text("queue"), RowBatch.text("id"), RowBatch.number("kept"));
    jobs.rows().forEach(row -> rows.add(row[0], row[1], (long) kept));
    session.statement(Sql.ATTEMPT_TRIM).updateEach(rows);
  }

  /** Stores, as failed attempts, that the leases of some jobs of a queue expired. */
  void expired(Session session, String queue, List<String> ids) throws SQLException {
    RowBatch failures = rows(queue, ids);
    add(session, failures);
    trim(session, failures);
  }

  private static RowBatch rows(String queue, List<String> ids) {
    RowBatch rows = rows(ids.size());
    ids.forEach(id -> rows.add(queue, id, Limits.LEASE_EXPIRED));
    return rows;
  }

  /** The last failed attempts of a job, oldest first. */
  List<FailedAttempt> list(Session session, String queue, String id) {
    var attempts =
        new ArrayList<FailedAttempt>(
            session
                .query(Sql.ATTEMPT_LIST)
                .bind("queue", queue)
                .bind("id", id)
                .bind("limit", Limits.MAX_FAILED_ATTEMPTS)
                .map((row, context) -> attempt(row))
                .list());
    Collections.reverse(attempts);
    return attempts;
  }

  private static FailedAttempt attempt(ResultSet row) throws SQLException {
    long token = row.getLong("token");
    Instant at = Micros.instant(row.getLong("failed_at"));
    return FailedAttempt.builder(row.getInt("attempt"), row.getString("owner"), token, at)
        .claimedAt(Micros.ofToken(token))
        .error(row.getString("error"))
        .build();
  }
}
