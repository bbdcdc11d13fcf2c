package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Batches that have the same dedup keys in other orders, where a database has several writers. */
class DedupBatchesTest {

  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final int THREADS = 8;
  private static final int KEYS = 20;

  /** Without the order there were deadlocks in every second cycle on MariaDB. */
  private static final int FEW = 3;

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q03 batches of the same keys, with their settlements and purges, do not deadlock")
  void batches(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    long before = deadlocks(kind, url);
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      List<Callable<Integer>> producers =
          IntStream.range(0, THREADS)
              .<Callable<Integer>>mapToObj(thread -> () -> cycles(backend, thread))
              .toList();
      assertThat(Together.run(producers)).allMatch(created -> created > 0);
    }

    // Another test class may share the server, but not at the same time.
    assertThat(deadlocks(kind, url) - before).isLessThanOrEqualTo(FEW);
  }

  /** Enqueues, works and purges; returns how many jobs it made. */
  private static int cycles(JdbcBackend backend, int thread) {
    int created = 0;
    for (int cycle = 0; cycle < 20; cycle++) {
      List<NewJob> batch = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        int key = (thread % 2 == 0 ? i : KEYS - i) * 7 % KEYS;
        batch.add(
            NewJob.builder("q", thread + "-" + cycle + "-" + i, "t", "p")
                .dedupKey("k" + key)
                .build());
      }
      created += (int) backend.jobQueue().enqueue(batch).stream().filter(Enqueued::created).count();
      List<Settlement> done =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 5, LEASE)).jobs().stream()
              .<Settlement>map(job -> new Settlement.Done(job.lease(), null))
              .toList();
      backend.jobQueue().settle(done);
      backend.jobAdmin().purge("q", Duration.ZERO, 10);
    }
    return created;
  }

  private static long deadlocks(TestDatabase kind, String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                kind == TestDatabase.POSTGRESQL
                    ? "select deadlocks from pg_stat_database where datname = current_database()"
                    : "select variable_value from information_schema.global_status"
                        + " where variable_name = 'Innodb_deadlocks'")) {
      row.next();
      return row.getLong(1);
    }
  }
}
