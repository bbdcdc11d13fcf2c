package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoreErrorsTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("L22 an error of the database is a StoreException, never lost, free or no work")
  void errors(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      LeaseStore leases = backend.leaseStore();
      JobQueue jobs = backend.jobQueue();
      JobAdmin admin = backend.jobAdmin();
      Lease lease = leases.acquire("name", "me", LEASE).orElseThrow();
      jobs.enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
      ClaimedJob job = jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
      var done = Settlement.done(job.lease());
      Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
      calls.put("acquire", () -> leases.acquire("other", "me", LEASE));
      calls.put("renew", () -> leases.renew(lease, LEASE));
      calls.put("release", () -> leases.release(lease));
      calls.put("find a lease", () -> leases.find("name"));
      calls.put("list leases", () -> leases.list("", null, 1));
      calls.put("enqueue", () -> jobs.enqueue(List.of(NewJob.builder("q", "2", "t", "p").build())));
      calls.put("claim", () -> jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs());
      calls.put("extend", () -> jobs.extend(List.of(job.lease()), LEASE));
      calls.put("settle", () -> jobs.settle(List.of(done)));
      calls.put(
          "settleAndClaim",
          () -> jobs.settleAndClaim(List.of(done), ClaimRequest.of("q", "w", 1, LEASE)));
      calls.put("progress", () -> jobs.progress(job.lease(), Progress.of(1, "")));
      calls.put("checkpoint", () -> jobs.checkpoint(job.lease(), "step", "value"));
      calls.put("checkpoints", () -> jobs.checkpoints(job.lease()));
      calls.put("find", () -> jobs.find("q", "1"));
      calls.put("list", () -> admin.list(JobQuery.of(JobFilter.all()).limit(1)));
      calls.put("counts", admin::counts);
      calls.put("resetExpired", () -> admin.resetExpired("q", 1).count());
      calls.put("cancel", () -> admin.cancel("q", "1"));
      calls.put("requeue", () -> admin.requeue("q", "1"));
      calls.put("delete", () -> admin.delete("q", "1"));
      calls.put("purge", () -> admin.purge("q", 1));

      TestDatabase.execute(
          url,
          "drop view lease_job_view",
          "alter table lease_job rename to lease_job_away",
          "alter table lease_lease rename to lease_lease_away");
      calls.forEach(
          (name, call) ->
              assertThatThrownBy(call)
                  .as(name)
                  .isInstanceOfSatisfying(
                      StoreException.class,
                      e -> {
                        assertThat(e.isOutcomeUnknown()).as(name).isFalse();
                        assertThat(e.getMessage()).hasLineCount(1).startsWith("could not ");
                      }));
      TestDatabase.execute(
          url,
          "alter table lease_job_away rename to lease_job",
          "alter table lease_lease_away rename to lease_lease");

      assertThat(jobs.settle(List.of(done))).containsExactly(Settlement.Result.ACCEPTED);
      assertThat(leases.renew(lease, LEASE)).isPresent();
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "Q43 a row that somebody broke by hand does not keep others from being claimed or reset")
  void brokenRow(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      for (String id : new String[] {"1", "2"}) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", id, "t", "p").build()));
      }
      TestDatabase.execute(
          url, "update lease_job set headers = '%zz&=&x', payload = '{broken' where id = '1'");

      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE)).jobs()).hasSize(2);
      TestDatabase.execute(url, "update lease_job set expires_at = 1");
      assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isEqualTo(2);
      assertThat(backend.jobAdmin().list(JobQuery.of(JobFilter.all()).limit(10)).jobs()).hasSize(2);
    }
  }

  @Test
  @DisplayName(
      "L22 without room SQLite does nothing, says so, and goes on when there is room again")
  void noRoom() throws Exception {
    String url = TestDatabase.SQLITE.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
    int pages = Integer.parseInt(TestDatabase.answer(url, "pragma page_count"));
    String payload = "p".repeat(100_000);
    List<NewJob> two =
        List.of(
            NewJob.builder("q", "1", "t", payload).build(),
            NewJob.builder("q", "2", "t", payload).build());
    try (var full = JdbcBackend.open(TestDatabase.config(url + "?max_page_count=" + pages))) {
      for (List<NewJob> jobs : List.of(two, two.subList(0, 1))) {
        assertThatThrownBy(() -> full.jobQueue().enqueue(jobs))
            .hasMessageContaining("SQLITE_FULL")
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
      }
      assertThat(full.jobQueue().find("q", "1")).isEmpty();
    }
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      assertThat(backend.jobQueue().enqueue(two)).allMatch(Enqueued::created);
    }
  }
}
