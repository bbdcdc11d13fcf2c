package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a call leaves behind on its connection. */
class SessionTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  /** What comes in the middle of a call, from nobody's code. */
  private static final class Cut extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("L22 an error in the middle of a call leaves no transaction open for the next call")
  void cut(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(JdbcConfig.of(url).withPoolSize(1))) {
      Session.Work<Object> work =
          session -> {
            backend.operations.enqueue(session, List.of(job("cut")), LockWait.LONG);
            throw new Cut();
          };
      assertThatThrownBy(() -> backend.database.transact("cut", work)).isInstanceOf(Cut.class);
      // As a claim does that finds leases that have expired.
      assertThatThrownBy(
              () ->
                  backend.database.run(
                      "cut", session -> backend.database.statements().inTransaction(session, work)))
          .isInstanceOf(Cut.class);
      // And where nothing rolls it back.
      assertThatThrownBy(
              () ->
                  backend.database.run(
                      "cut",
                      session -> {
                        backend.database.dialect().begin(session.connection());
                        return work.run(session);
                      }))
          .isInstanceOf(Cut.class);

      backend.leaseStore().acquire("lease", "owner", LEASE);

      assertThat(backend.jobQueue().find("q", "cut")).isEmpty();
      try (var others = JdbcBackend.open(JdbcConfig.of(url))) {
        assertThat(others.leaseStore().find("lease")).isPresent();
        assertThat(others.jobQueue().find("q", "cut")).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("an error in the middle of a batch leaves none of it to the next call")
  void cutInABatch(TestDatabase kind) {
    try (var backend = JdbcBackend.open(JdbcConfig.of(kind.newUrl()).withPoolSize(1))) {
      String text = backend.database.catalog().texts(Sql.CHECKPOINT_DELETE).get(0);
      RowBatch rows = new RowBatch(2, RowBatch.text("queue"), RowBatch.text("id"));
      rows.add("q", "first");
      rows.add("q", "second", "third");
      assertThatThrownBy(
              () ->
                  backend.database.run("cut", session -> session.statement(text).updateEach(rows)))
          .isInstanceOf(IndexOutOfBoundsException.class);
      RowBatch one = rows.part(0, 1);

      assertThat(
              backend.database.<int[]>run(
                  "delete", session -> session.statement(text).updateEach(one)))
          .hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "L22 an error while a session in the caller's transaction closes is a StoreException")
  void closing(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(JdbcConfig.of(url));
        Connection connection = DriverManager.getConnection(url)) {
      Session.Work<Handle> work =
          session -> {
            session
                .handle()
                .addCleanable(
                    () -> {
                      throw new SQLException("the driver is confused");
                    });
            return session.handle();
          };
      assertThatThrownBy(() -> backend.database.within("work", connection, work))
          .isInstanceOf(StoreException.class)
          .hasMessage("could not work: the driver is confused");
    }
  }

  @Test
  @DisplayName("statements that SQLite's connections keep do not keep its log from being emptied")
  void checkpoint() throws SQLException {
    String url = TestDatabase.SQLITE.newUrl();
    try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
      backend.jobQueue().enqueue(List.of(job("1")));
      backend.jobQueue().enqueue(List.of(job("1")));
      backend.jobQueue().enqueue(List.of(job("2"), job("3")));
      List<JobLease> leases =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE)).jobs().stream()
              .map(job -> job.lease())
              .toList();
      backend.jobQueue().extend(leases, LEASE);
      backend.jobQueue().checkpoint(leases.get(0), "step", "value");
      backend.jobQueue().checkpoints(leases.get(0));
      backend
          .jobQueue()
          .settleAndClaim(
              List.of(
                  Settlement.done(leases.get(0)),
                  Settlement.retry(leases.get(1), Duration.ZERO, "error")),
              ClaimRequest.of("q", "w", 3, LEASE));
      var lease = backend.leaseStore().acquire("lease", "owner", LEASE).orElseThrow();
      backend.leaseStore().release(backend.leaseStore().renew(lease, LEASE).orElseThrow());
      backend.jobAdmin().resetExpired("q", 10);
      backend.jobAdmin().cancel("q", "3");
      backend.jobAdmin().purge("q", 10);
      assertThat(backend.jobQueue().find("q", "1").orElseThrow().state()).isEqualTo(JobState.DONE);

      try (Connection other = DriverManager.getConnection(url);
          Statement statement = other.createStatement();
          ResultSet row = statement.executeQuery("pragma wal_checkpoint(truncate)")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getInt("busy")).isZero();
        assertThat(row.getInt("log")).isZero();
      }
    }
  }
}
