package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What the tables themselves refuse, and what becomes of rows that are there all the same. */
class SchemaRulesTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q43 a row that the store could not work with cannot be made by hand")
  void refused(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(url, insert("q", "good", "t", 5, 3, 0));
      List<String> bad =
          List.of(
              insert("q", "", "t", 5, 3, 0),
              insert("q", "  ", "t", 5, 3, 0),
              insert("q", "\t\n", "t", 5, 3, 0),
              insert("q", "\u00e4".repeat(101), "t", 5, 3, 0),
              insert(" ", "1", "t", 5, 3, 0),
              insert("q", "1", "", 5, 3, 0),
              insert("q", "1", "t", 10, 3, 0),
              insert("q", "1", "t", -1, 3, 0),
              insert("q", "1", "t", 5, 0, 0),
              insert("q", "1", "t", 5, 3, 4),
              "update lease_job set id = ''",
              "update lease_job set priority = 10",
              "update lease_job set max_attempts = 0");
      for (String sql : bad) {
        assertThatThrownBy(() -> TestDatabase.execute(url, sql))
            .as(sql)
            .isInstanceOf(SQLException.class);
      }
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs())
          .extracting(job -> job.lease().jobId())
          .containsExactly("good");
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q43 a row that is there all the same is finished, and its neighbours are claimed")
  void finished(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      TestDatabase.execute(url, withoutRules(kind));
      TestDatabase.execute(
          url,
          insert("q", "1", "t", 5, 3, 0),
          insert("q", " ", "t", 5, 3, 0),
          insert("q", "2", "t", 5, 3, 0));

      var claim = backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE));

      assertThat(claim.jobs())
          .extracting(job -> job.lease().jobId() + " " + job.attempt())
          .containsExactly("1 1", "2 1");
      assertThat(claim.finished()).extracting(FinishedJob::id).containsExactly(" ");
      JobFilter failed = JobFilter.all().inState(JobState.FAILED);
      assertThat(backend.jobAdmin().list(failed, JobOrder.OLDEST_FIRST, null, 10).jobs())
          .singleElement()
          .extracting(Job::error)
          .asString()
          .contains("must not be blank");

      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "3", "t", "p").build()));
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE)).jobs())
          .extracting(ClaimedJob::attempt)
          .containsExactly(1);
    }
  }

  @Test
  @DisplayName("a rule that a row breaks shows no payload in a message")
  void noPayload() throws SQLException {
    String url = TestDatabase.POSTGRESQL.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "secret").build()));
      TestDatabase.execute(
          url, "alter table lease_job add constraint mine check (attempts = 0) not valid");

      assertThatThrownBy(() -> backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("mine")
          .hasMessageNotContaining("secret")
          .rootCause()
          .hasMessageNotContaining("secret");
    }
  }

  private static String[] withoutRules(TestDatabase kind) {
    return switch (kind) {
      case SQLITE ->
          new String[] {"drop trigger lease_job_inserted", "drop trigger lease_job_updated"};
      case MARIADB -> new String[] {"alter table lease_job modify id varchar(200) not null"};
      case POSTGRESQL ->
          new String[] {
            "alter table lease_job drop constraint lease_job_names",
            "alter table lease_job drop constraint lease_job_numbers"
          };
    };
  }

  private static String insert(
      String queue, String id, String type, int priority, int maxAttempts, int attempts) {
    return ("insert into lease_job (queue, id, type, payload, headers, priority, max_attempts, attempts,"
            + " created_at, due_at) values ('%s', '%s', '%s', 'p', '', %d, %d, %d, 1, 1)")
        .formatted(queue, id, type, priority, maxAttempts, attempts);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("every table has a primary key, by which replicas find its rows")
  void primaryKeys(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    JdbcBackend.migrate(JdbcConfig.of(url));
    String own = kind == TestDatabase.POSTGRESQL ? "current_schema()" : "database()";
    List<String> without = new ArrayList<>();
    int tables = 0;
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select t.table_name, (select count(*) from information_schema.table_constraints c"
                    + " where c.table_schema = t.table_schema and c.table_name = t.table_name"
                    + " and c.constraint_type = 'PRIMARY KEY') from information_schema.tables t"
                    + " where t.table_schema = "
                    + own
                    + " and t.table_type = 'BASE TABLE'")) {
      while (row.next()) {
        tables++;
        if (row.getInt(2) == 0) {
          without.add(row.getString(1));
        }
      }
    }
    assertThat(tables).isGreaterThanOrEqualTo(8);
    assertThat(without).isEmpty();
  }
}
