package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs that are done and kept for no time: of those only the id stays, for a while. */
class UnkeptJobsTest {

  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final String LARGE = "x".repeat(500_000);

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "Q02 nothing but the id of a job that is done and not kept stays, until it is purged")
  void onlyTheId(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      long token = done(backend, large("large")).token();

      assertThat(
              number(
                  url,
                  "select count(*) from lease_job where payload = '' and headers = '' and result is null"
                      + " and progress_percent is null and progress_message is null"
                      // MariaDB keeps it, see job_finish.sql.
                      + (kind == TestDatabase.MARIADB ? "" : " and dedup_key is null")
                      + " and error is null and outcome is null and kept_until > finished_at"))
          .isEqualTo(1);
      assertThat(number(url, "select count(*) from lease_job_view")).isZero();
      assertThat(backend.jobQueue().find("q", "large")).isEmpty();
      assertThat(listed(backend)).isEmpty();
      assertThat(backend.jobAdmin().counts().queues()).isEmpty();
      assertThat(backend.jobAdmin().failedAttempts("q", "large")).isEmpty();
      assertThat(backend.jobAdmin().steps("q", "large")).isEmpty();
      assertThat(enqueue(backend, "large")).isEqualTo(Enqueued.of("large", false));

      assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isZero();
      assertThat(backend.jobAdmin().purge("q", 10)).isZero();
      assertThat(enqueue(backend, "large")).isEqualTo(Enqueued.of("large", false));

      TestDatabase.execute(url, "update lease_job set kept_until = 1");
      assertThat(backend.jobAdmin().purge("q", 10)).isEqualTo(1);
      assertAnew(backend, token);
      assertThat(number(url, "select count(*) from lease_checkpoint")).isZero();
      assertThat(number(url, "select count(*) from lease_attempt")).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "Q02 a delete forgets an id that is remembered, though there is no such job any more")
  void deleted(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      long token = done(backend, large("large")).token();

      assertThat(backend.jobAdmin().delete("q", "large")).isFalse();

      assertThat(number(url, "select count(*) from lease_job")).isZero();
      assertThat(number(url, "select count(*) from lease_checkpoint")).isZero();
      assertAnew(backend, token);
    }
  }

  private static void assertAnew(JdbcBackend backend, long token) {
    assertThat(enqueue(backend, "large")).isEqualTo(Enqueued.of("large", true));
    JobLease fresh = claim(backend);
    assertThat(fresh.token()).isGreaterThan(token);
    assertThat(backend.jobQueue().checkpoints(fresh)).contains(Map.of());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "Q02 jobs of one call that are kept, by themselves or as they did not succeed, stay whole")
  void besideOthers(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      backend
          .jobQueue()
          .enqueue(
              List.of(
                  NewJob.builder("q", "kept", "t", "p1").keep(Duration.ofHours(1)).build(),
                  NewJob.builder("q", "none", "t", "p2").build(),
                  NewJob.builder("q", "zero", "t", "p3").keep(Duration.ZERO).build(),
                  NewJob.builder("q", "failed", "t", "p4").build(),
                  NewJob.builder("q", "cancelled", "t", "p5").build()));
      List<JobLease> leases = claimAll(backend);
      backend
          .jobQueue()
          .settle(
              List.of(
                  Settlement.done(leases.get(0), "r"),
                  Settlement.done(leases.get(1), "r"),
                  Settlement.done(leases.get(2), "r"),
                  Settlement.failed(leases.get(3), "e"),
                  Settlement.cancelled(leases.get(4), "r")));

      assertThat(listed(backend))
          .extracting(Job::id)
          .containsExactly("kept", "failed", "cancelled");
      assertThat(listed(backend)).extracting(Job::payload).containsExactly("p1", "p4", "p5");
      assertThat(backend.jobAdmin().counts().queues().get(0).count(JobState.DONE)).isEqualTo(1);
      assertThat(backend.jobAdmin().counts().queues().get(0).count(JobState.FAILED)).isEqualTo(1);
      assertThat(backend.jobAdmin().counts().queues().get(0).count(JobState.CANCELLED))
          .isEqualTo(1);
      assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(3);
      assertThat(number(url, "select count(*) from lease_job")).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 a job's own time of zero counts where the store keeps jobs")
  void byItself(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      NewJob.Builder job = NewJob.builder("q", "zero", "t", "p").keep(Duration.ZERO);
      done(backend, job.build());
      done(backend, NewJob.builder("q", "kept", "t", "p").build());

      assertThat(listed(backend)).extracting(Job::id).containsExactly("kept");
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q31 a job that its handler settles stays whole: its worker looks what became of it")
  void settledByItsHandler(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url);
        Connection connection = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(large("large")));
      JobLease lease = claim(backend);
      connection.setAutoCommit(false);
      backend.settle(connection, Settlement.done(lease, "r"));
      connection.commit();

      assertThat(backend.jobQueue().find("q", "large"))
          .hasValueSatisfying(
              job -> {
                assertThat(job.state()).isEqualTo(JobState.DONE);
                assertThat(job.token()).isEqualTo(lease.token());
                assertThat(job.result()).isEqualTo("r");
              });
    }
  }

  private static JdbcBackend open(String url) {
    return JdbcBackend.open(
        TestDatabase.config(url)
            .withOrderSlack(Duration.ZERO)
            .withRetention(Duration.ZERO, Duration.ZERO));
  }

  private static NewJob large(String id) {
    return NewJob.builder("q", id, "t", LARGE)
        .dedupKey("key")
        .headers(Map.of("name", "value"))
        .build();
  }

  /** Runs a job to its end, after a failure, with a step and with progress. */
  private static JobLease done(JdbcBackend backend, NewJob job) {
    backend.jobQueue().enqueue(List.of(job));
    backend.jobQueue().settle(List.of(Settlement.retry(claim(backend), Duration.ZERO, "not yet")));
    JobLease lease = claim(backend);
    assertThat(backend.jobQueue().checkpoint(lease, "step", "value"))
        .isEqualTo(Optional.of("value"));
    assertThat(backend.jobQueue().progress(lease, Progress.of(50, "half"))).isTrue();
    assertThat(backend.jobQueue().settle(List.of(Settlement.done(lease, LARGE))))
        .containsExactly(Settlement.Result.ACCEPTED);
    return lease;
  }

  private static Enqueued enqueue(JdbcBackend backend, String id) {
    return backend.jobQueue().enqueue(List.of(large(id))).get(0);
  }

  private static JobLease claim(JdbcBackend backend) {
    List<JobLease> leases = claimAll(backend);
    assertThat(leases).hasSize(1);
    return leases.get(0);
  }

  private static List<JobLease> claimAll(JdbcBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs().stream()
        .map(ClaimedJob::lease)
        .toList();
  }

  private static List<Job> listed(JdbcBackend backend) {
    return backend.jobAdmin().list(JobQuery.of(JobFilter.all().inQueue("q")).limit(10)).jobs();
  }

  private static long number(String url, String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
