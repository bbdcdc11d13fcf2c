package dev.lease.jdbc;

import dev.lease.FailedAttempt;
import dev.lease.Limits;
import dev.lease.Micros;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What is kept of the attempts of jobs that failed: the last ones of each [Q57]. */
class FailedAttempts {

  private static final String LEASE_EXPIRED = "lease expired";

  /** For the jobs whose last attempt failed: queue, id and error. */
  static RowBatch rows(int capacity) {
    return new RowBatch(
        capacity, RowBatch.text("queue"), RowBatch.text("id"), RowBatch.text("error"));
  }

  /** Keeps attempts that failed; the transaction has the jobs' rows locked. */
  void add(Session session, RowBatch failures) throws SQLException {
    if (failures.size() > 0) {
      session.statement(Sql.ATTEMPT_ADD).updateEach(failures);
    }
  }

  /**
   * Removes those that are not among the last of some jobs. Not for a transaction of the caller's,
   * in which to look for them may lock what others are about to add.
   */
  void trim(Session session, RowBatch jobs) throws SQLException {
    trim(session, jobs, Limits.MAX_FAILED_ATTEMPTS);
  }

  /** Removes all of some jobs of a queue. */
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
   * @param jobs queue and id are their first columns
   * @param kept how many stay of each
   */
  void keepLast(Session session, RowBatch jobs, int kept) throws SQLException {
    var rows =
        new RowBatch(
            jobs.size(), RowBatch.text("queue"), RowBatch.text("id"), RowBatch.number("kept"));
    jobs.rows().forEach(row -> rows.add(row[0], row[1], (long) kept));
    session.statement(Sql.ATTEMPT_TRIM).updateEach(rows);
  }

  /** Keeps that the leases of some jobs of a queue ran out. */
  void expired(Session session, String queue, List<String> ids) throws SQLException {
    RowBatch failures = rows(queue, ids);
    add(session, failures);
    trim(session, failures);
  }

  private static RowBatch rows(String queue, List<String> ids) {
    RowBatch rows = rows(ids.size());
    ids.forEach(id -> rows.add(queue, id, LEASE_EXPIRED));
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
                .map(
                    (row, context) ->
                        FailedAttempt.of(
                            row.getInt("attempt"),
                            row.getString("worker"),
                            Micros.instant(row.getLong("failed_at")),
                            row.getString("error")))
                .list());
    Collections.reverse(attempts);
    return attempts;
  }
}
