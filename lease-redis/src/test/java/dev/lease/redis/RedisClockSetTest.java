package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.TestServers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The clock of the server is set by an hour: what the README says happens. */
@SuppressWarnings("NullAway.Init")
class RedisClockSetTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration LEASE = Duration.ofMinutes(10);

  private final AtomicLong now = new AtomicLong(1_767_225_600_000_000L);
  private RedisBackend backend;

  @BeforeEach
  void open() {
    backend =
        RedisBackend.open(
            RedisConfig.of(TestServers.redis())
                .withPrefix("test-" + UUID.randomUUID())
                .withCallTimeout(Duration.ofMinutes(2))
                .withRetention(HOUR, HOUR, 1_000),
            () -> "local now = " + now.get() + "\n");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private void setClock(Duration by) {
    now.addAndGet(by.toNanos() / 1_000);
  }

  private void enqueue(String queue, String id, Due due) {
    backend.jobQueue().enqueue(List.of(NewJob.builder(queue, id, "t", "p").due(due).build()));
  }

  /** The leases of the jobs that a claim gives, by id. */
  private Map<String, JobLease> claim(String queue) {
    return backend.jobQueue().claim(ClaimRequest.of(queue, "w", 100, LEASE)).jobs().stream()
        .map(ClaimedJob::lease)
        .collect(Collectors.toMap(JobLease::jobId, Function.identity()));
  }

  private static JobLease of(Map<String, JobLease> claimed, String id) {
    return Objects.requireNonNull(claimed.get(id), id);
  }

  private JobLease held(String queue, String id) {
    enqueue(queue, id, Due.now());
    return of(claim(queue), id);
  }

  private Settlement.Result done(JobLease lease) {
    return backend.jobQueue().settle(List.of(new Settlement.Done(lease, null))).get(0);
  }

  private Extension extend(JobLease lease) {
    return backend.jobQueue().extend(List.of(lease), LEASE).get(0);
  }

  @Test
  @DisplayName("policy 2 forward: jobs are due early, leases end, finished jobs go early")
  void forward() {
    JobLease taken = held("q", "taken");
    JobLease left = held("other", "left");
    assertThat(done(held("finished", "done"))).isEqualTo(Settlement.Result.ACCEPTED);
    enqueue("q", "soon", Due.after(HOUR));
    Lease named = backend.leaseStore().acquire("n", "o", LEASE).orElseThrow();

    setClock(HOUR);

    Map<String, JobLease> claimed = claim("q");
    assertThat(claimed).containsOnlyKeys("taken", "soon");
    assertThat(of(claimed, "taken").token()).isGreaterThan(taken.token());
    assertThat(extend(taken)).isEqualTo(new Extension.Lost());
    assertThat(done(taken)).isEqualTo(Settlement.Result.LOST);
    assertThat(extend(left)).isEqualTo(new Extension.Lost());
    assertThat(done(left)).isEqualTo(Settlement.Result.ACCEPTED);

    assertThat(backend.leaseStore().renew(named, LEASE)).isEmpty();
    assertThat(backend.leaseStore().acquire("n", "other", LEASE).orElseThrow().token())
        .isGreaterThan(named.token());
    assertThat(backend.jobAdmin().purge("finished", 100)).isEqualTo(1);
  }

  @Test
  @DisplayName("policy 2 back: jobs, and leases that nobody keeps, wait for the old time")
  void back() {
    JobLease dead = held("q", "dead");
    JobLease alive = held("q", "alive");
    assertThat(done(held("finished", "done"))).isEqualTo(Settlement.Result.ACCEPTED);
    Lease deadName = backend.leaseStore().acquire("dead", "o", LEASE).orElseThrow();
    Lease aliveName = backend.leaseStore().acquire("alive", "o", LEASE).orElseThrow();
    enqueue("q", "waiting", Due.now());
    enqueue("q", "waiting too", Due.now());

    setClock(HOUR.negated());

    assertThat(claim("q")).isEmpty();
    assertThat(backend.jobAdmin().change("q", "waiting too", JobChange.runNow()))
        .isEqualTo(JobAdmin.Change.CHANGED);
    enqueue("q", "new", Due.now());
    Map<String, JobLease> claimed = claim("q");
    assertThat(claimed).containsOnlyKeys("waiting too", "new");
    claimed.values().forEach(this::done);
    Lease renewed = backend.leaseStore().renew(aliveName, LEASE).orElseThrow();
    assertThat(renewed.remaining()).isEqualTo(LEASE);
    assertThat(extend(alive)).isEqualTo(Extension.Held.of(renewed.expiresAt(), false));
    setClock(LEASE);
    assertThat(claim("q")).as("its lease has expired, and it waits too").isEmpty();
    assertThat(backend.leaseStore().acquire("alive", "other", LEASE).orElseThrow().token())
        .isGreaterThan(aliveName.token());
    assertThat(backend.leaseStore().acquire("dead", "other", LEASE)).isEmpty();
    assertThat(backend.jobAdmin().purge("finished", 100)).isZero();

    setClock(HOUR.minus(LEASE));
    assertThat(claim("q")).containsOnlyKeys("waiting", "alive");
    setClock(LEASE);
    assertThat(of(claim("q"), "dead").token()).isGreaterThan(dead.token());
    assertThat(backend.leaseStore().acquire("dead", "other", LEASE).orElseThrow().token())
        .isGreaterThan(deadName.token());
    assertThat(backend.jobAdmin().purge("finished", 100)).isZero();
    setClock(HOUR.minus(LEASE));
    assertThat(backend.jobAdmin().purge("finished", 100)).isEqualTo(1);
  }

  @Test
  @DisplayName("L05 Q36 back: tokens grow one by one until the clock has passed them")
  void backTokens() {
    JobLease first = held("q", "job");
    Lease named = backend.leaseStore().acquire("n", "o", LEASE).orElseThrow();

    setClock(HOUR.negated());

    assertThat(backend.leaseStore().release(named)).isTrue();
    assertThat(backend.leaseStore().acquire("n", "o", LEASE).orElseThrow().token())
        .isEqualTo(named.token() + 1);
    backend.jobQueue().settle(List.of(new Settlement.Retry(first, Duration.ZERO, "again")));
    JobLease second = of(claim("q"), "job");
    assertThat(second.token()).isEqualTo(first.token() + 1);
    assertThat(backend.jobAdmin().delete("q", "job")).isTrue();
    assertThat(held("q", "job").token())
        .as("of a new job under its id")
        .isGreaterThan(second.token());
  }

  @Test
  @DisplayName("Q02 back: the ids of jobs that are not kept whole are remembered no shorter")
  void backRemembered() {
    try (var keepsNone =
        RedisBackend.open(
            RedisConfig.of(TestServers.redis())
                .withPrefix("test-" + UUID.randomUUID())
                .withCallTimeout(Duration.ofMinutes(2))
                .withRetention(HOUR, HOUR, 0),
            () -> "local now = " + now.get() + "\n")) {
      backend.close();
      backend = keepsNone;
      assertThat(done(held("q", "job"))).isEqualTo(Settlement.Result.ACCEPTED);

      setClock(HOUR.negated());
      assertThat(backend.jobAdmin().purge("q", 100)).isZero();
      setClock(HOUR.minusMillis(1));

      NewJob again = NewJob.builder("q", "job", "t", "p").build();
      assertThat(backend.jobQueue().enqueue(List.of(again)).get(0).created()).isFalse();
    }
  }
}
