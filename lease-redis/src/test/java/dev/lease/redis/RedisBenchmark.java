package dev.lease.redis;

import com.sun.management.OperatingSystemMXBean;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Enqueue and drain through the store, beside the bare scripts of a minimal queue (a sorted set, a
 * string a job, leases without attempts, priorities, checkpoints or history), in one run, with the
 * processor time that a job takes in the server and in this process, which tells more than rates
 * where the machine is busy; and what a waiting job takes in memory. Not part of the build:
 *
 * <pre>
 * mvn -q -Pquick -pl lease-redis -am test -Dtest=RedisBenchmark -Dsurefire.failIfNoSpecifiedTests=false
 * LEASE_TEST_REDIS_URL=redis://..., else the server of the tests
 * </pre>
 */
class RedisBenchmark {

  private static final int JOBS = Integer.getInteger("jobs", 40_000);
  private static final String PAYLOAD = "x".repeat(200);
  private static final Duration LEASE = Duration.ofSeconds(30);

  private static final String RAW_ENQUEUE =
      """
      local places = {}
      for i = 1, #ARGV, 2 do
        redis.call('SET', KEYS[1] .. ':' .. ARGV[i], ARGV[i + 1])
        places[#places + 1] = 0
        places[#places + 1] = ARGV[i]
      end
      redis.call('ZADD', KEYS[1], unpack(places))
      return {#ARGV / 2}
      """;

  private static final String RAW_TURN =
      """
      for i = 2, #ARGV do
        if redis.call('ZREM', KEYS[1] .. ':held', ARGV[i]) == 1 then
          redis.call('UNLINK', KEYS[1] .. ':' .. ARGV[i])
        end
      end
      local popped = redis.call('ZPOPMIN', KEYS[1], ARGV[1])
      local keys, holds, answer = {}, {}, {}
      for i = 1, #popped, 2 do
        keys[#keys + 1] = KEYS[1] .. ':' .. popped[i]
        holds[#holds + 1] = 1
        holds[#holds + 1] = popped[i]
      end
      if #keys > 0 then
        redis.call('ZADD', KEYS[1] .. ':held', unpack(holds))
        local bodies = redis.call('MGET', unpack(keys))
        for i, body in ipairs(bodies) do
          answer[#answer + 1] = popped[2 * i - 1]
          answer[#answer + 1] = body
        end
      end
      return answer
      """;

  private final RedisConfig config =
      RedisConfig.of(TestServers.redis()).withPrefix("bench-" + UUID.randomUUID());

  private interface Work {
    int once();
  }

  @Test
  void compare() throws Exception {
    try (var backend = RedisBackend.open(config);
        var client = RedisClient.create(config.uri())) {
      RedisCommands<String, String> redis = client.connect().sync();
      String raw = config.prefix() + "-raw";
      String enqueue = redis.scriptLoad(RAW_ENQUEUE);
      String turn = redis.scriptLoad(RAW_TURN);
      System.out.printf("%d jobs, payload of 200 bytes%n", JOBS);
      System.out.printf(
          "%-10s %6s %8s  %s%n",
          "what",
          "batch",
          "threads",
          "lease and raw: jobs/s, server us, client us; ratio of the rates");
      for (int round = 0; round < 2; round++) {
        for (int batch : new int[] {100, 10, 1}) {
          for (int threads : new int[] {1, 4}) {
            boolean warm = round > 0;
            int jobs = batch == 1 ? JOBS / 10 : JOBS;
            compare(
                redis,
                "enqueue",
                batch,
                threads,
                jobs,
                warm,
                () -> enqueue(backend.jobQueue(), batch),
                () -> rawEnqueue(client, enqueue, raw, batch));
            compare(
                redis,
                "drain",
                batch,
                threads,
                jobs,
                warm,
                () -> drain(backend.jobQueue(), batch),
                () -> rawDrain(client, turn, raw, batch));
          }
        }
      }
    }
  }

  @Test
  void drain() throws Exception {
    try (var backend = RedisBackend.open(config);
        var client = RedisClient.create(config.uri())) {
      RedisCommands<String, String> redis = client.connect().sync();
      for (int round = 0; round < 2; round++) {
        for (int batch : new int[] {100, 10, 1}) {
          int jobs = batch == 1 ? JOBS / 10 : JOBS;
          cost(redis, jobs, 1, () -> enqueue(backend.jobQueue(), 1_000));
          Cost cost = cost(redis, jobs, 1, () -> drain(backend.jobQueue(), batch));
          if (round > 0) {
            System.out.printf("drain of %,d, batch %d: %s%n", jobs, batch, cost);
          }
        }
      }
    }
  }

