package dev.lease.jdbc;

import dev.lease.FailedAttempt;
import dev.lease.Limits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** What is kept of the attempts of jobs that failed: the last ones of each [Q57]. */
final class FailedAttempts {

  private static final String LEASE_EXPIRED = "lease expired";

  private final Database database;

  FailedAttempts(Database database) {
    this.database = database;
  }

  /** For the jobs whose last attempt failed: queue, id and error. */
  static Rows rows(int capacity) {
    return new Rows(capacity, Rows.text("queue"), Rows.text("id"), Rows.text("error"));
  }

  /** Keeps attempts that failed; the transaction has the jobs' rows locked. */
  void add(Handle handle, Rows failures) {
    if (failures.size() > 0) {
      failures.batch(handle, database.text(Sql.ATTEMPT_ADD)).execute();
    }
  }

  /**
   * Removes those that are not among the last of some jobs. Not for a transaction of the caller's,
   * in which to look for them may lock what others are about to add.
   */
  void trim(Handle handle, Rows jobs) {
    trim(handle, jobs, Limits.MAX_FAILED_ATTEMPTS);
  }

  /** Removes all of some jobs of a queue. */
  void remove(Handle handle, String queue, List<String> ids) {
    trim(handle, rows(queue, ids), 0);
  }

  private void trim(Handle handle, Rows jobs, int kept) {
    if (jobs.size() > 0) {
      database.dialect().trim(database, handle, jobs, kept);
    }
  }

  /** Keeps that the leases of some jobs of a queue ran out. */
  void expired(Handle handle, String queue, List<String> ids) {
    Rows failures = rows(queue, ids);
    add(handle, failures);
    trim(handle, failures);
  }

  private static Rows rows(String queue, List<String> ids) {
    Rows rows = rows(ids.size());
    ids.forEach(id -> rows.add(queue, id, LEASE_EXPIRED));
    return rows;
  }

  /** The last failed attempts of a job, oldest first. */
  List<FailedAttempt> list(Handle handle, String queue, String id) {
    var attempts =
        new ArrayList<FailedAttempt>(
            handle
                .createQuery(database.text(Sql.ATTEMPT_LIST))
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
