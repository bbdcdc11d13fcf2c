package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What stays after months in which jobs come and go. A round is ten days by the store's clock,
 * which the test moves, so nothing depends on how fast the machine is. {@code
 * -Dlease.growth.jobs=1000000} makes as many jobs.
 */
@Tag("nightly")
@Timeout(3_600)
class RedisGrowthTest {

  private static final int JOBS = Integer.getInteger("lease.growth.jobs", 50_000);
  private static final int ROUNDS = 10;
  private static final int JOBS_A_ROUND = JOBS / ROUNDS;

  /** Each is used once, with one job. */
  private static final int QUEUES_A_ROUND = 100;

  private static final int NAMES_A_ROUND = 100;
  private static final Duration ROUND = Duration.ofDays(10);

  /** What finished in this round and in the one before stays, and ids stay twice as long. */
  private static final Duration KEEP = Duration.ofDays(15);

  /** So many of a queue's DONE jobs stay whole. */
  private static final int KEPT_WHOLE = JOBS_A_ROUND / 2;

  /** One in so many jobs keeps a checkpoint, and one in so many fails once. */
  private static final int FEW = 50;

  private static final Duration LEASE = Duration.ofMinutes(1);

  /** The round by which nothing may grow any more. Until then each kind of round has come twice. */
  private static final int STEADY = 6;

  /** The most bytes after the round {@link #STEADY}, for each 100 of the peak until then. */
  private static final int MOST_BYTES = 110;

  private final AtomicLong now = new AtomicLong(1_767_225_600_000_000L);

  @Test
  @DisplayName("Q46 L25 keys and memory reach a plateau")
  void plateau() {
    try (var server = RedisProcess.start();
        var client = RedisClient.create(server.uri());
        var backend =
            RedisBackend.open(
                RedisConfig.of(server.uri())
                    .withRetention(KEEP, KEEP, KEPT_WHOLE)
                    .withRememberedIds(KEEP),
                () -> "local now = " + now.get() + "\n")) {
      RedisCommands<String, String> redis = client.connect().sync();
      long mostKeys = 0;
      long mostBytes = 0;
      long mostQueues = 0;
      for (int round = 1; round <= ROUNDS; round++) {
        work(backend, "used-always", round, JOBS_A_ROUND);
        for (int i = 0; i < QUEUES_A_ROUND; i++) {
          work(backend, "used-once-" + round + "-" + i, round, 1);
        }
        for (int i = 0; i < NAMES_A_ROUND; i++) {
          Lease lease =
              backend.leaseStore().acquire("name-" + round + "-" + i, "o", LEASE).orElseThrow();
          assertThat(backend.leaseStore().release(lease)).isTrue();
        }
        now.addAndGet(Micros.of(ROUND));
        // As their workers do from time to time.
        redis.smembers("lease:queues").forEach(queue -> purge(backend, queue));
        // The clock stands in the scripts, so each round has had its own.
        redis.scriptFlush();

        String always = "lease:queue:{used-always}:";
        // A floor of forgotten queues has a key in each slot at most: they end at 16,384.
        long keys = redis.dbsize() - redis.keys("lease:floor:*").size();
        long bytes = usedMemory(redis);
        long queues = redis.scard("lease:queues");
        long ids = redis.scard(always + "remembered") + redis.scard(always + "rememberedBefore");
        long whole = redis.hlen(always + "jobs");
        System.out.println(
            "Redis, round %d: %d queues, %d keys, %d whole jobs and %d remembered ids in one queue, %d bytes"
                .formatted(round, queues, keys, whole, ids, bytes));
        assertThat(whole).isLessThanOrEqualTo(KEPT_WHOLE);
        assertThat(ids).isLessThanOrEqualTo(4L * JOBS_A_ROUND);
        if (round > STEADY) {
          assertThat(keys).as("keys").isLessThanOrEqualTo(mostKeys);
          assertThat(queues).as("names of queues").isLessThanOrEqualTo(mostQueues);
          assertThat(bytes * 100).as("used_memory").isLessThanOrEqualTo(mostBytes * MOST_BYTES);
        } else {
          mostKeys = Math.max(mostKeys, keys);
          mostQueues = Math.max(mostQueues, queues);
          mostBytes = Math.max(mostBytes, bytes);
        }
      }
    }
  }

  private static long usedMemory(RedisCommands<String, String> redis) {
    return redis
        .info("memory")
        .lines()
        .filter(line -> line.startsWith("used_memory:"))
        .mapToLong(line -> Long.parseLong(line.replaceFirst(".*:", "").strip()))
        .findFirst()
        .orElseThrow();
  }

  /** Enqueues jobs and runs them. The last of each {@link #FEW} is one of the few. */
  private static void work(RedisBackend backend, String queue, int round, int jobs) {
    JobQueue store = backend.jobQueue();
    for (int from = 0; from < jobs; from += Limits.MAX_BATCH) {
      store.enqueue(
          IntStream.range(from, Math.min(from + Limits.MAX_BATCH, jobs))
              .mapToObj(i -> job(queue, round, i))
              .toList());
    }
    List<Settlement> settlements = List.of();
    do {
      List<ClaimedJob> claimed =
          store
              .settleAndClaim(
                  settlements, ClaimRequest.of(queue, "worker", Limits.MAX_BATCH, LEASE))
              .claim()
              .jobs();
      settlements = claimed.stream().map(job -> run(store, job)).toList();
    } while (!settlements.isEmpty());
  }

  private static NewJob job(String queue, int round, int number) {
    String id = "job-%d-%s%d".formatted(round, number % FEW == FEW - 1 ? "few-" : "", number);
    return NewJob.builder(queue, id, "type", "x".repeat(200)).build();
  }

  private static Settlement run(JobQueue store, ClaimedJob job) {
    if (job.lease().jobId().contains("few")) {
      if (job.attempt() == 1) {
        return Settlement.retry(job.lease(), Duration.ZERO, "not yet");
      }
      assertThat(store.checkpoint(job.lease(), "step", "value")).contains("value");
    }
    return Settlement.done(job.lease(), "result");
  }

  private static void purge(RedisBackend backend, String queue) {
    int purged = Limits.MAX_BATCH;
    while (purged == Limits.MAX_BATCH) {
      purged = backend.jobAdmin().purge(queue, Limits.MAX_BATCH);
    }
  }
}
