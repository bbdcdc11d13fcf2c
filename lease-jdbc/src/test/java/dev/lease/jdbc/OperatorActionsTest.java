package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the tables say about operators and attempts, beside what the kit asks of the calls. */
class OperatorActionsTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q88 an act whose record cannot be written is not done")
  void together(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      enqueue(backend, "waiting", "failed", "paused");
      backend.jobQueue().settle(List.of(Settlement.failed(claim(backend, "failed"), "e")));
      backend.jobAdmin().pause("paused");
      Instant due = find(backend, "waiting").dueAt();
      TestDatabase.execute(url, "drop table lease_action");

      JobAdmin anna = backend.jobAdmin().by(Operator.of("anna", ""));
      JobFilter waiting = JobFilter.all().inQueue("waiting");
      Map<String, ThrowingCallable> acts =
          Map.of(
              "cancel", () -> anna.cancel("waiting", "waiting"),
              "cancel many", () -> anna.cancel(waiting, null, 10),
              "requeue", () -> anna.requeue("failed", "failed"),
              "requeue many", () -> anna.requeue(JobFilter.all(), Requeueing.now(), null, 10),
              "change", () -> anna.change("waiting", "waiting", JobChange.runNow()),
              "delete", () -> anna.delete("waiting", "waiting"),
              "delete many", () -> anna.delete(waiting, null, 10),
              "pause", () -> anna.pause("waiting"),
              "resume", () -> anna.resume("paused"),
              "purge", () -> anna.purge("failed", Duration.ZERO, 10));
      acts.forEach(
          (name, act) -> assertThatThrownBy(act).as(name).isInstanceOf(StoreException.class));

      assertThat(find(backend, "waiting").state()).isEqualTo(JobState.PENDING);
      assertThat(find(backend, "waiting").dueAt()).isEqualTo(due);
      assertThat(find(backend, "failed").state()).isEqualTo(JobState.FAILED);
      assertThat(backend.jobAdmin().counts().queues())
          .filteredOn(QueueCounts::paused)
          .extracting(QueueCounts::queue)
          .containsExactly("paused");
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q82 Q88 a delete that frees the key of a purged job leaves a record, once")
  void deletePurged(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      NewJob.Builder job = NewJob.builder("q", "job", "t", "p").dedupKey("k");
      backend.jobQueue().enqueue(List.of(job.dedupFor(Duration.ofHours(1)).build()));
      backend.jobQueue().settle(List.of(Settlement.done(claim(backend, "q"))));
      assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(1);

      JobAdmin anna = backend.jobAdmin().by(Operator.of("anna", ""));
      assertThat(anna.delete("q", "job")).isFalse();
      assertThat(anna.delete("q", "job")).isFalse();

      assertThat(TestDatabase.answer(url, "select count(*) from lease_action where job_id = 'job'"))
          .isEqualTo("1");
      assertThat(backend.jobQueue().enqueue(List.of(job.build())).get(0).created()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q93 the time of a claim is that of its token")
  void claimedAt(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      enqueue(backend, "q");
      Instant before = find(backend, "q").asOf();
      JobLease lease = claim(backend, "q");
      backend.jobQueue().settle(List.of(Settlement.retry(lease, Duration.ZERO, "e")));

      FailedAttempt failed = backend.jobAdmin().failedAttempts("q", "q").get(0);
      assertThat(failed.token()).isEqualTo(lease.token());
      assertThat(failed.claimedAt())
          .isEqualTo(Micros.ofToken(lease.token()))
          .isAfterOrEqualTo(before);
    }
  }

  private static void enqueue(JdbcBackend backend, String... names) {
    for (String name : names) {
      backend.jobQueue().enqueue(List.of(NewJob.builder(name, name, "t", "p").build()));
    }
  }

  private static Job find(JdbcBackend backend, String name) {
    return backend.jobQueue().find(name, name).orElseThrow();
  }

  private static JobLease claim(JdbcBackend backend, String queue) {
    return backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs().get(0).lease();
  }
}
