package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much a script looks at: it blocks the server, and what stands there may be of no use. */
@Timeout(120)
class RedisBoundsTest {

  /** A call that meets places in a set. */
  private record Call(String name, String set, Consumer<RedisBackend> call) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Call> CALLS =
      List.of(
          new Call("claim of due jobs", "waiting-5", RedisBoundsTest::claim),
          new Call("claim of expired jobs", "held", RedisBoundsTest::claim),
          new Call("reset", "held", store -> store.jobAdmin().resetExpired("q", Limits.MAX_BATCH)),
          new Call(
              "purge",
              "failed",
              store -> store.jobAdmin().purge("q", Duration.ZERO, Limits.MAX_BATCH)),
          new Call(
              "purge by age to keep",
              "keptUntil",
              store -> store.jobAdmin().purge("q", Limits.MAX_BATCH)));

  private static void claim(RedisBackend store) {
    store.jobQueue().claim(ClaimRequest.of("q", "w", 10, Duration.ofMinutes(1)));
  }

  @Test
  @DisplayName("Q50 places whose jobs are gone go, of thousands some with each script")
  void places() {
    // A server of its own, since its commands are counted.
    try (var server = RedisProcess.start();
        var store = RedisBackend.open(RedisConfig.of(server.uri()));
        var client = RedisClient.create(server.uri())) {
      var redis = client.connect().sync();
      NewJob later = NewJob.builder("q", "a", "t", "").due(Due.after(Duration.ofHours(1))).build();
      store.jobQueue().enqueue(List.of(later));
      for (Call call : CALLS) {
        String set = key(call.set);
        redis.zadd(
            set,
            IntStream.range(0, 5_000)
                .boxed()
                .flatMap(i -> Stream.<Object>of(0.0, "%08dgone".formatted(i)))
                .toArray());
        long before = scripts(redis);

        call.call.accept(store);

        assertThat(redis.zcount(set, Range.create(0, 0))).as("left for a %s", call).isZero();
        assertThat(scripts(redis) - before)
            .as("scripts of a %s, of which one looks at 2,000 places at most", call)
            .isBetween(3L, 10L);
        assertThat(redis.exists(key("broken"))).as("jobs put aside by a %s", call).isZero();
      }
    }
  }

  @Test
  @DisplayName("Q46 a purge removes a thousand steps with a script, of however many jobs they are")
  void steps() {
    try (var server = RedisProcess.start();
        var store = RedisBackend.open(RedisConfig.of(server.uri()));
        var client = RedisClient.create(server.uri())) {
      var redis = client.connect().sync();
      purgeOfTwo(store, 0, redis); // It also writes the name of the queue.

      long ofFew = purgeOfTwo(store, 500, redis);
      assertThat(purgeOfTwo(store, 501, redis)).as("scripts").isEqualTo(ofFew + 1);
    }
  }

  /** The scripts of a purge of two jobs, each with so many steps. */
  private static long purgeOfTwo(
      RedisBackend store, int steps, RedisCommands<String, String> redis) {
    for (String id : List.of("a" + steps, "b" + steps)) {
      store.jobQueue().enqueue(List.of(NewJob.builder("q", id, "t", "").build()));
      JobLease lease =
          store
              .jobQueue()
              .claim(ClaimRequest.of("q", "w", 1, Duration.ofMinutes(1)))
              .jobs()
              .get(0)
              .lease();
      for (int i = 0; i < steps; i++) {
        store.jobQueue().checkpoint(lease, "s" + i, "v");
      }
      store.jobQueue().settle(List.of(Settlement.done(lease)));
    }
    long before = scripts(redis);
    assertThat(store.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(2);
    assertThat(redis.exists(key("steps"), key("stepNames"))).isZero();
    return scripts(redis) - before;
  }

  private static String key(String kind) {
    return new Keys("lease").ofQueue("q", List.of(kind)).get(0);
  }

  private static long scripts(RedisCommands<String, String> redis) {
    return RedisStoreTest.calls(redis, "eval") + RedisStoreTest.calls(redis, "evalsha");
  }
}
