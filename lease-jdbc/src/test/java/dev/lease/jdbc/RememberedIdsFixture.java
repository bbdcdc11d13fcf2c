package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** A store that keeps no jobs that are done, only their ids. */
abstract class RememberedIdsFixture {

  static final Duration LEASE = Duration.ofMinutes(10);

  /** One of 10,000 ids that sort by their numbers. */
  static String id(int number) {
    return "0199e3a1-0000-7000-8000-00000000%04d".formatted(number);
  }

  static JdbcBackend open(String url) {
    return JdbcBackend.open(
        TestDatabase.config(url)
            .withOrderSlack(Duration.ZERO)
            .withRetention(Duration.ZERO, Duration.ZERO));
  }

  static NewJob job(String queue, String id) {
    return NewJob.builder(queue, id, "t", "p").build();
  }

  static List<JobLease> claim(JdbcBackend backend, String queue) {
    return backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1_000, LEASE)).jobs().stream()
        .map(ClaimedJob::lease)
        .toList();
  }

  static List<Settlement> done(List<JobLease> leases) {
    return leases.stream().<Settlement>map(Settlement::done).toList();
  }

  static void settle(JdbcBackend backend, List<JobLease> leases) {
    assertThat(backend.jobQueue().settle(done(leases))).containsOnly(Settlement.Result.ACCEPTED);
  }

  static long number(String url, String query) throws SQLException {
    return Long.parseLong(TestDatabase.answer(url, query));
  }
}
