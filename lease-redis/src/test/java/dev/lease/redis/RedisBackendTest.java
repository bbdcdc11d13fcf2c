package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.testkit.RedisProcess;
import dev.lease.testkit.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RedisBackendTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private final RedisConfig config =
      RedisConfig.of(TestServers.redis()).withPrefix("test-" + UUID.randomUUID());
  private final Keys keys = new Keys(config.prefix());
  private final RedisBackend backend = RedisBackend.open(config);
  private final RedisClient client = RedisClient.create(config.uri());
  private final RedisCommands<String, String> redis = client.connect().sync();

  @AfterEach
  void close() {
    backend.close();
    client.shutdown();
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "payload").build();
  }

  private JobLease claim() {
    return backend.jobQueue().claim("q", "w", 1, LEASE).get(0).lease();
  }

  private String key(String kind) {
    return keys.ofQueue("q", List.of(kind)).get(0);
  }

  @Test
  @DisplayName("a server that has forgotten the scripts is told them again")
  void scriptsForgotten() {
    backend.jobQueue().enqueue(List.of(job("a")));
    redis.scriptFlush();
    backend.jobQueue().enqueue(List.of(job("b")));
    redis.scriptFlush();

    assertThat(backend.jobQueue().claim("q", "w", 10, LEASE)).hasSize(2);
  }

  @Test
  @DisplayName("Q44 a held job that lost its place in the index is found again by a reset")
  void lostHold() {
    backend.jobQueue().enqueue(List.of(job("a")));
    backend.jobQueue().claim("q", "w", 1, Duration.ofMillis(1));
    redis.del(key("held"));
    assertThat(backend.jobQueue().claim("q", "w", 1, LEASE)).as("it is lost").isEmpty();

    assertThat(backend.jobAdmin().resetExpired("q", 10)).isEqualTo(1);
    assertThat(claim().jobId()).isEqualTo("a");
  }

  @Test
  @DisplayName("Q44 a waiting job that lost its place in the index is found again by a reset")
  void lostPlace() {
    backend.jobQueue().enqueue(List.of(job("a")));
    redis.del(key("waiting-5"));
    assertThat(backend.jobQueue().claim("q", "w", 1, LEASE)).as("it is lost").isEmpty();

    backend.jobAdmin().resetExpired("q", 10);

    assertThat(claim().jobId()).isEqualTo("a");
  }

  @Test
  @DisplayName("Q44 the look for lost jobs is bounded, and comes to all of them")
  void lostAmongMany() {
    backend.jobQueue().enqueue(IntStream.range(0, 1000).mapToObj(i -> job("j" + i)).toList());
    redis.del(key("waiting-5"));
    backend.jobAdmin().resetExpired("q", 10);
    Long afterOne = redis.zcard(key("waiting-5"));
    assertThat(afterOne).isBetween(1L, 999L);

    for (int i = 0; i < 100; i++) {
      backend.jobAdmin().resetExpired("q", 10);
    }

    assertThat(redis.zcard(key("waiting-5"))).isEqualTo(1000);
  }

  @Test
  @DisplayName("done jobs beyond the most that are kept go, but not those that say how long")
  void doneAtMost() {
    try (var frugal =
        RedisBackend.open(config.withRetention(Duration.ofHours(1), Duration.ofHours(1), 5))) {
      for (int i = 0; i < 20; i++) {
        NewJob job =
            NewJob.builder("q", "j" + i, "t", "").keep(i < 3 ? Duration.ofHours(1) : null).build();
        frugal.jobQueue().enqueue(List.of(job));
        List<ClaimedJob> claimed = frugal.jobQueue().claim("q", "w", 1, LEASE);
        frugal.jobQueue().settle(List.of(new Settlement.Done(claimed.get(0).lease(), "r")));
      }

      QueueCounts counts = frugal.jobAdmin().counts().get(0);
      assertThat(counts.count(JobState.DONE)).isEqualTo(3 + 5);
      assertThat(frugal.jobQueue().find("q", "j0")).isPresent();
      assertThat(frugal.jobQueue().find("q", "j3")).isEmpty();
      assertThat(frugal.jobQueue().find("q", "j19")).isPresent();
      assertThat(redis.hlen(key("results"))).as("nothing is left of the others").isEqualTo(8);
    }
  }

  @Test
  @DisplayName("nothing is left of a queue whose jobs were all removed, but its counters")
  void nothingLeft() {
    NewJob job = NewJob.builder("q", "a", "t", "p").dedupKey("k").build();
    backend.jobQueue().enqueue(List.of(job));
    JobLease lease = claim();
    backend.jobQueue().checkpoint(lease, "s1", "v");
    backend.jobQueue().checkpoint(lease, "s2", "v");
    backend.jobQueue().progress(lease, new Progress(1, "m"));
    backend.jobQueue().settle(List.of(new Settlement.Done(lease, "r")));

    assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(1);

    assertThat(redis.keys(config.prefix() + ":queue:*")).containsExactly(key("meta"));
  }

  @Test
  @DisplayName("Q50 a claim and a purge look at few places, however many jobs there are")
  void costOfAClaim() {
    // A server of its own, since all its commands are counted.
    try (var server = RedisProcess.start();
        var alone = RedisBackend.open(RedisConfig.of(server.uri()));
        var counter = RedisClient.create(server.uri())) {
      fill(alone.jobQueue());
      RedisCommands<String, String> commands = counter.connect().sync();
      long before = count(commands);
      assertThat(alone.jobQueue().claim("q", "w", 1, LEASE)).hasSize(1);
      long claimed = count(commands);
      assertThat(alone.jobAdmin().purge("q", Duration.ZERO, 1)).isEqualTo(1);
      long purged = count(commands);

      assertThat(claimed - before).isBetween(5L, 40L);
      assertThat(purged - claimed).isBetween(5L, 40L);
    }
  }

  /** Finished, held and future ones, ten thousand each, and one that is due. */
  private static void fill(JobQueue jobs) {
    for (int from = 0; from < 20_000; from += 1000) {
      jobs.enqueue(IntStream.range(from, from + 1000).mapToObj(i -> job("j" + i)).toList());
      List<ClaimedJob> claimed = jobs.claim("q", "w", 1000, LEASE);
      if (from < 10_000) {
        jobs.settle(
            claimed.stream().<Settlement>map(it -> new Settlement.Done(it.lease(), null)).toList());
      }
    }
    for (int from = 0; from < 10_000; from += 1000) {
      jobs.enqueue(
          IntStream.range(from, from + 1000)
              .mapToObj(
                  i ->
                      NewJob.builder("q", "f" + i, "t", "")
                          .due(Due.after(Duration.ofHours(1)))
                          .build())
              .toList());
    }
    jobs.enqueue(List.of(job("last")));
  }

  private static long count(RedisCommands<String, String> redis) {
    return redis
        .info("commandstats")
        .lines()
        .filter(line -> line.matches("cmdstat_[zh].*"))
        .mapToLong(line -> Long.parseLong(line.replaceFirst("^[^=]*=(\\d+),.*", "$1")))
        .sum();
  }

  @Test
  @DisplayName("policy 2: tokens grow over the loss of all that Redis had")
  void tokensGrowOverLoss() {
    try (var server = RedisProcess.start();
        var forgetful = RedisBackend.open(RedisConfig.of(server.uri()))) {
      forgetful.jobQueue().enqueue(List.of(job("a")));
      long job = forgetful.jobQueue().claim("q", "w", 1, LEASE).get(0).lease().token();
      long lease = forgetful.leaseStore().acquire("n", "o", LEASE).orElseThrow().token();
      server.kill();
      server.restart();

      assertThat(forgetful.leaseStore().acquire("n", "o", LEASE).orElseThrow().token())
          .isGreaterThan(lease);
      forgetful.jobQueue().enqueue(List.of(job("a")));
      assertThat(forgetful.jobQueue().claim("q", "w", 1, LEASE).get(0).lease().token())
          .isGreaterThan(job);
    }
  }

  @Test
  @DisplayName("H08 what was acknowledged is there after a SIGKILL of Redis that appends always")
  void nothingLostInACrash() {
    try (var server = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
        var durable = RedisBackend.open(RedisConfig.of(server.uri()))) {
      durable.jobQueue().enqueue(List.of(job("a"), job("b")));
      JobLease lease = durable.jobQueue().claim("q", "w", 1, LEASE).get(0).lease();
      durable.jobQueue().checkpoint(lease, "s", "v");
      server.kill();
      assertThatThrownBy(() -> durable.jobQueue().find("q", "a"))
          .isInstanceOf(StoreException.class);
      server.restart();

      assertThat(durable.jobQueue().find("q", "b").orElseThrow().state())
          .isEqualTo(JobState.PENDING);
      assertThat(durable.jobQueue().checkpoints(lease).orElseThrow()).containsEntry("s", "v");
      assertThat(durable.jobQueue().settle(List.of(new Settlement.Done(lease, null))))
          .containsExactly(Settlement.Result.ACCEPTED);
    }
  }

  @Test
  @DisplayName("a password never stands in a message")
  void noPassword() {
    RedisConfig secret = RedisConfig.of("redis://user:geheim@localhost:1/");
    assertThat(secret.toString()).doesNotContain("geheim");
    assertThatThrownBy(() -> RedisBackend.open(secret.withCallTimeout(Duration.ofSeconds(1))))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("could not open the store: no connection")
        .satisfies(e -> assertThat(e.toString()).doesNotContain("geheim"));
    assertThatThrownBy(() -> RedisBackend.open(RedisConfig.of("redis://user:geheim@[/")))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.toString()).doesNotContain("geheim"));
    assertThatThrownBy(() -> RedisConfig.of("rdis://user:geheim@host"))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.toString()).doesNotContain("geheim"));
  }

  @Test
  @DisplayName("H06 a full memory refuses an enqueue whole, and what is there can be worked off")
  void fullMemory() {
    try (var server = RedisProcess.start("--maxmemory", "8mb");
        var full = RedisBackend.open(RedisConfig.of(server.uri()))) {
      String large = "x".repeat(100_000);
      StoreException refused = null;
      int stored = 0;
      for (int i = 0; i < 1_000 && refused == null; i++) {
        try {
          full.jobQueue().enqueue(List.of(NewJob.builder("q", "j" + i, "t", large).build()));
          stored++;
        } catch (StoreException e) {
          refused = e;
        }
      }

      assertThat(Objects.requireNonNull(refused).isOutcomeUnknown())
          .as(refused.getMessage())
          .isFalse();
      List<ClaimedJob> claimed = full.jobQueue().claim("q", "w", 1_000, LEASE);
      assertThat(claimed).hasSize(stored);
      assertThat(
              full.jobQueue()
                  .settle(
                      claimed.stream()
                          .<Settlement>map(it -> new Settlement.Done(it.lease(), null))
                          .toList()))
          .containsOnly(Settlement.Result.ACCEPTED);
      assertThat(full.jobAdmin().purge("q", Duration.ZERO, 1_000)).isEqualTo(stored);
    }
  }
}
