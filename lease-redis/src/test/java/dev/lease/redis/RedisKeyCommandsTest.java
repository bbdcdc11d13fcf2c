package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.JobQueue;
import dev.lease.KeyLimit;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** On a server of its own: it counts all commands. */
class RedisKeyCommandsTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  private static final Pattern CALLS = Pattern.compile("cmdstat_(?!config)([^:]*):calls=(\\d+)");

  private static NewJob keyed(String id, String key) {
    return NewJob.builder("q", id, "t", "payload").key(key).build();
  }

  @Test
  @DisplayName(
      "Q70 however many jobs are held back, a claim only asks whether one may be due or start")
  void heldBackCostsNothing() {
    try (var server = RedisProcess.start();
        var backend = RedisBackend.open(RedisConfig.of(server.uri()));
        var client = RedisClient.create(server.uri())) {
      RedisCommands<String, String> redis = client.connect().sync();
      JobQueue jobs = backend.jobQueue();
      backend.admission().limit("q", null, KeyLimit.of(1));
      enqueue(jobs, 1_000, i -> keyed("first-" + i, "key " + i));
      enqueue(jobs, 20_000, i -> keyed("hot-" + i, "hot"));
      enqueue(jobs, 2_000, i -> keyed("cold-" + i, "key " + i / 2));
      enqueue(jobs, 1_001, i -> NewJob.builder("plain", "job-" + i, "t", "payload").build());

      Map<String, Long> expected = commandsOfClaim(jobs, redis, "plain");
      expected.merge("zrange", 1L, Long::sum);
      expected.merge("exists", 1L, Long::sum);
      assertThat(commandsOfClaim(jobs, redis, "q")).isEqualTo(expected);
    }
  }

  private static void enqueue(JobQueue queue, int number, IntFunction<NewJob> job) {
    for (int i = 0; i < number; i += Limits.MAX_BATCH) {
      int end = Math.min(number, i + Limits.MAX_BATCH);
      queue.enqueue(IntStream.range(i, end).mapToObj(job).toList());
    }
  }

  /** By command, how often a claim of 100 calls it, after one that has looked at all. */
  private static Map<String, Long> commandsOfClaim(
      JobQueue jobs, RedisCommands<String, String> redis, String queue) {
    claimHundred(jobs, queue);
    return commandsOf(redis, () -> claimHundred(jobs, queue));
  }

  /** By command, how often a call calls it. */
  static Map<String, Long> commandsOf(RedisCommands<String, String> redis, Runnable call) {
    redis.configResetstat();
    call.run();
    Map<String, Long> calls = new TreeMap<>();
    Matcher line = CALLS.matcher(redis.info("commandstats"));
    while (line.find()) {
      calls.put(line.group(1), Long.parseLong(line.group(2)));
    }
    return calls;
  }

  private static void claimHundred(JobQueue jobs, String queue) {
    assertThat(jobs.claim(ClaimRequest.of(queue, "w", 100, LEASE)).jobs()).hasSize(100);
  }
}
