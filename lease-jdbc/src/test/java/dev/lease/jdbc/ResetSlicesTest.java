package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResetSlicesTest {

  /** More than a reset looks at in one slice. */
  private static final int JOBS = 21_000;

  /** The other databases have tests of their own for this. */
  @Test
  @DisplayName("Q40 a reset of SQLite goes on behind the slice at which it stopped")
  void behindASlice() throws Exception {
    String url = TestDatabase.SQLITE.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      for (int priority : new int[] {5, 4}) {
        // Both are behind those that wait: one in their priority, and one in the next.
        backend.jobQueue().enqueue(List.of(job("last-" + priority).priority(priority).build()));
      }
      var lease = ClaimRequest.of("q", "w", 2, Duration.ofMinutes(1));
      assertThat(backend.jobQueue().claim(lease).jobs()).hasSize(2);
      TestDatabase.execute(
          url,
          "update lease_job set expires_at = 1, due_at = due_at + 3600000000 where id like 'last%'");
      for (int first = 0; first < JOBS; first += Limits.MAX_BATCH) {
        backend.jobQueue().enqueue(batch(first));
      }

      assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q20 a claim that meets a spent job finishes those behind it together")
  void spent(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      backend.jobQueue().enqueue(batch(0));
      TestDatabase.execute(
          url,
          "update lease_job set due_at = 1, attempts = max_crashes, owner = 'w', token = 1,"
              + " expires_at = 1");

      Claim claim = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, Duration.ofMinutes(1)));

      assertThat(claim.finished()).hasSize(Limits.MAX_BATCH);
      // Each statement has one time: that of the claim, and that of the jobs behind.
      String times = TestDatabase.answer(url, "select count(distinct finished_at) from lease_job");
      assertThat(Integer.parseInt(times)).isBetween(1, 2);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "Q50 Q81 waiting jobs whose deadline has passed are finished together, but not early")
  void overdue(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      backend.jobQueue().enqueue(List.of(job("released").build()));
      var claim = ClaimRequest.of("q", "w", 1, Duration.ofMinutes(1));
      JobLease lease = backend.jobQueue().claim(claim).jobs().get(0).lease();
      backend.jobQueue().settle(List.of(Settlement.released(lease, Duration.ZERO)));
      backend
          .jobQueue()
          .enqueue(List.of(job("overdue").build(), job("later").build(), job("fresh").build()));
      TestDatabase.execute(
          url,
          "update lease_job set not_after = 1 where id <> 'fresh'",
          "update lease_job set due_at = due_at + 3600000000 where id = 'later'");
      var spentOnly =
          new ResetSlice.Request("q", 0, true, Limits.MAX_BATCH, 10, QueuePosition.START);

      ResetSlice slice = reset(backend, spentOnly);

      assertThat(slice.finished())
          .extracting(FinishedJob::id, FinishedJob::state, FinishedJob::error)
          .containsExactlyInAnyOrder(
              tuple("released", JobState.CANCELLED, "deadline passed"),
              tuple("overdue", JobState.CANCELLED, "deadline passed"));
      assertThat(slice.changed()).isEqualTo(2);
      assertThat(backend.jobAdmin().failedAttempts("q", "released")).isEmpty();
      var expiredOnly =
          new ResetSlice.Request("q", 0, false, Limits.MAX_BATCH, 10, QueuePosition.START);
      assertThat(reset(backend, expiredOnly).changed()).isZero();
    }
  }

  private static ResetSlice reset(JdbcBackend backend, ResetSlice.Request request) {
    return backend.database.run(
        "reset", session -> backend.database.statements().reset(session, request));
  }

  private static List<NewJob> batch(int first) {
    List<NewJob> batch = new ArrayList<>();
    IntStream.range(first, first + Limits.MAX_BATCH)
        .forEach(i -> batch.add(job("job-" + i).due(Due.after(Duration.ofMinutes(1))).build()));
    return batch;
  }

  private static NewJob.Builder job(String id) {
    return NewJob.builder("q", id, "t", "");
  }
}
