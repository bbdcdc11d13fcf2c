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
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Batches that have the same dedup keys in other orders, where a database has several writers. */
@Tag("slow")
class DedupBatchesTest {

  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final int THREADS = 8;
  private static final int KEYS = 20;
  private static final int CYCLES = 20;

  /** Without the locks there were deadlocks in every second cycle on MariaDB. */
  private static final int FEW = 3;

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q03 batches of the same keys, with their settlements and purges, do not deadlock")
  void batches(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    long before = kind == TestDatabase.MARIADB ? deadlocks(url) : 0;
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      List<Callable<Integer>> producers =
          IntStream.range(0, THREADS)
              .<Callable<Integer>>mapToObj(thread -> () -> cycles(backend, thread))
              .toList();
      List<Integer> created = Together.run(producers);
      assertThat(created).allMatch(ofOne -> ofOne >= CYCLES);
      assertThat(created.stream().mapToInt(Integer::intValue).sum())
          .isGreaterThan(THREADS * CYCLES);
    }

    if (kind == TestDatabase.MARIADB) {
      // Another test class may share the server, but not at the same time.
      assertThat(deadlocks(url) - before).isLessThanOrEqualTo(FEW);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q03 a batch with keys does not wait for one of another queue")
  void otherQueue(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    JdbcConfig config = TestDatabase.config(url);
    try (var backend = JdbcBackend.open(config);
        Connection slow = DriverManager.getConnection(url);
        Statement statement = slow.createStatement()) {
      slow.setAutoCommit(false);
      String bucket = StyleStatements.buckets(Set.of(new RowBatch.Name("slow", "k")));
      statement.execute(
          "select bucket from lease_key_lock where bucket in (" + bucket + ") for update");
      assertThat(
              backend
                  .jobQueue()
                  .enqueue(
                      List.of(
                          NewJob.builder("q", "1", "t", "p").dedupKey("a").build(),
                          NewJob.builder("q", "2", "t", "p").dedupKey("b").build())))
          .allMatch(Enqueued::created);
      slow.rollback();
    }
  }

  @Test
  @DisplayName("Q03 on PostgreSQL a batch that met a deadlock is tried again, and enqueues")
  void triedAgain() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement();
        Connection witness = DriverManager.getConnection(url)) {
      // Only the store looks for deadlocks, so the store's transaction ends.
      statement.execute("set deadlock_timeout = '1h'");
      other.setAutoCommit(false);
      backend.enqueue(other, List.of(NewJob.builder("q", "b", "t", "p").dedupKey("b").build()));
      Callable<List<Enqueued>> batch =
          () ->
              backend
                  .jobQueue()
                  .enqueue(
                      List.of(
                          NewJob.builder("q", "1", "t", "p").dedupKey("a").build(),
                          NewJob.builder("q", "2", "t", "p").dedupKey("b").build()));
      var enqueued = new FutureTask<>(batch);
      new Thread(enqueued).start();
      Await.until(() -> isWaiting(witness));
      backend.enqueue(other, List.of(NewJob.builder("q", "a", "t", "p").dedupKey("a").build()));
      other.commit();
      assertThat(enqueued.get()).containsExactly(Enqueued.of("a", false), Enqueued.of("b", false));
      // The server counts it a little later.
      Await.until(() -> hasMetADeadlock(witness));
    }
  }

  private static boolean isWaiting(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from pg_stat_activity where datname = current_database()"
                    + " and wait_event_type = 'Lock'")) {
      row.next();
      return row.getInt(1) > 0;
    }
  }

  private static boolean hasMetADeadlock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select deadlocks from pg_stat_database where datname = current_database()")) {
      row.next();
      return row.getLong(1) > 0;
    }
  }

  /** Enqueues, works and purges; returns how many jobs it made. */
  private static int cycles(JdbcBackend backend, int thread) {
    int created = 0;
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      List<NewJob> batch = new ArrayList<>();
      // The keys below may all be taken; this one is nobody else's.
      batch.add(
          NewJob.builder("q", thread + "-" + cycle, "t", "p")
              .dedupKey("own " + thread + "-" + cycle)
              .build());
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
              .<Settlement>map(job -> Settlement.done(job.lease()))
              .toList();
      backend.jobQueue().settle(done);
      backend.jobAdmin().purge("q", Duration.ZERO, 10);
    }
    return created;
  }

  private static long deadlocks(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select variable_value from information_schema.global_status"
                    + " where variable_name = 'Innodb_deadlocks'")) {
      row.next();
      return row.getLong(1);
    }
  }
}
