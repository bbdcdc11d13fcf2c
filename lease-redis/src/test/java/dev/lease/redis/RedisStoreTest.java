package dev.lease.redis;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * A store on a server of the tests, under a prefix of its own, and a client that looks at its keys.
 */
@Timeout(120)
abstract class RedisStoreTest {

  static final Duration LEASE = Duration.ofMinutes(10);

  final RedisConfig config =
      RedisConfig.of(TestServers.redis()).withPrefix("test-" + UUID.randomUUID());

  final Keys keys = new Keys(config.prefix());

  final RedisBackend backend = RedisBackend.open(config);

  final RedisClient client = RedisClient.create(config.uri());

  final RedisCommands<String, String> redis = client.connect().sync();

  @AfterEach
  void close() {
    backend.close();
    client.shutdown();
  }

  static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "payload").build();
  }

  JobLease claim() {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
  }

  /** The server's clock, in microseconds. */
  long now() {
    List<String> time = redis.time();
    return Long.parseLong(time.get(0)) * 1_000_000 + Long.parseLong(time.get(1));
  }

  String key(String kind) {
    return keys.ofQueue("q", List.of(kind)).get(0);
  }

  void settleAll(List<ClaimedJob> claimed) {
    backend
        .jobQueue()
        .settle(claimed.stream().<Settlement>map(it -> Settlement.done(it.lease())).toList());
  }

  static List<NewJob> manyJobs(String prefix, int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> NewJob.builder("q", prefix + "-" + i, "t", "").maxCrashes(1).build())
        .toList();
  }

  long calls(int count) {
    return Micros.of(config.callTimeout().multipliedBy(count));
  }

  /** A store whose clock is so many microseconds ahead of the server's. */
  static RedisBackend openAhead(RedisConfig config, AtomicLong ahead) {
    return RedisBackend.open(
        config, () -> Scripts.SERVER_CLOCK.get() + "now = now + " + ahead.get() + "\n");
  }

  static long calls(RedisCommands<String, String> redis, String command) {
    return redis
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_" + command + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceFirst("^[^=]*=(\\d+),.*", "$1").strip()))
        .sum();
  }
}
