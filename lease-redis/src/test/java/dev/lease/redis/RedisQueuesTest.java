package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The names of queues, and what is left of a queue that is used no longer. */
@Timeout(120)
class RedisQueuesTest extends RedisStoreTest {

  @Test
  @DisplayName("nothing is left of a queue whose jobs were all removed, but its counters")
  void nothingLeft() {
    NewJob job = NewJob.builder("q", "a", "t", "p").dedupKey("k").build();
    backend.jobQueue().enqueue(List.of(job));
    backend.jobQueue().settle(List.of(Settlement.retry(claim(), Duration.ZERO, "e")));
    JobLease lease = claim();
    backend.jobQueue().checkpoint(lease, "s1", "v");
    backend.jobQueue().checkpoint(lease, "s2", "v");
    backend.jobQueue().progress(lease, Progress.of(1, "m"));
    backend.jobQueue().settle(List.of(Settlement.done(lease, "r")));

    assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(1);

    assertThat(redis.keys(config.prefix() + ":queue:*")).containsExactly(key("meta"));
  }

  @Test
  @DisplayName("an idle queue is forgotten with its name, and its tokens grow all the same")
  void forgotten() {
    AtomicLong ahead = new AtomicLong();
    try (var own = openAhead(config, ahead)) {
      JobAdmin admin = own.jobAdmin();
      own.jobQueue().enqueue(List.of(job("a"), job("b")));
      own.jobQueue().settle(List.of(Settlement.done(claim())));
      ahead.set(calls(1_000));
      long token =
          own.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease().token();
      redis.hset(key("taken"), "k", "of a lost job");
      admin.delete("q", "b");
      ahead.set(0);
      assertThat(admin.purge("q", Duration.ZERO, 10)).isEqualTo(1);
      ahead.set(calls(900));
      admin.purge("q", 10);
      assertThat(redis.keys(config.prefix() + ":queue*")).isEmpty();
      own.jobQueue().enqueue(List.of(job("c")));
      assertThat(redis.smembers(keys.queues())).containsExactly("q");
      assertThat(own.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs())
          .singleElement()
          .satisfies(job -> assertThat(job.lease().token()).isGreaterThan(token));
    }
  }

  @Test
  @DisplayName("an idle queue keeps its name for two minutes more than ids are remembered")
  void keptFor() {
    AtomicLong ahead = new AtomicLong();
    try (var own = openAhead(config.withRememberedIds(Duration.ZERO), ahead)) {
      own.jobQueue().enqueue(List.of(job("a")));
      own.jobAdmin().delete("q", "a");
      own.jobAdmin().purge("q", 10);
      ahead.set(calls(10) + Micros.of(Duration.ofMinutes(1)));
      own.jobAdmin().purge("q", 10);
      assertThat(redis.smembers(keys.queues())).containsExactly("q");

      ahead.set(calls(10) + Micros.of(Duration.ofMinutes(2)));
      own.jobAdmin().purge("q", 10);
      assertThat(redis.smembers(keys.queues())).isEmpty();
    }
  }

  @Test
  @DisplayName("a clock that was ahead keeps no name of an idle queue")
  void forgottenAfterAClockAhead() {
    AtomicLong ahead = new AtomicLong(Micros.of(Duration.ofDays(365)));
    try (var own = openAhead(config, ahead)) {
      own.jobQueue().enqueue(List.of(job("a")));
      own.jobAdmin().delete("q", "a");
      own.jobAdmin().purge("q", 10);
      ahead.set(0);
      own.jobAdmin().purge("q", 10);
      assertThat(redis.smembers(keys.queues())).containsExactly("q");

      ahead.set(calls(1_000));
      own.jobAdmin().purge("q", 10);
      assertThat(redis.smembers(keys.queues())).isEmpty();
    }
  }

  @Test
  @DisplayName("two purges at once, or a pause of an unused queue, leave no name for good")
  void forgottenTwice() {
    AtomicLong ahead = new AtomicLong();
    AtomicInteger countdown = new AtomicInteger();
    try (var other = openAhead(config, ahead);
        var own =
            RedisBackend.open(
                config,
                () -> {
                  if (countdown.decrementAndGet() == 0) { // Before the script that forgets.
                    other.jobAdmin().purge("q", Duration.ZERO, 10);
                  }
                  return Scripts.SERVER_CLOCK.get() + "now = now + " + ahead.get() + "\n";
                })) {
      own.jobQueue().enqueue(List.of(job("a")));
      own.jobAdmin().delete("q", "a");
      own.jobAdmin().purge("q", Duration.ZERO, 10);
      ahead.set(calls(1_000));
      countdown.set(2);
      own.jobAdmin().purge("q", Duration.ZERO, 10);
      assertThat(countdown).hasValue(0);
      assertThat(redis.keys(config.prefix() + ":queue*")).as("of two purges").isEmpty();

      own.jobAdmin().pause("q");
      own.jobAdmin().resume("q");
      own.jobAdmin().purge("q", 10);
      assertThat(redis.keys(config.prefix() + ":queue*")).as("of a pause").isEmpty();
    }
  }

