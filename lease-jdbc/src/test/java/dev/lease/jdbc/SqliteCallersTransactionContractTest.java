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
import java.util.UUID;
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
    ENQUEUE(
        (backend, connection, lease) ->
            backend.enqueue(connection, List.of(NewJob.builder("q", "new", "t", "p").build()))),
    ENQUEUE_WITH_KEYS(
        (backend, connection, lease) ->
            backend.enqueue(
                connection,
                List.of(
                    NewJob.builder("q", "new", "t", "p").key("k").dedupKey("d").build(),
                    NewJob.builder("q", UUID.randomUUID().toString(), "t", "p").build()))),
    SETTLE((backend, connection, lease) -> backend.settle(connection, Settlement.done(lease, "r"))),
    RETRY(
        (backend, connection, lease) ->
            backend.settle(connection, Settlement.retry(lease, Duration.ZERO, "again"))),
    CHECKPOINT((backend, connection, lease) -> backend.checkpoint(connection, lease, "s", "v")),
    STEP((backend, connection, lease) -> backend.step(connection, lease, "s", () -> "v")),
    FENCE((backend, connection, lease) -> backend.fence(connection, lease, "r"));

    private interface Work {
      void run(JdbcBackend backend, Connection connection, JobLease lease) throws Exception;
    }

    private final Work work;

    Call(Work work) {
      this.work = work;
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a transaction of the caller's that begins with a call waits for the writer")
  void waitsForTheWriter(Call call) throws Exception {
    String url = TestDatabase.SQLITE.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = DriverManager.getConnection(url);
        Connection writer = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "j", "t", "p").key("k").build()));
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
      call.work.run(backend, connection, lease);
      connection.commit();

      assertThat(waits).hasPositiveValue();
    }
  }
}
