package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Admission;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs every statement of a store once, as a worker, a producer and an operator do. */
final class WholeLife {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private final JdbcBackend backend;
  private final JobQueue jobs;
  private final JobAdmin admin;

  private WholeLife(JdbcBackend backend) {
    this.backend = backend;
    this.jobs = backend.jobQueue();
    this.admin = backend.jobAdmin();
  }

  /**
   * Runs it.
   *
   * @param connection a connection of the caller's to the same database, in auto-commit mode
   */
  static void run(JdbcBackend backend, Connection connection) throws Exception {
    var life = new WholeLife(backend);
    life.work();
    life.administer();
    life.leases();
    life.limits(connection);
    connection.setAutoCommit(false);
    life.inTransaction(connection);
    connection.rollback();
  }

  /** Waits until a hint comes from another backend. */
  static void hint(JdbcBackend from, JdbcBackend to) throws Exception {
    var hinted = new CountDownLatch(1);
    try (var subscription = to.jobQueue().onWork("hints", hinted::countDown)) {
      assertThat(subscription).isNotNull();
      // The listener may have just begun to listen.
      for (int i = 0; i < 600 && hinted.getCount() > 0; i++) {
        from.jobQueue().enqueue(List.of(NewJob.builder("hints", "h" + i, "t", "p").build()));
        hinted.await(200, TimeUnit.MILLISECONDS);
      }
    }
    assertThat(hinted.getCount()).isZero();
  }

  /** With each kind of limit, also in transactions of a caller's. */
  private void limits(Connection connection) throws Exception {
    Admission limits = backend.admission();
    limits.limit("limited", null, KeyLimit.of(1).withRate(1_000, Duration.ofSeconds(1), 1_000));
    limits.limit("limited", "b", KeyLimit.of(1).inOrder());
    limits.limitQueue("limited", 3);
    limits.closeKey("limited", "a", Duration.ZERO);
    connection.setAutoCommit(false);
    backend.enqueue(connection, List.of(limited("a", 0), limited("b", 0)));
    connection.commit();
    jobs.enqueue(List.of(limited("a", 1), limited("b", 1), limited("a", 2)));
    var all = ClaimRequest.of("limited", "w", 10, LEASE);
    List<ClaimedJob> claimed = jobs.claim(all).jobs();
    assertThat(claimed).extracting(ClaimedJob::key).containsExactlyInAnyOrder("a", "b");
    backend.settle(connection, Settlement.done(claimed.get(0).lease()));
    connection.commit();
    connection.setAutoCommit(true);
    assertThat(settle(Settlement.retry(claimed.get(1).lease(), Duration.ofHours(1), "e"))).isTrue();
    assertThat(limits.keys("limited", null, 10).keys()).hasSize(2);
    limits.limitQueue("limited", 0);
    limits.limit("limited", null, KeyLimit.of(0));
    while (limits.apply("limited", 10) == 10) {}
    assertThat(jobs.claim(all).jobs()).hasSizeLessThanOrEqualTo(1);
  }

  private static NewJob limited(String key, int number) {
    return NewJob.builder("limited", key + number, "t", "p").key(key).build();
  }

  private static NewJob.Builder job(String id) {
    return NewJob.builder("q", id, "t", "p");
  }

  private JobLease claim() {
    return jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
  }