  @Test
  void memory() {
    try (var backend =
            RedisBackend.open(config.withRetention(Duration.ofDays(1), Duration.ofDays(1), 0));
        var client = RedisClient.create(config.uri())) {
      RedisCommands<String, String> redis = client.connect().sync();
      enqueue(backend.jobQueue(), 100).once();
      long before = memory(redis);
      Work enqueue = enqueue(backend.jobQueue(), 1000);
      int jobs = 0;
      while (jobs < 100_000) {
        jobs += enqueue.once();
      }
      System.out.printf(
          "%d bytes a waiting job, of %d jobs with an id of 36 and a payload of 200 bytes%n",
          (memory(redis) - before) / jobs, jobs);
      Work drain = drain(backend.jobQueue(), 1000);
      while (drain.once() > 0) {
        // Of each job its id stays.
      }
      System.out.printf(
          "%d bytes an id that is remembered when its job is done and gone%n",
          (memory(redis) - before) / jobs);
    }
  }

  private static long memory(RedisCommands<String, String> redis) {
    return (long) sum(redis.info("memory"), "used_memory");
  }

  private static double serverSeconds(RedisCommands<String, String> redis) {
    return sum(redis.info("cpu"), "used_cpu_user", "used_cpu_sys");
  }

  private static double sum(String info, String... names) {
    return info.lines()
        .map(line -> line.split(":"))
        .filter(parts -> List.of(names).contains(parts[0]))
        .mapToDouble(parts -> Double.parseDouble(parts[1].strip()))
        .sum();
  }

  private static double clientSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / 1e9;
  }

  /** What a way of doing it came to. */
  private record Cost(double rate, double serverMicros, double clientMicros) {
    @Override
    public String toString() {
      return "%,9.0f %6.1f %6.1f".formatted(rate, serverMicros, clientMicros);
    }
  }

  private static void compare(
      RedisCommands<String, String> redis,
      String what,
      int batch,
      int threads,
      int jobs,
      boolean warm,
      Callable<Work> lease,
      Callable<Work> raw)
      throws Exception {
    Cost ours = cost(redis, jobs, threads, lease);
    Cost theirs = cost(redis, jobs, threads, raw);
    if (warm) {
      System.out.printf(
          "%-10s %6d %8d  %s  %s  %5.2f%n",
          what, batch, threads, ours, theirs, ours.rate / theirs.rate);
    }
  }

  private static Cost cost(
      RedisCommands<String, String> redis, int jobs, int threads, Callable<Work> factory)
      throws Exception {
    double server = serverSeconds(redis);
    double client = clientSeconds();
    var left = new AtomicInteger(jobs);
    var pool = Executors.newFixedThreadPool(threads);
    long start = System.nanoTime();
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      futures.add(
          pool.submit(
              () -> {
                Work work = factory.call();
                for (int done = 1; done > 0 && left.get() > 0; ) {
                  done = work.once();
                  left.addAndGet(-done);
                }
                return null;
              }));
    }
    for (Future<?> future : futures) {
      future.get();
    }
    pool.shutdown();
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Cost(
        jobs / seconds,
        (serverSeconds(redis) - server) * 1e6 / jobs,
        (clientSeconds() - client) * 1e6 / jobs);
  }

  private static Work enqueue(JobQueue queue, int batch) {
    return () -> {
      List<NewJob> jobs = new ArrayList<>(batch);
      for (int i = 0; i < batch; i++) {
        jobs.add(NewJob.builder("q", UUID.randomUUID().toString(), "type", PAYLOAD).build());
      }
      return queue.enqueue(jobs).size();
    };
  }

  private static Work drain(JobQueue queue, int batch) {
    List<Settlement> settlements = new ArrayList<>();
    return () -> {
      var turn = queue.settleAndClaim(settlements, ClaimRequest.of("q", "w", batch, LEASE));
      settlements.clear();
      for (ClaimedJob job : turn.claim().jobs()) {
        settlements.add(new Settlement.Done(job.lease(), null));
      }
      return turn.claim().jobs().size();
    };
  }

  private static Work rawEnqueue(RedisClient client, String sha, String key, int batch) {
    RedisCommands<String, String> redis = client.connect().sync();
    return () -> {
      List<String> args = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        args.add(UUID.randomUUID().toString());
        args.add(PAYLOAD);
      }
      redis.evalsha(sha, ScriptOutputType.MULTI, new String[] {key}, args.toArray(String[]::new));
      return batch;
    };
  }

  private static Work rawDrain(RedisClient client, String sha, String key, int batch) {
    RedisCommands<String, String> redis = client.connect().sync();
    List<String> args = new ArrayList<>(List.of(Integer.toString(batch)));
    return () -> {
      List<Object> answer =
          redis.evalsha(
              sha, ScriptOutputType.MULTI, new String[] {key}, args.toArray(String[]::new));
      args.subList(1, args.size()).clear();
      for (int i = 0; i < answer.size(); i += 2) {
        args.add(answer.get(i).toString());
      }
      return answer.size() / 2;
    };
  }
}
