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
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
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
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration LEASE = Duration.ofMinutes(10);

  private final AtomicLong now = new AtomicLong(1_767_225_600_000_000L);
  private final RedisConfig config =
      RedisConfig.of(TestServers.redis())
          .withPrefix("test-" + UUID.randomUUID())
          .withCallTimeout(Duration.ofMinutes(2))
          .withRetention(HOUR, HOUR, 1_000);
  private final RedisClient client = RedisClient.create(config.uri());
  private final RedisCommands<String, String> redis = client.connect().sync();
  private RedisBackend backend;

  @BeforeEach
  void open() {
    backend = RedisBackend.open(config, () -> "local now = " + now.get() + "\n");
  }

  @AfterEach
  void close() {
    backend.close();
    client.shutdown();
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
    return backend.jobQueue().settle(List.of(Settlement.done(lease))).get(0);
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
    assertThat(extend(alive)).isEqualTo(Extension.held(renewed.expiresAt(), false));
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
    backend.jobQueue().settle(List.of(Settlement.retry(first, Duration.ZERO, "again")));
    JobLease second = of(claim("q"), "job");
    assertThat(second.token()).isEqualTo(first.token() + 1);
    assertThat(backend.jobAdmin().delete("q", "job")).isTrue();
    assertThat(held("q", "job").token())
        .as("of a new job under its id")
        .isGreaterThan(second.token());
  }

  @Test
  @DisplayName("policy 2 back: a job whose queue was forgotten gets a larger token when it returns")
  void backForgotten() {
    JobLease first = held("q", "job");
    assertThat(backend.jobAdmin().delete("q", "job")).isTrue();
    assertThat(backend.jobAdmin().purge("q", 100)).isZero();
    setClock(HOUR);
    assertThat(backend.jobAdmin().purge("q", 100)).isZero();
    assertThat(redis.keys(config.prefix() + ":queue:*")).as("it is forgotten").isEmpty();

    setClock(HOUR.multipliedBy(24).negated());
    enqueue("q", "later", Due.after(HOUR));
    assertThat(backend.jobAdmin().purge("q", 100)).as("writes no token below the floor").isZero();

    JobLease second = held("q", "job");
    assertThat(backend.jobAdmin().delete("q", "later")).isTrue();
    assertThat(second.token()).isGreaterThan(first.token());
    assertThat(backend.jobAdmin().delete("q", "job")).isTrue();
    assertThat(backend.jobAdmin().purge("q", 100)).isZero();
    setClock(HOUR);
    assertThat(backend.jobAdmin().purge("q", 100)).isZero();
    assertThat(redis.keys(config.prefix() + ":queue:*"))
        .as("it is forgotten though the clock is behind its tokens")
        .isEmpty();
    setClock(HOUR.negated());
    assertThat(held("q", "job").token()).isGreaterThan(second.token());
  }

  @Test
  @DisplayName("policy 2 back: a failover that loses grants takes a token back by a minute at most")
  void backLostGrants() {
    enqueue("q", "job", Due.now());
    Lease kept = backend.leaseStore().acquire("kept", "o", HOUR).orElseThrow();
    for (int minute = 0; minute < 30; minute++) {
      setClock(MINUTE);
      assertThat(backend.jobAdmin().purge("q", 100)).as("as a worker does").isZero();
      kept = backend.leaseStore().renew(kept, HOUR).orElseThrow();
    }
    Map<String, byte[]> replica = dump();
    setClock(MINUTE.minusMillis(1));
    long job = of(claim("q"), "job").token();
    long name = backend.leaseStore().acquire("n", "o", LEASE).orElseThrow().token();

    restore(replica);
    setClock(MINUTE.multipliedBy(10).negated());

    assertThat(of(claim("q"), "job").token()).isGreaterThan(job - Micros.of(MINUTE));
    assertThat(backend.leaseStore().acquire("n", "o", LEASE).orElseThrow().token())
        .isGreaterThan(name - Micros.of(MINUTE));
  }

  @Test
  @DisplayName("policy 2 back: so does one where a name is only asked for")
  void backLostGrantOfOneThatWaits() {
    assertThat(backend.leaseStore().acquire("n", "o", HOUR)).isPresent();
    setClock(HOUR.minusMillis(1));
    assertThat(backend.leaseStore().acquire("n", "other", LEASE)).isEmpty();
    Map<String, byte[]> replica = dump();
    setClock(Duration.ofMillis(1));
    long lost = backend.leaseStore().acquire("n", "other", LEASE).orElseThrow().token();

    restore(replica);
    redis.del(new Keys(config.prefix()).lease("n"));
    setClock(HOUR.negated());

    assertThat(backend.leaseStore().acquire("n", "other", LEASE).orElseThrow().token())
        .isGreaterThan(lost - Micros.of(MINUTE));
  }

  private Map<String, byte[]> dump() {
    return redis.keys(config.prefix() + ":*").stream()
        .collect(Collectors.toMap(Function.identity(), redis::dump));
  }

  /** Puts the store back to what it was. */
  private void restore(Map<String, byte[]> dumped) {
    redis.del(redis.keys(config.prefix() + ":*").toArray(String[]::new));
    dumped.forEach((key, value) -> redis.restore(key, 0, value));
  }

  @Test
  @DisplayName("Q02 back: the ids of jobs that are not kept whole are remembered no shorter")
  void backRemembered() {
    try (var keepsNone =
        RedisBackend.open(
            RedisConfig.of(TestServers.redis())
                .withPrefix("test-" + UUID.randomUUID())
                .withCallTimeout(Duration.ofMinutes(2))
                .withRetention(HOUR, HOUR, 0)
                .withRememberedIds(HOUR),
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
