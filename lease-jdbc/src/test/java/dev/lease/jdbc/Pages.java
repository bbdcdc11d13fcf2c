package dev.lease.jdbc;

import dev.lease.Job;
import dev.lease.JobQuery;
import dev.lease.StoreException;
import java.sql.SQLException;

/** Reads pages of jobs on one connection, so that a test can tell what they cost it. */
final class Pages {

  private Pages() {}

  static JobPages.Page<Job> read(JdbcBackend backend, Session session, JobQuery query) {
    return ((JdbcJobAdmin) backend.jobAdmin())
        .pages.page(
            query,
            new JobPages.Calls() {
              @Override
              public <T> T run(Session.Work<T> work) {
                try {
                  return work.run(session);
                } catch (SQLException e) {
                  throw StoreException.notDone("a page", e);
                }
              }
            });
  }
}
