package com.example.cockroach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.RelativeFixture;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FailedAttempt;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.testkit.server.TestServers;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A database that knows rows by their keys only, and rolls back whoever comes second. */
class CockroachDialectTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  private final List<Integer> pauses = Collections.synchronizedList(new ArrayList<>());

  private final RelativeFixture database =
      new RelativeFixture(
          TestServers.postgresql().newDatabase(),
          new MovedCockroach() {
            @Override
            protected Duration backoff(int tries) {
              pauses.add(tries);
              return Duration.ofMillis(1);
            }
          });

  @Test
  @DisplayName("Q57 claims and resets go by keys, and keep the last ten failed attempts of a job")
  void byKey() throws Exception {
    try (var backend = JdbcBackend.open(database.config())) {
      backend.jobQueue().enqueue(List.of(job("1"), job("2")));
      assertThat(claim(backend)).hasSize(2);
      for (int i = 0; i < 6; i++) {
        database.advance(LEASE.multipliedBy(2));
        assertThat(claim(backend)).extracting(job -> job.lease().jobId()).containsExactly("1", "2");
        database.advance(LEASE.multipliedBy(2));
        assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isEqualTo(2);
        assertThat(claim(backend)).hasSize(2);
      }
      assertThat(backend.jobAdmin().failedAttempts("q", "2"))
          .extracting(FailedAttempt::attempt)
          .containsExactly(3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    }
  }

  @Test
  @DisplayName(
      "a call that the database rolls back is tried five times, after the dialect's pauses")
  void backoff() throws Exception {
    try (var backend = JdbcBackend.open(database.config())) {
      execute(
          "create function lease_second() returns trigger as"
              + " $$ begin raise exception 'restart transaction' using errcode = '40001'; end $$"
              + " language plpgsql",
          "create trigger lease_second before insert on lease_job"
              + " for each row execute function lease_second()");
      assertThatThrownBy(() -> backend.jobQueue().enqueue(List.of(job("1"), job("2"))))
          .isInstanceOf(StoreException.class);
      assertThat(pauses).containsExactly(1, 2, 3, 4);

      execute("drop trigger lease_second on lease_job");
      pauses.clear();
      backend.jobQueue().enqueue(List.of(job("1"), job("2")));
      assertThat(pauses).isEmpty();
    }
  }

  private void execute(String... statements) throws Exception {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").maxCrashes(100).build();
  }

  private static List<ClaimedJob> claim(JdbcBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE)).jobs();
  }
}
