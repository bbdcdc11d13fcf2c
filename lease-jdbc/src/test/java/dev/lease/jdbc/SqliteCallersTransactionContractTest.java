package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sqlite.BusyHandler;

class SqliteCallersTransactionContractTest extends CallersTransactionContract {

  SqliteCallersTransactionContractTest() {
    super(TestDatabase.SQLITE);
  }

  /** What a caller does first in its transaction. */
  enum Call {
    ENQUEUE,
    ENQUEUE_WITH_KEYS,
    SETTLE,
    RETRY,
    CHECKPOINT,
    STEP,
    FENCE
  }

  private static void run(Call call, JdbcBackend backend, Connection connection, JobLease lease)
      throws Exception {
    switch (call) {
      case ENQUEUE -> backend.enqueue(connection, List.of(job("new").build()));
      case ENQUEUE_WITH_KEYS ->
          backend.enqueue(
              connection,
              List.of(
                  job("new").key("k").dedupKey("d").build(),
                  job("01900000-0000-7000-8000-000000000000").build()));
      case SETTLE -> backend.settle(connection, Settlement.done(lease, "r"));
      case RETRY -> backend.settle(connection, Settlement.retry(lease, Duration.ZERO, "again"));
      case CHECKPOINT -> backend.checkpoint(connection, lease, "s", "v");
      case STEP -> backend.step(connection, lease, "s", () -> "v");
      case FENCE -> backend.fence(connection, lease, "r");
    }
  }

  private static NewJob.Builder job(String id) {
    return NewJob.builder("q", id, "t", "p");
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a transaction of the caller's that begins with a call waits for the writer")
  void waitsForTheWriter(Call call) throws Exception {
    String url = TestDatabase.SQLITE.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = DriverManager.getConnection(url);
        Connection writer = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(job("j").key("k").build()));
      JobLease lease =
          backend
              .jobQueue()
              .claim(ClaimRequest.of("q", "w", 1, Duration.ofMinutes(1)))
              .jobs()
              .get(0)
              .lease();
      var waits = new AtomicInteger();
      BusyHandler.setHandler(
          connection,
          new BusyHandler() {
            @Override
            protected int callback(int before) throws SQLException {
              if (waits.incrementAndGet() == 1) {
                writer.commit();
              }
              return 1;
            }
          });
      writer.setAutoCommit(false);
      try (var statement = writer.createStatement()) {
        statement.execute("update lease_job set progress_percent = 1");
      }
      connection.setAutoCommit(false);
      run(call, backend, connection, lease);
      connection.commit();

      assertThat(waits).hasPositiveValue();
    }
  }
}
