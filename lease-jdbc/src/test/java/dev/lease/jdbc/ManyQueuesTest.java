package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lists by the times of the finishes over more queues than one statement names. */
@Tag("slow")
class ManyQueuesTest {

  /** So many that MariaDB would end a recursion over them. */
  private static final int QUEUES = 1_020;

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q84 Q85 a list over many queues is in order, and takes few statements")
  void lists(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      List<NewJob> jobs =
          IntStream.range(0, 2 * QUEUES)
              .mapToObj(i -> NewJob.builder("q" + i % QUEUES, "job-" + i, "t" + i % 2, "").build())
              .toList();
      for (int i = 0; i < jobs.size(); i += Limits.MAX_BATCH) {
        backend.jobQueue().enqueue(jobs.subList(i, Math.min(jobs.size(), i + Limits.MAX_BATCH)));
      }
      TestDatabase.execute(
          url,
          "update lease_job set outcome = 3 + seq % 3, finished_at = 1 + seq * 71 % 1009,"
              + " kept_until = 9000000000000000");
      JobFilter all = JobFilter.all();

      assertThat(list(backend, JobQuery.of(all).limit(700))).isEqualTo(expected(url, "1 = 1"));
      assertThat(
              backend
                  .jobAdmin()
                  .list(JobQuery.of(all).order(JobOrder.LAST_FINISHED_FIRST).limit(700))
                  .examined())
          .as("jobs examined, in all parts")
          .isEqualTo(2 * QUEUES);
      assertThat(list(backend, JobQuery.of(all.ofType("t1")).limit(290).examineAtMost(600)))
          .isEqualTo(expected(url, "type = 't1'"));
      assertThat(list(backend, JobQuery.of(all.inState(JobState.FAILED)).limit(300)))
          .isEqualTo(expected(url, "outcome = 4"));
      assertThat(trips(backend, JobQuery.of(all).order(JobOrder.LAST_FINISHED_FIRST).limit(10)))
          .as("the names, and the parts")
          .isEqualTo(1 + 11);
    }
  }

  private static List<String> list(JdbcBackend backend, JobQuery query) {
    List<String> ids = new ArrayList<>();
    JobQuery next = query.order(JobOrder.LAST_FINISHED_FIRST);
    while (true) {
      JobPage page = backend.jobAdmin().list(next);
      assertThat(page.jobs()).hasSizeLessThanOrEqualTo(query.limit());
      page.jobs().forEach(job -> ids.add(job.id()));
      if (page.next() == null) {
        return ids;
      }
      next = next.after(page.next());
    }
  }

  private static List<String> expected(String url, String condition) throws SQLException {
    List<String> ids = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select id from lease_job where %s order by finished_at desc, seq desc"
                    .formatted(condition))) {
      while (row.next()) {
        ids.add(row.getString(1));
      }
    }
    return ids;
  }

  private static int trips(JdbcBackend backend, JobQuery query) {
    var trips = new AtomicInteger();
    backend.database.read(
        "list",
        session ->
            new JobPages(backend.database)
                .page(
                    query,
                    new JobPages.Calls() {
                      @Override
                      public <T> T run(Session.Work<T> work) {
                        trips.incrementAndGet();
                        try {
                          return work.run(session);
                        } catch (SQLException e) {
                          throw StoreException.notDone("a page", e);
                        }
                      }
                    }));
    return trips.get();
  }
}
