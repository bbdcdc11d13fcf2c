package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.NameRange;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How many rows and index entries lists read on MariaDB. */
class MariadbPlansTest {

  @Test
  @DisplayName(
      "Q50, Q85 lists of held jobs, of jobs that failed, and of an unknown queue read no jobs that are done")
  void finished() throws SQLException {
    String url = TestDatabase.MARIADB.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(
          url,
          "set session max_recursive_iterations = 100000",
          "insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, created_at, due_at)"
              + " with recursive i(n) as (select 1 union all select n + 1 from i where n < 30000)"
              + " select 'q', n, 't', 'p', '', 5, 3, 1, n from i",
          "update lease_job set outcome = 3, finished_at = 2 where id < 29000",
          "update lease_job set outcome = 4, finished_at = 1 where id between 28991 and 29000",
          "update lease_job set expires_at = 6000000000000000, attempts = 1, owner = 'w' where id > 29990");
      for (JobOrder order : List.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST)) {
        JobFilter all = JobFilter.all();
        assertRead(backend, 10, all.inQueue("q").inState(JobState.PROCESSING), order);
        assertRead(backend, 100, all.inQueue("q").inState(JobState.PENDING), order);
        assertRead(backend, 10, all.inQueue("q").inState(JobState.FAILED), order);
        assertRead(backend, 0, all.inQueue("unknown"), order);
      }
      for (JobFilter in : List.of(JobFilter.all().inQueue("q"), JobFilter.all())) {
        JobOrder last = JobOrder.LAST_FINISHED_FIRST;
        assertRead(backend, 10, in.inState(JobState.FAILED), last);
        assertRead(
            backend, 10, in.inState(JobState.FAILED).finishedBetween(Instant.EPOCH, null), last);
        assertRead(backend, 0, in.inState(JobState.CANCELLED), last);
        assertRead(backend, 100, in, last);
      }
    }
  }

  @Test
  @DisplayName("Q86 a count of a queue reads no jobs of others")
  void count() throws SQLException {
    String url = TestDatabase.MARIADB.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(
          url,
          "set session max_recursive_iterations = 100000",
          "insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, created_at, due_at)"
              + " with recursive i(n) as (select 1 union all select n + 1 from i where n < 30000)"
              + " select if(n > 29990, 'few', 'q'), n, 't', 'p', '', 5, 3, 1, n from i",
          "update lease_job set outcome = 3, finished_at = 2 where id % 2 = 0");
      JobFilter few = JobFilter.all().inQueue("few");
      for (JobFilter filter :
          List.of(few, few.inState(JobState.PENDING, JobState.DONE), few.ofType("t"))) {
        long read =
            backend.database.transact(
                "count rows",
                session -> {
                  long before = rowsSoFar(session);
                  assertThat(count(backend, session, filter)).isEqualTo(10);
                  return rowsSoFar(session) - before;
                });
        assertThat(read).as("%s", filter).isLessThan(1_000);
      }
    }
  }

  private static long count(JdbcBackend backend, Session session, JobFilter filter) {
    return new JobPages(backend.database).count(session.handle(), filter, 1_000);
  }

  @Test
  @DisplayName("Q90 a purge of records reads no others")
  void records() throws SQLException {
    String url = TestDatabase.MARIADB.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(
          url,
          "set session max_recursive_iterations = 100000",
          "insert into lease_action (acted_at, operator, reason, kind, queue, changed, what)"
              + " with recursive i(n) as (select 1 union all select n + 1 from i where n < 20000)"
              + " select n, 'anna', '', 'PAUSE', if(n % 2 = 0, 'q', 'r'), 1, '' from i");
      long read =
          backend.database.transact(
              "count rows",
              session -> {
                long before = rowsSoFar(session);
                assertThat(OperatorActions.purge(session, "q", 0, 10)).isEqualTo(10);
                return rowsSoFar(session) - before;
              });
      assertThat(read).isLessThan(200);
      assertThat(TestDatabase.answer(url, "select count(*) from lease_action where acted_at <= 20"))
          .isEqualTo("10");
    }
  }

  @Test
  @DisplayName("L33 a page of leases reads no names outside of its range")
  void leases() throws SQLException {
    String url = TestDatabase.MARIADB.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(
          url,
          "set session max_recursive_iterations = 100000",
          "insert into lease_lease (name, owner, token, expires_at)"
              + " with recursive i(n) as (select 1 union all select n + 1 from i where n < 20000)"
              + " select concat('name-', n), 'o', 1, 6000000000000000 from i");
      assertRead(backend, 11, NameRange.of("name-777", null));
      assertRead(backend, 100, NameRange.of("", "name-5"));
      assertRead(backend, 0, NameRange.of("name-%", null));
    }
  }

  private static void assertRead(JdbcBackend backend, int leases, NameRange range) {
    long read =
        backend.database.transact(
            "count rows",
            session -> {
              long before = rowsSoFar(session);
              assertThat(JdbcLeaseStore.page(session, range, 100)).hasSize(leases);
              return rowsSoFar(session) - before;
            });
    assertThat(read).as("from %s", range.from()).isLessThan(1_000);
  }

  private static void assertRead(JdbcBackend backend, int jobs, JobFilter filter, JobOrder order) {
    JobQuery query = JobQuery.of(filter).order(order);
    long read =
        backend.database.transact(
            "count rows",
            session -> {
              long before = rowsSoFar(session);
              assertThat(Pages.read(backend, session, query).jobs()).hasSize(jobs);
              return rowsSoFar(session) - before;
            });
    // 1,000 are not finished, and are read, sorted and counted; 29,000 are done.
    assertThat(read).as("%s, %s", filter, order).isLessThan(20_000);
  }

  private static long rowsSoFar(Session session) throws SQLException {
    return session
        .statement(
            "select sum(variable_value) from information_schema.session_status"
                + " where variable_name like 'Handler_read%'")
        .first(row -> row.getLong(1))
        .orElseThrow();
  }
}
