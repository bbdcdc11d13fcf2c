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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
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
  void open() throws Exception {
    url = TestDatabase.POSTGRESQL.newUrl();
    JdbcBackend.migrate(JdbcConfig.of(url));
    TestDatabase.execute(url, partitioned());
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
    assertThat(backend.jobQueue().settle(List.of(Settlement.done(a), Settlement.done(b))))
        .containsOnly(Settlement.Result.ACCEPTED);
    assertThat(backend.jobAdmin().purge("a", Duration.ZERO, 10)).isEqualTo(1);
    assertThat(state("b")).isEqualTo(JobState.DONE);
  }

  @Test
  @DisplayName("all calls work on a table that was partitioned as the README says")
  void wholeLife() throws Exception {
    TestDatabase.execute(url, "delete from lease_job");
    try (Connection connection = DriverManager.getConnection(url)) {
      WholeLife.run(backend, connection);
    }
  }

  /** The script of the README, and the view of a migration. */
  private static String[] partitioned() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int from = readme.indexOf("```sql\nbegin;\ndrop view lease_job_view;");
    assertThat(from).isPositive();
    String script = readme.substring(from + "```sql\n".length(), readme.indexOf("```", from + 3));
    String migration =
        Files.readString(
            Path.of("src/main/resources/dev/lease/jdbc/migration/postgresql/V1__lease.sql"));
    return new String[] {
      script.replace("'mail'", "'a'"),
      migration.substring(migration.indexOf("create view lease_job_view"))
    };
  }

  private JobState state(String queue) {
    return backend.jobQueue().find(queue, queue + "1").orElseThrow().state();
  }
}
