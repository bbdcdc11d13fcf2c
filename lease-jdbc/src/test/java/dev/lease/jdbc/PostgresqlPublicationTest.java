package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.TestServers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A database whose changes go to others. */
class PostgresqlPublicationTest {

  @Test
  @DisplayName("Q46 a publication of all tables is no hindrance to a purge and a delete")
  void allTables() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(url, "create publication everything for all tables");
      backend.jobQueue().enqueue(List.of(job("waiting"), job("failed")));
      var lease =
          backend
              .jobQueue()
              .claim(ClaimRequest.of("failed", "w", 1, Duration.ofMinutes(1)))
              .jobs()
              .get(0)
              .lease();
      backend.jobQueue().settle(List.of(Settlement.failed(lease, "e")));

      assertThat(backend.jobAdmin().purge("failed", Duration.ZERO, 10)).isEqualTo(1);
      assertThat(backend.jobAdmin().delete("waiting", "waiting")).isTrue();
    }
  }

  private static NewJob job(String name) {
    return NewJob.builder(name, name, "t", "p").build();
  }
}
