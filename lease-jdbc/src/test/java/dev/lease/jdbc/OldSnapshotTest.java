package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Claims while a transaction that began long ago keeps the database from cleaning up, by a store
 * whose looks may take a tenth of a second. {@code -Dlease.snapshot.jobs=1000000} drains as many.
 */
@Tag("slow")
class OldSnapshotTest {

  private static final Duration LEASE = Duration.ofMinutes(30);
  private static final int DRAINED = Integer.getInteger("lease.snapshot.jobs", 500_000);
  private static final int NEW = 20;

  @Test
  @DisplayName("Q50 jobs that were drained under an old snapshot slow claims and do not stop them")
  void goesOn() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    try (var backend =
            JdbcBackend.open(TestDatabase.config(url).withCallTimeout(Duration.ofMillis(100)));
        Connection old = DriverManager.getConnection(url);
        Statement statement = old.createStatement()) {
      old.setAutoCommit(false);
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("select count(*) from lease_job");
      drain(url);
      TestDatabase.execute(
          url,
          "insert into lease_job (queue, id, type, payload, headers, priority, max_crashes,"
              + " created_at, due_at) values ('q', 'behind', 't', 'p', '', 5, 3, 1, 1)");
      backend
          .jobQueue()
          .enqueue(
              IntStream.range(0, NEW)
                  .mapToObj(i -> NewJob.builder("q", "n" + i, "t", "p").build())
                  .toList());

      List<String> claimed = new ArrayList<>();
      for (int i = 0; i < 100 && claimed.size() < NEW; i++) {
        claimed.addAll(claim(backend));
      }
      assertThat(claimed).as("while the snapshot is held").hasSizeGreaterThanOrEqualTo(NEW);

      old.rollback();
      TestDatabase.execute(url, "vacuum lease_job");
      Await.until(
          () -> {
            claimed.addAll(claim(backend));
            return claimed.contains("behind");
          });
    }
  }

  private static List<String> claim(JdbcBackend backend) {
    try {
      return backend.jobQueue().claim(ClaimRequest.of("q", "w", 5, LEASE)).jobs().stream()
          .map(job -> job.lease().jobId())
          .toList();
    } catch (StoreException e) {
      // The first looks may be cut, and a busy machine may take a tenth of a second for any.
      return List.of();
    }
  }

  private static void drain(String url) throws SQLException {
    TestDatabase.execute(
        url,
        "insert into lease_job (queue, id, type, payload, headers, priority, max_crashes,"
            + " created_at, due_at) select 'q', 'd' || i, 't', 'p', '', 5, 3, 1,"
            + " 1700000000000000 + i * 7919::bigint % "
            + DRAINED
            + " * 1000 from generate_series(1, "
            + DRAINED
            + ") i",
        "update lease_job set finished_at = 1, outcome = 3, kept_until = 6000000000000000");
  }
}