  private void work() {
    assertThat(jobs.enqueue(List.of(job("1").dedupKey("k").build())))
        .containsExactly(Enqueued.of("1", true));
    assertThat(
            jobs.enqueue(
                List.of(job("2").dedupKey("k").build(), job("2").keep(Duration.ZERO).build())))
        .containsExactly(Enqueued.of("1", false), Enqueued.of("2", true));
    assertThat(
            jobs.enqueue(List.of(job("k1").dedupKey("a").build(), job("k2").dedupKey("b").build())))
        .allMatch(Enqueued::created);
    backend.jobAdmin().delete("q", "k1");
    backend.jobAdmin().delete("q", "k2");
    if (backend.database.notifications() != null) {
      // PostgreSQL takes these locks only after a deadlock.
      var keys = Set.of(new RowBatch.Name("q", "a"), new RowBatch.Name("q", "b"));
      backend.database.transact(
          "lock",
          session -> {
            StyleStatements.lockKeys(session, keys, LockWait.LONG);
            return keys;
          });
    }
    JobLease one = claim();
    assertThat(jobs.extend(List.of(one), LEASE)).hasOnlyElementsOfType(Extension.Held.class);
    assertThat(jobs.progress(one, Progress.of(1, "m"))).isTrue();
    assertThat(jobs.checkpoint(one, "s", "v")).contains("v");
    assertThat(jobs.checkpoints(one)).hasValueSatisfying(all -> assertThat(all).hasSize(1));
    assertThat(settle(Settlement.retry(one, Duration.ZERO, "e"))).isTrue();
    JobLease first = claim();
    JobLease second = claim();
    assertThat(settle(Settlement.released(first, Duration.ZERO))).isTrue();
    assertThat(settle(Settlement.done(second, "r"))).isTrue();
    assertThat(settle(Settlement.failed(claim(), "e"))).isTrue();
    // A lease of a millisecond is over when the next claim comes.
    jobs.enqueue(List.of(job("3").build(), job("4").build()));
    jobs.claim(ClaimRequest.of("q", "w", 2, Duration.ofMillis(1)));
    while (admin.resetExpired("q", 10).count() < 1) {
      Thread.onSpinWait();
    }
    assertThat(settle(Settlement.done(claim()))).isTrue();
  }

  private boolean settle(Settlement settlement) {
    return jobs.settle(List.of(settlement)).contains(Settlement.Result.ACCEPTED);
  }

  private void administer() {
    assertThat(admin.failedAttempts("q", "1")).isNotEmpty();
    assertThat(admin.steps("q", "none")).isEmpty();
    assertThat(admin.count(JobFilter.all().withIdPrefix("none"), 10).jobs()).isZero();
    assertThat(admin.counts().queues()).isNotEmpty();
    for (JobState state : JobState.values()) {
      admin.list(
          JobQuery.of(JobFilter.all().inQueue("q").inState(state))
              .order(JobOrder.NEWEST_FIRST)
              .limit(10));
    }
    assertThat(admin.list(JobQuery.of(JobFilter.all()).limit(10)).jobs()).isNotEmpty();
    jobs.enqueue(List.of(job("5").build(), job("6").build(), job("7").build()));
    assertThat(admin.change("q", "5", JobChange.builder().priority(7).build()))
        .isEqualTo(JobAdmin.Change.CHANGED);
    assertThat(admin.cancel("q", "5")).isEqualTo(JobAdmin.Cancellation.CANCELLED);
    assertThat(admin.requeue("q", "5")).isEqualTo(JobAdmin.Requeue.REQUEUED);
    assertThat(admin.delete("q", "6")).isTrue();
    admin.pause("q");
    assertThat(jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).isEmpty();
    admin.resume("q");
    assertThat(admin.purge("q", 10)).isZero();
    assertThat(admin.purge("q", Duration.ZERO, 10)).isPositive();
  }

  private void leases() {
    Lease lease = backend.leaseStore().acquire("name", "me", LEASE).orElseThrow();
    assertThat(backend.leaseStore().renew(lease, LEASE)).isPresent();
    assertThat(backend.leaseStore().find("name")).isPresent();
    assertThat(backend.leaseStore().list("", null, 10).leases()).hasSize(1);
    assertThat(backend.leaseStore().release(lease)).isTrue();
    ((JdbcLeaseStore) backend.leaseStore()).sweep(Duration.ZERO);
  }

  private void inTransaction(Connection connection) throws Exception {
    JobLease held = claim();
    assertThat(
            backend.enqueue(
                connection, List.of(job("8").build(), job(held.jobId()).dedupKey("x").build())))
        .containsExactly(Enqueued.of("8", true), Enqueued.of(held.jobId(), false));
    assertThat(backend.checkpoint(connection, held, "a", "v")).isEqualTo("v");
    assertThat(backend.step(connection, held, "b", () -> "w")).isEqualTo("w");
    backend.fence(connection, held, "resource");
    backend.settle(connection, Settlement.done(held));
    connection.commit();
    backend.fences.sweep(connection, Duration.ZERO);
    connection.commit();
    assertThat(jobs.find("q", held.jobId()).orElseThrow().state()).isEqualTo(JobState.DONE);
  }
}
