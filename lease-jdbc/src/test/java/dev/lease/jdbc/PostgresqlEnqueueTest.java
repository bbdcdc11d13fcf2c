package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Enqueued;
import dev.lease.NewJob;
import dev.lease.testkit.server.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a batch reaches PostgreSQL. */
class PostgresqlEnqueueTest {

  private static final int MIB = 1 << 20;

  @Test
  @DisplayName("Q01 a batch of large jobs goes in several statements, in order and in one piece")
  void largeBatch() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(
          url,
          "create table statements (bytes bigint)",
          "create function note() returns trigger language plpgsql as $$ begin"
              + " insert into statements select sum(octet_length(payload)) from made;"
              + " return null; end $$",
          "create trigger note after insert on lease_job referencing new table as made"
              + " for each statement execute function note()");
      // The driver escapes each character.
      String payload = "\"".repeat(MIB);
      List<NewJob> jobs = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        jobs.add(NewJob.builder("q", "job-" + i, "t", payload).build());
      }
      jobs.add(NewJob.builder("q", "job-3", "t", "a duplicate").build());

      List<Enqueued> enqueued = backend.jobQueue().enqueue(jobs);

      assertThat(enqueued)
          .containsExactlyElementsOf(
              IntStream.rangeClosed(0, 20)
                  .mapToObj(
                      i -> i < 20 ? Enqueued.of("job-" + i, true) : Enqueued.of("job-3", false))
                  .toList());
      assertThat(column(url, "select id from lease_job order by seq"))
          .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(i -> "job-" + i).toList());
      assertThat(column(url, "select coalesce(bytes, 0) from statements"))
          .allSatisfy(bytes -> assertThat(Long.parseLong(bytes)).isLessThanOrEqualTo(9L * MIB));
    }
  }

  private static List<String> column(String url, String query) throws Exception {
    List<String> values = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        values.add(row.getString(1));
      }
    }
    return values;
  }
}
