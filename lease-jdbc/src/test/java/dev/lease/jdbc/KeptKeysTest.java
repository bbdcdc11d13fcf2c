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
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the table keeps for the sake of a dedup key that stays taken, and for how long. */
class KeptKeysTest {

  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final String OVER = "update lease_job set dedup_until = 1, kept_until = 1";

  private static NewJob.Builder job(String id) {
    return NewJob.builder("q", id, "t", "payload").dedupKey("key");
  }

  private static void done(JdbcBackend backend, NewJob job) {
    assertThat(backend.jobQueue().enqueue(List.of(job)))
        .containsExactly(Enqueued.of(job.id(), true));
    var claimed = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs();
    backend.jobQueue().checkpoint(claimed.get(0).lease(), "step", "value");
    backend.jobQueue().settle(List.of(Settlement.done(claimed.get(0).lease(), "result")));
  }

  private static void assertTakenBy(JdbcBackend backend, String id) {
    assertThat(backend.jobQueue().enqueue(List.of(job("other").build())))
        .containsExactly(Enqueued.of(id, false));
  }

  private static long number(String url, String select) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(select)) {
      row.next();
      return row.getLong(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q82 a purge leaves the id and the key of a job, and removes them once they may go")
  void purged(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      done(backend, job("kept").dedupFor(Duration.ofHours(1)).build());
      assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(1);
      assertThat(
              number(
                  url,
                  "select count(*) from lease_job where payload = '' and headers = ''"
                      + " and result is null and outcome is null and kept_until = dedup_until"))
          .isEqualTo(1);
      assertThat(number(url, "select count(*) from lease_checkpoint")).isZero();
      assertThat(number(url, "select count(*) from lease_job_view")).isZero();
      assertTakenBy(backend, "kept");
      assertThat(backend.jobAdmin().purge("q", 10)).isZero();

      TestDatabase.execute(url, OVER);
      backend.jobAdmin().purge("q", 10);
      assertThat(number(url, "select count(*) from lease_job")).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q82 a job that is done and not kept keeps its key")
  void notKept(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      done(backend, job("a").keep(Duration.ZERO).dedupFor(Duration.ofHours(1)).build());
      assertThat(backend.jobQueue().find("q", "a")).isEmpty();
      assertTakenBy(backend, "a");
      TestDatabase.execute(url, "update lease_job set kept_until = 1");
      backend.jobAdmin().purge("q", 10);
      assertTakenBy(backend, "a");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("Q82 Q08 in a caller's transaction a key whose time is over is free, or it stays")
  void callersTransaction(boolean commits) throws Exception {
    for (TestDatabase kind : TestDatabase.values()) {
      String url = kind.newUrl();
      try (var backend = JdbcBackend.open(TestDatabase.config(url));
          Connection connection = DriverManager.getConnection(url)) {
        done(backend, job("first").dedupFor(Duration.ofHours(1)).build());
        connection.setAutoCommit(false);
        assertThat(backend.enqueue(connection, List.of(job("second").build())))
            .as("%s", kind)
            .containsExactly(Enqueued.of("first", false));
        connection.rollback();
        TestDatabase.execute(url, "update lease_job set dedup_until = 1");
        NewJob second = job("second").dedupFor(Duration.ofHours(1)).build();
        assertThat(backend.enqueue(connection, List.of(second)))
            .as("%s", kind)
            .containsExactly(Enqueued.of("second", true));
        if (commits) {
          connection.commit();
          assertTakenBy(backend, "second");
        } else {
          connection.rollback();
          done(backend, job("third").build());
        }
      }
    }
  }
}