  @Test
  @DisplayName("a queue is not forgotten while it has jobs or ids, is paused, or was used just now")
  void notForgotten() {
    AtomicLong ahead = new AtomicLong();
    RedisConfig unkept =
        config
            .withRetention(Duration.ZERO, Duration.ZERO, 0)
            .withRememberedIds(Duration.ofDays(100));
    try (var own = openAhead(unkept, ahead)) {
      JobAdmin admin = own.jobAdmin();
      for (String queue : List.of("waiting", "remembered", "held", "paused", "used")) {
        own.jobQueue().enqueue(List.of(NewJob.builder(queue, "a", "t", "").build()));
      }
      own.jobQueue()
          .settle(
              List.of(
                  Settlement.done(
                      own.jobQueue()
                          .claim(ClaimRequest.of("remembered", "w", 1, LEASE))
                          .jobs()
                          .get(0)
                          .lease())));
      own.jobQueue().claim(ClaimRequest.of("held", "w", 1, LEASE));
      admin.delete("paused", "a");
      admin.pause("paused");
      admin.delete("used", "a");
      for (int hours = 0; hours < 10; hours++) {
        ahead.set(Micros.of(Duration.ofHours(hours)));
        own.jobQueue().enqueue(List.of(NewJob.builder("used", "a", "t", "").build()));
        admin.delete("used", "a");
        for (String queue : List.of("waiting", "remembered", "held", "paused", "used")) {
          admin.purge(queue, 10);
        }
      }
      assertThat(redis.smembers(keys.queues()))
          .containsExactlyInAnyOrder("waiting", "remembered", "held", "paused", "used");
      assertThat(redis.keys(config.prefix() + ":queue:*:meta")).hasSize(5);

      ahead.set(Micros.of(Duration.ofHours(10)));
      admin.purge("used", 10);
      assertThat(redis.smembers(keys.queues())).doesNotContain("used");
    }
  }

  @Test
  @DisplayName("a purge writes the name of a queue that has jobs and lost it")
  void nameComesBack() {
    try (var other = RedisBackend.open(config)) {
      backend.jobQueue().enqueue(List.of(job("a")));
      redis.del(keys.queues());
      other.jobAdmin().purge("q", 10);
      assertThat(other.jobAdmin().counts().queues()).hasSize(1);
    }
  }

  @Test
  @DisplayName("Q48 of many names without jobs, a list asks in few trips, and counts none of them")
  void manyNames() {
    try (var server = RedisProcess.start();
        var own = RedisBackend.open(RedisConfig.of(server.uri()));
        var toServer = RedisClient.create(server.uri())) {
      RedisCommands<String, String> commands = toServer.connect().sync();
      String[] names = IntStream.range(0, 1_700).mapToObj(i -> "q" + i).toArray(String[]::new);
      commands.sadd(new Keys("lease").queues(), names);
      own.jobQueue()
          .enqueue(
              List.of(
                  NewJob.builder("q7", "a", "t", "").build(),
                  NewJob.builder("q1699", "b", "t", "").build()));
      own.jobAdmin().pause("q1000");

      long before = calls(commands, "evalsha") + calls(commands, "eval");
      for (JobOrder order : List.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST)) {
        JobPage page = own.jobAdmin().list(JobQuery.of(JobFilter.all()).order(order).limit(10));
        assertThat(page.jobs()).hasSize(2);
        assertThat(page.next()).isNull();
      }
      assertThat(
              own.jobAdmin()
                  .list(JobQuery.of(JobFilter.all().inState(JobState.FAILED)).limit(10))
                  .jobs())
          .isEmpty();
      assertThat(calls(commands, "evalsha") + calls(commands, "eval") - before).isEqualTo(4);
      assertThat(own.jobAdmin().counts().queues())
          .extracting(QueueCounts::queue)
          .containsExactly("q1000", "q1699", "q7");
    }
  }
}
