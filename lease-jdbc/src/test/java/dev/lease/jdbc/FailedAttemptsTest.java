package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.FailedAttempt;
import dev.lease.JobLease;
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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the table of failed attempts has, beside what the kit asks of the calls. */
class FailedAttemptsTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  @Tag("slow")
  @ParameterizedTest
  @EnumSource
  @DisplayName("Q57 only the last ten rows of a job stay, whoever writes them, and they go with it")
  void bounded(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      for (String id : List.of("retried", "claimed", "reset", "other")) {
        backend
            .jobQueue()
            .enqueue(List.of(NewJob.builder(id, id, "t", "p").maxCrashes(100).build()));
      }
      retry(backend, "other");
      for (int i = 0; i < 12; i++) {
        retry(backend, "retried");
        claim(backend, "claimed");
        claim(backend, "reset");
        TestDatabase.execute(url, "update lease_job set expires_at = 1 where expires_at <> 0");
        assertThat(backend.jobAdmin().resetExpired("reset", 10).count()).isEqualTo(1);
      }
      claim(backend, "claimed");

      for (String id : List.of("retried", "claimed", "reset")) {
        assertThat(rows(url, id)).as(id).isEqualTo(10);
        assertThat(backend.jobAdmin().failedAttempts(id, id))
            .extracting(FailedAttempt::attempt)
            .containsExactly(3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
      }
      assertThat(rows(url, "other")).isEqualTo(1);

      backend.jobAdmin().delete("reset", "reset");
      backend.jobQueue().settle(List.of(Settlement.failed(claim(backend, "retried"), "e")));
      assertThat(backend.jobAdmin().purge("retried", Duration.ZERO, 10)).isEqualTo(1);
      assertThat(rows(url, "reset")).isZero();
      assertThat(rows(url, "retried")).isZero();
      assertThat(rows(url, "other")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q57 failures of several jobs in one call are kept, settled and expired ones")
  void several(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      var ids = List.of("a", "b", "c");
      backend
          .jobQueue()
          .enqueue(ids.stream().map(id -> NewJob.builder("q", id, "t", "p").build()).toList());
      backend
          .jobQueue()
          .settle(
              claimAll(backend).stream()
                  .<Settlement>map(it -> Settlement.retry(it, Duration.ZERO, it.jobId()))
                  .toList());
      assertThat(claimAll(backend)).hasSize(3);
      TestDatabase.execute(url, "update lease_job set expires_at = 1");
      assertThat(claimAll(backend)).hasSize(3);

      for (String id : ids) {
        assertThat(backend.jobAdmin().failedAttempts("q", id))
            .extracting(FailedAttempt::error)
            .containsExactly(id, "lease expired");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q11 Q57 a job that a claim leaves for its size has no failed attempt by it")
  void leftForItsSize(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      for (String id : List.of("a", "b")) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", id, "t", "payload").build()));
      }
      assertThat(claimAll(backend)).hasSize(2);
      TestDatabase.execute(url, "update lease_job set expires_at = 1");

      var claim = backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE).withMaxBytes(8));
      assertThat(claim.jobs()).hasSize(1);
      assertThat(claim.more()).isTrue();
      assertThat(backend.jobAdmin().failedAttempts("q", "a")).hasSize(1);
      assertThat(backend.jobAdmin().failedAttempts("q", "b")).isEmpty();
    }
  }

  private static List<JobLease> claimAll(JdbcBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs().stream()
        .map(job -> job.lease())
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q31 Q57 a failure in the caller's transaction is kept if that commits, and no else")
  void callersTransaction(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO));
        Connection connection = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "q", "t", "p").build()));
      JobLease lease = claim(backend, "q");
      connection.setAutoCommit(false);
      backend.settle(connection, Settlement.retry(lease, Duration.ZERO, "undone"));
      connection.rollback();
      backend.settle(connection, Settlement.retry(lease, Duration.ZERO, "kept"));
      connection.commit();

      assertThat(backend.jobAdmin().failedAttempts("q", "q"))
          .extracting(FailedAttempt::error)
          .containsExactly("kept");
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q57 what has no failure writes no attempt: neither settled, released nor claimed")
  void untouched(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      var jobs = new ArrayList<NewJob>();
      for (int i = 0; i < 10; i++) {
        jobs.add(NewJob.builder("q", "j" + i, "t", "p").build());
      }
      backend.jobQueue().enqueue(jobs);
      // Without the table a write to it fails.
      TestDatabase.execute(url, "drop table lease_attempt");
      List<JobLease> leases = claimAll(backend);
      backend.jobQueue().settle(List.of(Settlement.done(leases.get(0))));
      backend.jobQueue().settle(List.of(Settlement.released(leases.get(1), Duration.ZERO)));

      assertThat(leases).hasSize(10);
    }
  }

  private static JobLease claim(JdbcBackend backend, String queue) {
    return backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs().get(0).lease();
  }

  private static void retry(JdbcBackend backend, String queue) {
    assertThat(
            backend
                .jobQueue()
                .settle(List.of(Settlement.retry(claim(backend, queue), Duration.ZERO, "again"))))
        .containsExactly(Settlement.Result.ACCEPTED);
  }

  private static int rows(String url, String queue) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from lease_attempt where queue = '" + queue + "'")) {
      row.next();
      return row.getInt(1);
    }
  }
}
