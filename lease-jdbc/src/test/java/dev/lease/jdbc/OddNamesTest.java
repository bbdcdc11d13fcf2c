package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Names that a rule of a table could take for blank, or that SQL could take for something else. */
class OddNamesTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private static final List<String> NAMES =
      List.of(
          " v",
          "v",
          "v ",
          "\tvv",
          "\u000bv\u000b",
          "\u001cf",
          "\u0001",
          "\u007f",
          "\u0085",
          "\u00a0",
          " \u00a0",
          "\t\u00a0\n",
          "\u2007",
          "\u202f",
          "\u200b",
          "\ufeff",
          " \u3000x",
          "x",
          "20",
          "0920",
          "%",
          "_",
          "'",
          "\"",
          "\\",
          "\\'",
          "\\v",
          "?",
          ":id",
          "{now}",
          "${x}",
          "--",
          "n".repeat(200),
          " ".repeat(199) + "n",
          " ".repeat(198) + "\u00e4",
          "\ud83d\ude00".repeat(50));

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("L18 Q51 each name that the API takes goes through every table")
  void everywhere(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection own = DriverManager.getConnection(url)) {
      own.setAutoCommit(false);
      for (String name : NAMES) {
        Limits.name("name", name);
        work(backend, own, name);
      }
      assertThat(backend.jobAdmin().counts().queues())
          .filteredOn(QueueCounts::paused)
          .extracting(QueueCounts::queue)
          .containsExactlyInAnyOrderElementsOf(NAMES);
      assertThat(backend.leaseStore().list("", null, 100).leases())
          .extracting(Lease::name)
          .containsExactlyInAnyOrderElementsOf(NAMES);
      assertThat(
              backend
                  .jobAdmin()
                  .list(JobQuery.of(JobFilter.all().inState(JobState.FAILED)).limit(1_000))
                  .jobs())
          .extracting(Job::id)
          .containsExactlyElementsOf(NAMES);
    }
  }

  private static void work(JdbcBackend backend, Connection own, String name) throws Exception {
    NewJob job = NewJob.builder(name, name, name, "p").dedupKey(name).build();
    assertThat(backend.jobQueue().enqueue(List.of(job))).containsExactly(Enqueued.of(name, true));
    assertThat(backend.jobQueue().enqueue(List.of(job))).containsExactly(Enqueued.of(name, false));
    JobLease first = claim(backend, name);
    assertThat(backend.jobQueue().checkpoint(first, name, "value")).contains("value");
    assertThat(backend.jobQueue().checkpoints(first)).contains(Map.of(name, "value"));
    settle(backend, Settlement.retry(first, Duration.ZERO, "error"));
    assertThat(backend.jobAdmin().failedAttempts(name, name))
        .extracting(FailedAttempt::owner)
        .containsExactly(name);
    JobLease second = claim(backend, name);
    assertThat(backend.step(own, second, name, () -> "no")).isEqualTo("value");
    backend.fence(own, second, name);
    own.commit();
    settle(backend, Settlement.failed(second, "error"));
    backend.jobAdmin().pause(name);
    Lease lease = backend.leaseStore().acquire(name, name, LEASE).orElseThrow();
    backend.fence(own, lease, name);
    own.commit();
  }

  private static JobLease claim(JdbcBackend backend, String name) {
    List<ClaimedJob> jobs = backend.jobQueue().claim(ClaimRequest.of(name, name, 1, LEASE)).jobs();
    assertThat(jobs).singleElement().extracting(ClaimedJob::type).isEqualTo(name);
    return jobs.get(0).lease();
  }

  private static void settle(JdbcBackend backend, Settlement settlement) {
    assertThat(backend.jobQueue().settle(List.of(settlement)))
        .containsExactly(Settlement.Result.ACCEPTED);
  }
}
