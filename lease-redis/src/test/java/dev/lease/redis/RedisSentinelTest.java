package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A master, a replica, and a sentinel that makes the one of the other. */
@Tag("slow")
@Timeout(120)
class RedisSentinelTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private static final String PASSWORD = "secret";

  private final RedisProcess master = server();
  private final RedisProcess replica =
      server("--replicaof", "127.0.0.1", Integer.toString(master.port()));
  private final RedisClient client = RedisClient.create();
  private final RedisProcess sentinel = sentinel();

  /** Nobody listens at the first address. The others reach the same database without sentinels. */
  private final RedisConfig config =
      RedisConfig.of(
          "redis-sentinel://:%s@127.0.0.1:1,127.0.0.1:%d/5#main"
              .formatted(PASSWORD, sentinel.port()));

  private static RedisProcess server(String... options) {
    return RedisProcess.start(
        Stream.concat(
                Stream.of("--requirepass", PASSWORD, "--masterauth", PASSWORD), Stream.of(options))
            .toArray(String[]::new));
  }

  private static String uri(RedisProcess server) {
    return server.uri().replace("//", "//:" + PASSWORD + "@") + "/5";
  }

  /**
   * It is started with the password: one that is told it later may have called without it before,
   * and then takes the master for dead.
   */
  private RedisProcess sentinel() {
    awaitReplicated();
    List<String> options = new ArrayList<>();
    for (String option :
        List.of(
            "monitor main 127.0.0.1 %d 1".formatted(master.port()),
            "auth-pass main " + PASSWORD,
            "down-after-milliseconds main 2000",
            "failover-timeout main 2000")) {
      options.add("--sentinel");
      options.addAll(List.of(option.split(" ")));
    }
    return RedisProcess.start(options.toArray(String[]::new));
  }

  @BeforeEach
  @Timeout(120) // That of the class is of its tests alone.
  void awaitReplicaKnown() throws InterruptedException {
    var watcher = client.connectSentinel(RedisURI.create(sentinel.uri())).sync();
    await(() -> watcher.replicas("main").stream().anyMatch(RedisSentinelTest::follows));
  }

  @AfterEach
  void close() {
    client.shutdown(0, 1, TimeUnit.SECONDS);
    sentinel.close();
    replica.close();
    master.close();
  }

  private static boolean follows(Map<String, String> replica) {
    return "slave".equals(replica.get("flags")) && "ok".equals(replica.get("master-link-status"));
  }

  /** Returns when the replica has what was written. */
  private void awaitReplicated() {
    var redis = client.connect(RedisURI.create(uri(master))).sync();
    assertThat(redis.waitForReplication(1, 60_000)).isEqualTo(1);
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "").build();
  }

  private static JobLease claim(RedisBackend backend, Duration lease) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, lease)).jobs().get(0).lease();
  }

  @Test
  @DisplayName(
      "the same store goes on by itself after a failover; what was held before is fenced, and an"
          + " enqueue that is repeated is one job")
  void failover() throws InterruptedException {
    try (var backend = RedisBackend.open(config)) {
      backend.jobQueue().enqueue(List.of(job("a"), job("b")));
      JobLease stale = claim(backend, Duration.ofMillis(1));
      Lease past = backend.leaseStore().acquire("past", "o", Duration.ofMillis(1)).orElseThrow();
      Lease held = backend.leaseStore().acquire("held", "o", LEASE).orElseThrow();
      var hints = new Semaphore(0);
      backend.jobQueue().onWork("other", hints::release);
      awaitReplicated();

      master.kill();
      assertThatThrownBy(() -> backend.jobQueue().enqueue(List.of(job("c"))))
          .isInstanceOf(StoreException.class);
      repeat(() -> backend.jobQueue().enqueue(List.of(job("c"))));

      assertThat(backend.jobQueue().enqueue(List.of(job("a"), job("c"))))
          .allSatisfy(enqueued -> assertThat(enqueued.created()).isFalse());
      assertThat(backend.leaseStore().renew(held, LEASE)).isPresent();
      assertThat(backend.leaseStore().acquire("past", "other", LEASE).orElseThrow().token())
          .isGreaterThan(past.token());
      JobLease claim = claim(backend, LEASE);
      assertThat(claim.jobId()).isEqualTo(stale.jobId());
      assertThat(claim.token()).isGreaterThan(stale.token());
      assertThat(settle(backend, stale)).isEqualTo(Settlement.Result.LOST);
      assertThat(settle(backend, claim)).isEqualTo(Settlement.Result.ACCEPTED);

      try (var other = RedisBackend.open(RedisConfig.of(uri(replica)))) {
        awaitHint(other, "other", hints);
      }

      QueueCounts counts = backend.jobAdmin().counts().queues().get(1);
      assertThat(counts.jobs()).isEqualTo(Map.of(JobState.DONE, 1L, JobState.PENDING, 2L));

      // It is a master again until the sentinel has told it that it is none.
      master.restart();
      try (var later = RedisBackend.open(config)) {
        assertThat(later.jobQueue().find("q", "c")).isPresent();
      }
    }
  }

  @Test
  @DisplayName("L31 a sentinel that hangs leaves a call the time to ask the next one")
  void sentinelHangs() throws IOException {
    // It accepts connections, and says nothing.
    try (var deaf = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var backend =
            RedisBackend.open(
                RedisConfig.of(
                        config
                            .uri()
                            .replace("127.0.0.1:1,", "127.0.0.1:" + deaf.getLocalPort() + ","))
                    .withCallTimeout(Duration.ofSeconds(12)))) {
      assertThat(backend.jobQueue().enqueue(List.of(job("a"))).get(0).created()).isTrue();
    }
  }

  private static Settlement.Result settle(RedisBackend backend, JobLease lease) {
    return backend.jobQueue().settle(List.of(Settlement.done(lease))).get(0);
  }

  @Test
  @DisplayName("Q55 a master that lives on is left for the new one, by calls and by hints")
  void failoverByHand() throws InterruptedException {
    try (var backend = RedisBackend.open(config);
        var other = RedisBackend.open(RedisConfig.of(uri(replica)))) {
      var hints = new Semaphore(0);
      backend.jobQueue().onWork("q", hints::release);
      backend.jobQueue().enqueue(List.of(job("first")));
      hints.acquire();

      client.connectSentinel(RedisURI.create(sentinel.uri())).sync().failover("main");
      // Until then the old master takes jobs, and loses them.
      await(() -> follows(master));
      repeat(() -> backend.jobQueue().enqueue(List.of(job("second"))));
      assertThat(other.jobQueue().find("q", "second")).isPresent();

      awaitHint(other, "q", hints);
    }
  }

  /** Enqueues until a hint of it arrives: that of a job enqueued during a gap is lost. */
  private static void awaitHint(RedisBackend other, String queue, Semaphore hints)
      throws InterruptedException {
    hints.drainPermits();
    int jobs = 0;
    do {
      NewJob job = NewJob.builder(queue, "hint-" + jobs++, "t", "").build();
      repeat(() -> other.jobQueue().enqueue(List.of(job)));
    } while (!hints.tryAcquire(100, TimeUnit.MILLISECONDS));
  }

  private boolean follows(RedisProcess server) {
    try (var connection = client.connect(RedisURI.create(uri(server)))) {
      return connection.sync().info("replication").contains("role:slave");
    } catch (RedisException e) {
      // A server that changes its role breaks its connections.
      return false;
    }
  }

  /** As those do who were told that the store does not answer. */
  private static <T> T repeat(Supplier<T> call) throws InterruptedException {
    while (true) {
      try {
        return call.get();
      } catch (StoreException e) {
        Thread.sleep(20);
      }
    }
  }

  /** Until a time limit interrupts it. */
  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(20);
    }
  }
}
