package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A table that is partitioned by queue, as an administrator may do it to a large one: there a ctid
 * names a row in each partition.
 */
class PostgresqlPartitionsTest {

  private static final Duration LEASE = Duration.ofMinutes(30);

  private String url;
  private JdbcBackend backend;

  @BeforeEach
  void open() throws SQLException {
    url = TestDatabase.POSTGRESQL.newUrl();
    JdbcBackend.migrate(JdbcConfig.of(url));
    TestDatabase.execute(
        url,
        "alter table lease_job rename to unpartitioned",
        "create sequence lease_job_seqs",
        "create table lease_job (like unpartitioned including defaults, primary key (queue, id)) partition by list (queue)",
        "alter table lease_job alter seq set default nextval('lease_job_seqs')",
        "create table lease_job_a partition of lease_job for values in ('a')",
        "create table lease_job_b partition of lease_job for values in ('b')",
        "create unique index on lease_job (queue, dedup_key) where dedup_key is not null and finished_at is null");
    backend = JdbcBackend.open(JdbcConfig.of(url).withOrderSlack(Duration.ZERO));
    backend
        .jobQueue()
        .enqueue(
            List.of(
                NewJob.builder("a", "a1", "t", "pa").build(),
                NewJob.builder("b", "b1", "t", "pb").build()));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  @DisplayName("Q11 Q12 a claim takes jobs of its own queue only, and no more than its limit")
  void claim() {
    assertThat(backend.jobQueue().claim(ClaimRequest.of("a", "w", 1, LEASE)).jobs())
        .extracting(ClaimedJob::payload)
        .containsExactly("pa");
    assertThat(state("b")).isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("Q22 Q41 Q46 leases are extended, jobs reset and purged in their own queue only")
  void others() throws SQLException {
    JobLease a =
        backend.jobQueue().claim(ClaimRequest.of("a", "w", 1, LEASE)).jobs().get(0).lease();
    JobLease b =
        backend.jobQueue().claim(ClaimRequest.of("b", "w", 1, LEASE)).jobs().get(0).lease();
    assertThat(backend.jobQueue().extend(List.of(a), LEASE.multipliedBy(2)))
        .hasOnlyElementsOfType(Extension.Held.class);
    assertThat(backend.jobQueue().find("b", "b1").map(Job::lease)).contains(b);

    TestDatabase.execute(url, "update lease_job set expires_at = 1");
    assertThat(backend.jobAdmin().resetExpired("a", 10).count()).isEqualTo(1);
    assertThat(state("a")).isEqualTo(JobState.RETRY);
    assertThat(state("b")).isEqualTo(JobState.PROCESSING);

    a = backend.jobQueue().claim(ClaimRequest.of("a", "w", 1, LEASE)).jobs().get(0).lease();
    assertThat(
            backend
                .jobQueue()
                .settle(List.of(new Settlement.Done(a, null), new Settlement.Done(b, null))))
        .containsOnly(Settlement.Result.ACCEPTED);
    assertThat(backend.jobAdmin().purge("a", Duration.ZERO, 10)).isEqualTo(1);
    assertThat(state("b")).isEqualTo(JobState.DONE);
  }

  private JobState state(String queue) {
    return backend.jobQueue().find(queue, queue + "1").orElseThrow().state();
  }
}
