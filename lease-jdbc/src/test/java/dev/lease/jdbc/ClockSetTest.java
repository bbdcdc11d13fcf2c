package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The clock of the database is set by an hour: what the README says happens. */
@Tag("slow")
@SuppressWarnings("NullAway.Init")
class ClockSetTest {

  private static final String FLOOR = "select token from lease_token_floor";
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration LEASE = Duration.ofMinutes(10);

  private String url;

  /** Claims look at the whole queue each time. */
  private JdbcBackend backend;

  private void open(TestDatabase kind) throws SQLException {
    url = kind.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
    TestDatabase.execute(
        url,
        "create table lease_test_clock (now bigint)",
        "insert into lease_test_clock values (1767225600000000)");
    backend = open(TestDatabase.config(url).withOrderSlack(Duration.ZERO));
  }

  private static JdbcBackend open(JdbcConfig config) {
    return JdbcBackend.open(
        config.withRetention(HOUR, HOUR).withRememberedIds(HOUR),
        clock -> "(select now from lease_test_clock)");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private void setClock(Duration by) throws SQLException {
    TestDatabase.execute(url, "update lease_test_clock set now = now + " + Micros.ofDelay(by));
  }

  private void setClockBack(Duration by) throws SQLException {
    TestDatabase.execute(url, "update lease_test_clock set now = now - " + Micros.of(by));
  }

  private void enqueue(String queue, String id, Due due) {
    backend.jobQueue().enqueue(List.of(NewJob.builder(queue, id, "t", "p").due(due).build()));
  }

  /** The leases of the jobs that a claim gives, by id. */
  private static Map<String, JobLease> claim(JdbcBackend from, String queue) {
    return from.jobQueue().claim(ClaimRequest.of(queue, "w", 100, LEASE)).jobs().stream()
        .map(ClaimedJob::lease)
        .collect(Collectors.toMap(JobLease::jobId, Function.identity()));
  }

  private static JobLease of(Map<String, JobLease> claimed, String id) {
    return Objects.requireNonNull(claimed.get(id), id);
  }

  private JobLease held(String queue, String id) {
    enqueue(queue, id, Due.now());
    return of(claim(backend, queue), id);
  }

  private Settlement.Result done(JobLease lease) {
    return backend.jobQueue().settle(List.of(Settlement.done(lease))).get(0);
  }

  private Extension extend(JobLease lease) {
    return backend.jobQueue().extend(List.of(lease), LEASE).get(0);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("policy 2 forward: jobs are due early, leases end, finished jobs go early")
  void forward(TestDatabase kind) throws Exception {
    open(kind);
    JobLease taken = held("q", "taken");
    JobLease left = held("other", "left");
    assertThat(done(held("finished", "done"))).isEqualTo(Settlement.Result.ACCEPTED);
    enqueue("q", "soon", Due.after(HOUR));
    Lease named = backend.leaseStore().acquire("n", "o", LEASE).orElseThrow();

    setClock(HOUR);

    Map<String, JobLease> claimed = claim(backend, "q");
    assertThat(claimed).containsOnlyKeys("taken", "soon");
    assertThat(of(claimed, "taken").token()).isGreaterThan(taken.token());
    assertThat(extend(taken)).isEqualTo(Extension.lost());
    assertThat(done(taken)).isEqualTo(Settlement.Result.LOST);
    assertThat(extend(left)).isEqualTo(Extension.lost());
    assertThat(done(left)).isEqualTo(Settlement.Result.ACCEPTED);

    assertThat(backend.leaseStore().renew(named, LEASE)).isEmpty();
    assertThat(backend.leaseStore().acquire("n", "other", LEASE).orElseThrow().token())
        .isGreaterThan(named.token());
    assertThat(backend.jobAdmin().purge("finished", 100)).isEqualTo(1);
  }

  @Test
  @DisplayName("Q81 a job past its deadline is CANCELLED though the clock steps back in the claim")
  void backInTheClaim() throws Exception {
    open(TestDatabase.SQLITE);
    NewJob late = NewJob.builder("q", "late", "t", "p").notAfter(Due.after(LEASE)).build();
    backend.jobQueue().enqueue(List.of(late));
    assertThat(claim(backend, "q")).containsOnlyKeys("late");
    setClock(HOUR);
    TestDatabase.execute(
        url,
        "create trigger back after insert on lease_attempt"
            + " begin update lease_test_clock set now = now - "
            + Micros.of(HOUR)
            + "; end");

    assertThat(claim(backend, "q")).isEmpty();

    assertThat(backend.jobQueue().find("q", "late"))
        .hasValueSatisfying(
            job -> {
              assertThat(job.state()).isEqualTo(JobState.CANCELLED);
              assertThat(job.finishedAt()).isEqualTo(Instant.parse("2026-01-01T01:00:00Z"));
            });
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("policy 2 back: jobs, and leases that nobody keeps, wait for the old time")
  void back(TestDatabase kind) throws Exception {
    open(kind);
    JobLease dead = held("q", "dead");
    JobLease alive = held("q", "alive");
    assertThat(done(held("finished", "done"))).isEqualTo(Settlement.Result.ACCEPTED);
    Lease deadName = backend.leaseStore().acquire("dead", "o", LEASE).orElseThrow();
    Lease aliveName = backend.leaseStore().acquire("alive", "o", LEASE).orElseThrow();
    enqueue("q", "waiting", Due.now());
    enqueue("q", "waiting too", Due.now());

    setClockBack(HOUR);

    assertThat(claim(backend, "q")).isEmpty();
    assertThat(backend.jobAdmin().change("q", "waiting too", JobChange.runNow()))
        .isEqualTo(JobAdmin.Change.CHANGED);
    enqueue("q", "new", Due.now());
    Map<String, JobLease> claimed = claim(backend, "q");
    assertThat(claimed).containsOnlyKeys("waiting too", "new");
    claimed.values().forEach(this::done);
    Lease renewed = backend.leaseStore().renew(aliveName, LEASE).orElseThrow();
    assertThat(renewed.remaining()).isEqualTo(LEASE);
    assertThat(extend(alive)).isEqualTo(Extension.held(renewed.expiresAt(), false));
    setClock(LEASE);
    assertThat(claim(backend, "q")).as("its lease has expired, and it waits too").isEmpty();
    assertThat(backend.leaseStore().acquire("alive", "other", LEASE).orElseThrow().token())
        .isEqualTo(aliveName.token() + 1);
    assertThat(backend.leaseStore().acquire("dead", "other", LEASE)).isEmpty();
    assertThat(backend.jobAdmin().purge("finished", 100)).isZero();

    setClock(HOUR.minus(LEASE));
    assertThat(claim(backend, "q")).containsOnlyKeys("waiting", "alive");
    setClock(LEASE);
    assertThat(of(claim(backend, "q"), "dead").token()).isGreaterThan(dead.token());
    assertThat(backend.leaseStore().acquire("dead", "other", LEASE).orElseThrow().token())
        .isGreaterThan(deadName.token());
    assertThat(backend.jobAdmin().purge("finished", 100)).isZero();
    setClock(HOUR.minus(LEASE));
    assertThat(backend.jobAdmin().purge("finished", 100)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("L05 Q36 back: tokens grow one by one until the clock has passed them")
  void backTokens(TestDatabase kind) throws Exception {
    open(kind);
    JobLease first = held("q", "job");
    Lease named = backend.leaseStore().acquire("n", "o", LEASE).orElseThrow();

    setClockBack(HOUR);

    assertThat(backend.leaseStore().release(named)).isTrue();
    assertThat(backend.leaseStore().acquire("n", "o", LEASE).orElseThrow().token())
        .isEqualTo(named.token() + 1);
    backend.jobQueue().settle(List.of(Settlement.retry(first, Duration.ZERO, "again")));
    JobLease second = of(claim(backend, "q"), "job");
    assertThat(second.token()).isEqualTo(first.token() + 1);
    assertThat(backend.jobAdmin().delete("q", "job")).isTrue();
    assertThat(held("q", "job").token())
        .as("of a new job under its id")
        .isGreaterThan(second.token());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "policy 2 back: what was removed before gets larger tokens after, in a new process too")
  void backForgotten(TestDatabase kind) throws Exception {
    open(kind);
    // Names whose tokens the floor has not reached stay.
    awaitFloor();
    JobLease deleted = held("q", "deleted");
    assertThat(done(deleted)).isEqualTo(Settlement.Result.ACCEPTED);
    JobLease purged = held("q", "purged");
    assertThat(done(purged)).isEqualTo(Settlement.Result.ACCEPTED);
    Lease swept = backend.leaseStore().acquire("swept", "o", LEASE).orElseThrow();
    assertThat(backend.leaseStore().acquire("kept", "o", LEASE)).isPresent();
    setClock(HOUR.plus(LEASE));
    assertThat(backend.jobAdmin().delete("q", "deleted")).isTrue();
    assertThat(backend.jobAdmin().purge("q", 100)).isEqualTo(1);
    assertThat(((JdbcLeaseStore) backend.leaseStore()).sweep(HOUR)).isEqualTo(2);

    setClockBack(HOUR.multipliedBy(24));
    backend.close();
    backend = open(TestDatabase.config(url).withOrderSlack(Duration.ZERO));

    assertThat(held("q", "deleted").token()).isGreaterThan(deleted.token());
    assertThat(held("q", "purged").token()).isGreaterThan(purged.token());
    for (String name : List.of("swept", "kept")) {
      assertThat(backend.leaseStore().acquire(name, "o", LEASE).orElseThrow().token())
          .isGreaterThan(swept.token());
    }
  }

  /** Waits until the floor has followed the clock, which the first claim sees to. */
  private void awaitFloor() throws Exception {
    Await.until(
        () -> {
          held("q" + System.nanoTime(), "job");
          return TestDatabase.answer(url, FLOOR).equals("1767225600000000");
        });
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "policy 2 the floor of tokens follows the clock, once a minute and not with each claim")
  void floor(TestDatabase kind) throws Exception {
    open(kind);
    awaitFloor();
    setClock(HOUR);
    for (int i = 0; i < 100; i++) {
      held("q", "job-" + i);
      assertThat(backend.leaseStore().acquire("name-" + i, "o", LEASE)).isPresent();
    }
    assertThat(TestDatabase.answer(url, FLOOR)).isEqualTo("1767225600000000");

    ((JdbcJobAdmin) backend.jobAdmin()).clock.next.set(System.nanoTime());
    held("q", "job");
    Await.until(() -> TestDatabase.answer(url, FLOOR).equals("1767229200000000"));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q13 back: a store that remembers where to look finds what is enqueued then")
  void backWatermarks(TestDatabase kind) throws Exception {
    open(kind);
    try (JdbcBackend remembering = open(TestDatabase.config(url))) {
      enqueue("q", "before", Due.now());
      assertThat(claim(remembering, "q")).containsOnlyKeys("before");
      assertThat(claim(remembering, "q")).isEmpty();

      setClockBack(HOUR);

      // By another process, whose hint may be missed.
      enqueue("q", "new", Due.now());
      Await.until(() -> claim(remembering, "q").containsKey("new"));
    }
  }
}
