package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.NameRange;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;

/** What claims cost in SQLite, in steps of its virtual machine. */
class SqlitePlansTest {

  private static final int STEPS = 10;

  private String url;
  private JdbcBackend backend;

  @BeforeEach
  void open() {
    url = TestDatabase.SQLITE.newUrl();
    backend = JdbcBackend.open(JdbcConfig.of(url));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  @DisplayName("Q50 after a full look 10,000 held jobs cost a claim no walk over them")
  void heldWithinSlack() throws SQLException {
    fill(10_000, 6_000_000_000_000_000L);
    var marks = new Watermarks(Duration.ofHours(1), Duration.ofMinutes(1), false);
    var looks = new ArrayList<ClaimLook>();
    Watermarks.Levels start = marks.of("q");
    assertThat(steps(session -> looks.add(look(session, start)))).isGreaterThan(10_000);
    marks.seen("q", start, looks.get(0), false, System.nanoTime(), 0, true);

    assertThat(steps(session -> looks.add(look(session, marks.of("q"))))).isLessThan(2_000);
  }

  @Test
  @DisplayName(
      "Q50 a claim that met an exhausted job ends others without a walk over all that live")
  void exhausted() throws SQLException {
    fill(100_000, 0);
    var resetting =
        new ResetSlice.Request("q", 1, true, 1_000, 1_000, new QueuePosition(5, 50_000, 50_000));
    List<ResetSlice> slices = new ArrayList<>();

    long some =
        steps(session -> slices.add(backend.database.statements().reset(session, resetting)));

    assertThat(some).isLessThan(200_000);
    assertThat(slices.get(0).changed()).isZero();
    assertThat(slices.get(0).next()).isEqualTo(new QueuePosition(5, 51_000, 51_000));
  }

  @Test
  @DisplayName(
      "Q50, Q85 lists of held jobs, of jobs that failed, and of an unknown queue read no jobs that are done")
  void finished() throws SQLException {
    fill(100_000, 0);
    TestDatabase.execute(
        url,
        "update lease_job set outcome = 3, finished_at = 2 where seq < 99000",
        "update lease_job set outcome = 4, finished_at = 1 where seq between 98991 and 99000",
        "update lease_job set expires_at = 6000000000000000, attempts = 1, owner = 'w' where seq > 99990");
    for (JobOrder order : List.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST)) {
      JobFilter all = JobFilter.all();
      assertRead(10, all.inQueue("q").inState(JobState.PROCESSING), order);
      assertRead(100, all.inQueue("q").inState(JobState.PENDING), order);
      assertRead(10, all.inQueue("q").inState(JobState.FAILED), order);
      assertRead(0, all.inQueue("unknown"), order);
      assertRead(100, all.inQueue("q").inState(JobState.DONE), order);
    }
    for (JobFilter in : List.of(JobFilter.all().inQueue("q"), JobFilter.all())) {
      JobOrder last = JobOrder.LAST_FINISHED_FIRST;
      assertRead(10, in.inState(JobState.FAILED), last);
      assertRead(10, in.inState(JobState.FAILED).finishedBetween(Instant.EPOCH, null), last);
      assertRead(0, in.inState(JobState.CANCELLED), last);
      assertRead(100, in, last);
    }
  }

  @Test
  @DisplayName("Q86 a count of a queue reads no jobs of others")
  void count() throws SQLException {
    fill(100_000, 0);
    TestDatabase.execute(
        url,
        "update lease_job set queue = 'few' where seq > 99990",
        "update lease_job set outcome = 3, finished_at = 2 where seq % 2 = 0");
    JobFilter few = JobFilter.all().inQueue("few");
    for (JobFilter filter :
        List.of(few, few.inState(JobState.PENDING, JobState.DONE), few.ofType("t"))) {
      assertThat(
              steps(
                  session ->
                      assertThat(
                              new JobPages(backend.database).count(session.handle(), filter, 1_000))
                          .isEqualTo(10)))
          .as("%s", filter)
          .isLessThan(10_000);
    }
  }

  @Test
  @DisplayName("L33 a page of leases reads no names outside of its range")
  void leases() throws SQLException {
    TestDatabase.execute(
        url,
        "with recursive i(i) as (select 1 union all select i + 1 from i where i < 20000)"
            + " insert into lease_lease (name, owner, token, expires_at)"
            + " select 'name-' || i, 'o', 1, 6000000000000000 from i");
    assertRead(11, NameRange.of("name-777", null));
    assertRead(100, NameRange.of("", "name-5"));
    assertRead(0, NameRange.of("name-%", null));
  }

  private void assertRead(int leases, NameRange range) {
    assertThat(
            steps(session -> assertThat(JdbcLeaseStore.page(session, range, 100)).hasSize(leases)))
        .as("from %s", range.from())
        .isLessThan(10_000);
  }

  private void assertRead(int jobs, JobFilter filter, JobOrder order) {
    JobQuery query = JobQuery.of(filter).order(order);
    assertThat(
            steps(session -> assertThat(Pages.read(backend, session, query).jobs()).hasSize(jobs)))
        .as("%s, %s", filter, order)
        .isLessThan(400_000);
  }

  private ClaimLook look(Session session, Watermarks.Levels levels) throws SQLException {
    return backend
        .database
        .statements()
        .claim(session, new ClaimLook.Request("q", "w", 8, 4 << 20, true, 60_000_000, 1), levels);
  }

  private void fill(int jobs, long expiresAt) throws SQLException {
    TestDatabase.execute(
        url,
        ("with recursive i(i) as (select 1 union all select i + 1 from i where i < %d)"
                + " insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, created_at, due_at, owner, expires_at)"
                + " select 'q', i, 't', 'p', '', 5, 3, 1, i, 'w', %d from i")
            .formatted(jobs, expiresAt));
  }

  private long steps(Session.Work<?> work) {
    var steps = new AtomicLong();
    return backend.database.transact(
        "count steps",
        session -> {
          SQLiteConnection connection = session.connection().unwrap(SQLiteConnection.class);
          ProgressHandler.setHandler(
              connection,
              STEPS,
              new ProgressHandler() {
                @Override
                protected int progress() {
                  steps.addAndGet(STEPS);
                  return 0;
                }
              });
          work.run(session);
          ProgressHandler.clearHandler(connection);
          return steps.get();
        });
  }
}
