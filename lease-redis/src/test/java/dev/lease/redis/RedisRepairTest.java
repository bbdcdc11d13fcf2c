package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What scripts that broke off, and the loss of keys, leave behind, and who mends it [Q44]. */
@Timeout(120)
class RedisRepairTest extends RedisStoreTest {

  private static final Duration LONG = Duration.ofHours(1);

  /** Too long to lie in the row. */
  private static final String LONG_TEXT = "x".repeat(1_000);

  private static NewJob longJob(String id) {
    return NewJob.builder("q", id, "t", LONG_TEXT).build();
  }

  @Test
  @DisplayName("Q44 a held job that lost its place in the index is found again by a reset")
  void lostHold() {
    backend.jobQueue().enqueue(List.of(job("a")));
    JobLease held =
        backend
            .jobQueue()
            .claim(ClaimRequest.of("q", "w", 1, Duration.ofMillis(1)))
            .jobs()
            .get(0)
            .lease();
    redis.del(key("held"));
    while (now() <= Micros.of(held.expiresAt())) {
      Thread.onSpinWait();
    }
    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs())
        .as("it is lost")
        .isEmpty();

    assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isEqualTo(1);
    assertThat(claim().jobId()).isEqualTo("a");
  }

  @Test
  @DisplayName("Q44 a waiting job that lost its place in the index is found again by a reset")
  void lostPlace() {
    backend.jobQueue().enqueue(List.of(job("a")));
    redis.del(key("waiting-5"));
    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs())
        .as("it is lost")
        .isEmpty();

    backend.jobAdmin().resetExpired("q", 10).count();

    assertThat(claim().jobId()).isEqualTo("a");
  }

  @Test
  @DisplayName("Q44 a finished job that lost its place in the index is found again by a reset")
  void lostEnd() {
    backend.jobQueue().enqueue(List.of(job("a"), job("b")));
    backend.jobQueue().settle(List.of(Settlement.done(claim())));
    backend.jobQueue().settle(List.of(Settlement.failed(claim(), "e")));
    redis.del(key("done"), key("failed"), key("keptUntil"));
    assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).as("they are lost").isZero();

    backend.jobAdmin().resetExpired("q", 10).count();

    assertThat(redis.zcard(key("keptUntil"))).isEqualTo(1);
    assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(2);
  }

  @Test
  @DisplayName(
      "Q30 Q44 a settlement that broke off halfway has finished the job, a reset mends the rest")
  void halfSettled() {
    backend.jobQueue().enqueue(List.of(job("a")));
    var done = Settlement.done(claim());
    redis.set(key("done"), "no sorted set");
    assertThatThrownBy(() -> backend.jobQueue().settle(List.of(done)))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue());
    redis.del(key("done"));

    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).isEmpty();
    assertThat(backend.jobQueue().settle(List.of(done)))
        .containsExactly(Settlement.Result.ACCEPTED);
    assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isZero();
    assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
        .isEqualTo(Map.of(JobState.DONE, 1L));
  }

  @Test
  @DisplayName("a place among the held of a job that is done gives it to nobody")
  void strayHold() {
    backend.jobQueue().enqueue(List.of(job("a")));
    JobLease lease = claim();
    String place = redis.zrange(key("held"), 0, 0).get(0);
    backend.jobQueue().settle(List.of(Settlement.done(lease)));

    redis.zadd(key("held"), 0, place);
    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).isEmpty();
    redis.zadd(key("held"), 0, place);
    assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isZero();

    assertThat(redis.zcard(key("held"))).isZero();
    assertThat(backend.jobQueue().find("q", "a").orElseThrow().state()).isEqualTo(JobState.DONE);
  }

  @Test
  @DisplayName("Q02 an enqueue that broke off halfway has made nothing, and can be repeated")
  void halfEnqueued() {
    // Of several queues: the order in which a script writes must not be that of a hash of their
    // keys.
    for (int i = 0; i < 20; i++) {
      String queue = "q" + i;
      List<NewJob> job = List.of(NewJob.builder(queue, "a", "t", LONG_TEXT).dedupKey("k").build());
      String bodies = keys.ofQueue(queue, List.of("bodies-0")).get(0);
      redis.set(bodies, "no hash");
      assertThatThrownBy(() -> backend.jobQueue().enqueue(job)).isInstanceOf(StoreException.class);
      redis.del(bodies);

      assertThat(backend.jobQueue().enqueue(job).get(0).created()).isTrue();
      assertThat(backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs()).hasSize(1);
    }
  }

  @Test
  @DisplayName("Q30 settlements of which a text could not be stored have finished no job")
  void halfSettledText() {
    for (int i = 0; i < 20; i++) {
      String queue = "q" + i;
      backend
          .jobQueue()
          .enqueue(
              List.of(
                  NewJob.builder(queue, "a", "t", "").build(),
                  NewJob.builder(queue, "b", "t", "").build()));
      List<ClaimedJob> claimed =
          backend.jobQueue().claim(ClaimRequest.of(queue, "w", 2, LEASE)).jobs();
      List<Settlement> settlements =
          List.of(
              Settlement.done(claimed.get(0).lease()),
              Settlement.done(claimed.get(1).lease(), "r"));
      String results = keys.ofQueue(queue, List.of("results")).get(0);
      redis.set(results, "no hash");
      assertThatThrownBy(() -> backend.jobQueue().settle(settlements))
          .isInstanceOf(StoreException.class);
      redis.del(results);

      assertThat(backend.jobQueue().settle(settlements)).containsOnly(Settlement.Result.ACCEPTED);
      assertThat(backend.jobQueue().find(queue, "b").orElseThrow().result()).isEqualTo("r");
    }
  }

  @Test
  @DisplayName("Q45 a requeue that broke off halfway can be repeated")
  void halfRequeued() {
    backend.jobQueue().enqueue(List.of(NewJob.builder("q", "a", "t", "").dedupKey("k").build()));
    backend.jobQueue().settle(List.of(Settlement.failed(claim(), "e")));
    redis.del(key("failed"));
    redis.set(key("failed"), "no sorted set");
    assertThatThrownBy(() -> backend.jobAdmin().requeue("q", "a"))
        .isInstanceOf(StoreException.class);
    redis.del(key("failed"));

    assertThat(backend.jobAdmin().requeue("q", "a")).isEqualTo(JobAdmin.Requeue.REQUEUED);
    assertThat(claim().jobId()).isEqualTo("a");
  }

  @Test
  @DisplayName("Q44 the look for lost jobs is bounded, and comes to all of them")
  void lostAmongMany() {
    backend.jobQueue().enqueue(IntStream.range(0, 1000).mapToObj(i -> job("j" + i)).toList());
    redis.del(key("waiting-5"));
    backend.jobAdmin().resetExpired("q", 10).count();
    Long afterOne = redis.zcard(key("waiting-5"));
    assertThat(afterOne).isBetween(1L, 999L);

    for (int i = 0; i < 100; i++) {
      backend.jobAdmin().resetExpired("q", 10).count();
    }

    assertThat(redis.zcard(key("waiting-5"))).isEqualTo(1000);
  }

  @Test
  @DisplayName("Q44 a repair reads about a MiB of long payloads")
  void longPayloads() {
    int number = 20;
    for (int i = 0; i < number; i++) {
      redis.hset(key("bodies-0"), "lost" + i, "x".repeat(Limits.MAX_TEXT_BYTES));
    }
    backend.jobAdmin().resetExpired("q", 10).count();
    // A scan gives a bucket of the hash, mostly of one payload. Of short ones a repair reads ten.
    assertThat(redis.hlen(key("bodies-0"))).isBetween(number - 9L, number - 1L);

    for (int i = 0; i < 2 * number; i++) {
      backend.jobAdmin().resetExpired("q", 10).count();
    }
    assertThat(redis.exists(key("bodies-0"))).isZero();
  }

  @Test
  @DisplayName("Q44 a repair removes payloads that lie where no job looks for them, some at a time")
  void strayPayloads() {
    backend.jobQueue().enqueue(List.of(longJob("long"), job("short")));
    String stray = "y".repeat(200);
    redis.hset(key("bodies-0"), "short", stray);
    redis.hset(key("bodies-1"), "long", stray);
    for (int i = 0; i < 1_000; i++) {
      redis.hset(key("bodies-1"), "lost" + i, stray);
    }
    backend.jobAdmin().resetExpired("q", 10);
    backend.jobAdmin().resetExpired("q", 10);
    assertThat(redis.hlen(key("bodies-1"))).as("after two pieces").isGreaterThan(900);

    for (int i = 0; i < 300; i++) {
      backend.jobAdmin().resetExpired("q", 10);
    }
    assertThat(redis.hkeys(key("bodies-0"))).containsExactly("long");
    assertThat(redis.exists(key("bodies-1"))).isZero();
    assertThat(backend.jobQueue().find("q", "long").orElseThrow().payload()).isEqualTo(LONG_TEXT);
  }

  @Test
  @DisplayName(
      "Q44 Q48 a repair counts jobs that run again once, and not those that still count as held")
  void countsRetries() {
    AtomicLong ahead = new AtomicLong();
    try (var own = openAhead(config, ahead)) {
      own.jobQueue().enqueue(List.of(job("retry"), job("held"), job("expired")));
      own.jobQueue().settle(List.of(Settlement.retry(claim(), LONG, "e")));
      String place = redis.zrange(key("waiting-5"), 0, -1).get(2);
      redis.zadd(key("waiting-3"), Double.MAX_VALUE, place);
      own.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE));
      ahead.set(Micros.of(LEASE) + 60_000_000);
      own.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE));

      own.jobAdmin().purge("q", 10);

      assertThat(redis.zcard(key("expired"))).isEqualTo(1);
      assertThat(redis.hget(key("meta"), "retries")).isEqualTo("1");
    }
  }

  @Test
  @DisplayName("Q44 a purge by age-to-keep repairs places, keys, bodies and counts, piece by piece")
  void repairedByPurge() {
    AtomicLong ahead = new AtomicLong();
    try (var own = openAhead(config, ahead)) {
      own.jobQueue().enqueue(IntStream.range(0, 600).mapToObj(i -> job("j" + i)).toList());
      redis.del(key("waiting-5"));
      redis.hset(key("taken"), "k", "of a lost job");
      redis.hset(key("bodies-0"), "lost", "x".repeat(100));
      redis.hset(key("meta"), "retries", "7");
      own.jobAdmin().purge("q", 10);
      assertThat(redis.zcard(key("waiting-5"))).as("a piece").isBetween(1L, 599L);

      own.jobAdmin().purge("q", 10);
      assertThat(redis.zcard(key("waiting-5"))).as("not at once again").isLessThan(600);
      for (int i = 0; i < 100; i++) {
        ahead.addAndGet(Micros.of(Duration.ofMinutes(1)));
        own.jobAdmin().purge("q", 10);
      }
      assertThat(redis.zcard(key("waiting-5"))).isEqualTo(600);
      assertThat(redis.exists(key("taken"))).isZero();
      assertThat(redis.hexists(key("bodies-0"), "lost")).isFalse();
      assertThat(own.jobQueue().find("q", "j599").orElseThrow().payload()).isEqualTo("payload");
      assertThat(own.jobAdmin().counts().queues().get(0).jobs())
          .isEqualTo(Map.of(JobState.PENDING, 593L, JobState.RETRY, 7L));
      for (int i = 0; i < 2; i++) {
        settleAll(own.jobQueue().claim(ClaimRequest.of("q", "w", 100, LEASE)).jobs());
      }
      ahead.addAndGet(Micros.of(Duration.ofMinutes(1)));
      own.jobAdmin().purge("q", 10);
      assertThat(own.jobAdmin().counts().queues().get(0).count(JobState.RETRY)).isZero();
    }
  }

  @Test
  @DisplayName("Q82 what stays for the sake of a dedup key goes once its time is over")
  void keptKeysGo() {
    AtomicLong ahead = new AtomicLong();
    try (var own = openAhead(config, ahead)) {
      NewJob kept =
          NewJob.builder("q", "a", "t", "").dedupKey("k").dedupFor(Duration.ofHours(1)).build();
      own.jobQueue().enqueue(List.of(kept));
      settleAll(own.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs());
      assertThat(own.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(1);
      ahead.addAndGet(Micros.of(Duration.ofMinutes(59)));
      own.jobAdmin().purge("q", 10);
      assertThat(redis.hkeys(key("taken"))).as("before its time is over").containsExactly("k");
      assertThat(redis.zcard(key("windows"))).isEqualTo(1);

      ahead.addAndGet(Micros.of(Duration.ofMinutes(2)));
      own.jobAdmin().purge("q", 10);
      assertThat(redis.exists(key("taken"), key("windows"))).as("afterwards").isZero();
    }
  }

  @Test
  @DisplayName("Q82 dedup keys whose time is over go with a purge, in pieces, without a repair")
  void keptKeysGoInPieces() {
    AtomicLong clock = new AtomicLong(now());
    try (var own = RedisBackend.open(config, () -> "local now = " + clock.get() + "\n")) {
      List<NewJob> jobs =
          IntStream.range(0, 25).mapToObj(i -> keyed("j" + i, "k" + i, LONG)).toList();
      own.jobQueue().enqueue(jobs);
      for (ClaimedJob claimed :
          own.jobQueue().claim(ClaimRequest.of("q", "w", 100, LEASE)).jobs()) {
        own.jobQueue().settle(List.of(Settlement.done(claimed.lease())));
      }
      own.jobQueue().enqueue(List.of(keyed("waits", "k", LONG)));
      assertThat(own.jobAdmin().purge("q", Duration.ZERO, 100)).isEqualTo(25);
      clock.addAndGet(Micros.of(LONG) - 1);
      own.jobAdmin().resetExpired("q", 10);
      assertThat(redis.hlen(key("taken"))).as("before their time is over").isEqualTo(26);

      clock.addAndGet(1);
      assertThat(own.jobAdmin().purge("q", 10)).isEqualTo(10);
      assertThat(redis.hlen(key("taken"))).isEqualTo(16);
      assertThat(redis.hlen(key("windowKeys"))).isEqualTo(16);
      assertThat(redis.zcard(key("windows"))).isEqualTo(16);
      assertThat(own.jobAdmin().purge("q", 100)).isEqualTo(16);
      assertThat(redis.exists(key("windows"), key("windowKeys"))).isZero();
      assertThat(redis.hgetall(key("taken"))).as("not finished").isEqualTo(Map.of("k", "waits"));
    }
  }

  @Test
  @DisplayName("Q82 a key whose time is over is free, whatever another job with that id does")
  void keyOfAnEarlierJob() {
    AtomicLong ahead = new AtomicLong();
    try (var own = openAhead(config, ahead)) {
      own.jobQueue().enqueue(List.of(keyed("x", "k1", LONG)));
      settleAll(own.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs());
      assertThat(own.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(1);
      ahead.addAndGet(Micros.of(LONG));

      for (NewJob job : List.of(keyed("x", "k2", LONG), keyed("y", "k1", LONG))) {
        assertThat(own.jobQueue().enqueue(List.of(job)))
            .containsExactly(Enqueued.of(job.id(), true));
      }
      own.jobAdmin().purge("q", 10);
      assertThat(redis.hgetall(key("taken"))).isEqualTo(Map.of("k1", "y", "k2", "x"));
    }
  }

  @Test
  @DisplayName("Q45 Q82 a delete frees the key of a purged job, and no later job has it")
  void keyOfADeletedJob() {
    backend.jobQueue().enqueue(List.of(keyed("x", "k", LONG)));
    settleAll(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs());
    assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(1);
    assertThat(backend.jobAdmin().delete("q", "x")).as("no such job").isFalse();
    assertThat(redis.exists(key("taken"), key("windows"), key("windowKeys"))).isZero();

    backend.jobQueue().enqueue(List.of(keyed("z", "k", Duration.ZERO)));
    backend.jobQueue().settle(List.of(Settlement.failed(claim(), "e")));
    backend.jobQueue().enqueue(List.of(job("x")));
    redis.hset(key("taken"), "k", "x");
    backend.jobAdmin().resetExpired("q", 10);
    assertThat(redis.exists(key("taken"))).as("a repair frees it").isZero();
    redis.hset(key("taken"), "k", "x");
    assertThat(backend.jobAdmin().requeue("q", "z")).isEqualTo(JobAdmin.Requeue.REQUEUED);
  }

  @Test
  @DisplayName("Q04 Q82 a job that is gone keeps its own key, and none that a script has left it")
  void keyOfAnotherJob() {
    backend.jobQueue().enqueue(List.of(keyed("x", "own", LONG)));
    settleAll(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs());
    assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(1);
    redis.hset(key("taken"), "left", "x");

    assertThat(
            backend.jobQueue().enqueue(List.of(keyed("a", "left", LONG), keyed("b", "own", LONG))))
        .containsExactly(Enqueued.of("a", true), Enqueued.of("x", false));
  }

  private static NewJob keyed(String id, String key, Duration dedupFor) {
    return NewJob.builder("q", id, "t", "").dedupKey(key).dedupFor(dedupFor).build();
  }

  @Test
  @DisplayName("Q48 no count is negative, whatever a script that broke off has left")
  void noNegativeCount() {
    backend.jobQueue().enqueue(List.of(job("a")));
    redis.hset(key("meta"), "retries", "7");
    assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
        .isEqualTo(Map.of(JobState.RETRY, 1L));
    redis.hset(key("meta"), "retries", "-7");
    assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
        .isEqualTo(Map.of(JobState.PENDING, 1L));
  }

  @Test
  @DisplayName("Q20 a job that ends since its payload is lost is named, too")
  void lostBodyIsNamed() {
    backend.jobQueue().enqueue(List.of(longJob("a")));
    redis.del(key("bodies-0"));

    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).finished())
        .containsExactly(
            FinishedJob.builder("q", "a", "t", JobState.FAILED)
                .error("its payload is lost")
                .build());
  }

  @Test
  @DisplayName("Q15 a held job that stands among the waiting by mistake is not given again")
  void strayPlace() {
    backend.jobQueue().enqueue(List.of(job("a")));
    claim();
    String place = redis.zrange(key("held"), 0, 0).get(0);
    redis.zadd(key("waiting-5"), 0, place);

    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).isEmpty();
    assertThat(redis.zcard(key("waiting-5"))).isZero();
  }

  @Test
  @DisplayName("a job whose payload is lost fails by itself, and keeps no other from its worker")
  void lostBody() {
    backend.jobQueue().enqueue(List.of(longJob("a"), job("b"), longJob("c")));
    redis.hdel(key("bodies-0"), "a");

    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE)).jobs())
        .extracting(ClaimedJob::payload)
        .containsExactly("payload", LONG_TEXT);
    Job lost = backend.jobQueue().find("q", "a").orElseThrow();
    assertThat(lost.state()).isEqualTo(JobState.FAILED);
    assertThat(lost.error()).isEqualTo("its payload is lost");
    assertThat(backend.jobAdmin().list(JobQuery.of(JobFilter.all()).limit(10)).jobs()).hasSize(3);
    assertThat(backend.jobAdmin().counts().queues().get(0).count(JobState.FAILED)).isEqualTo(1);
  }

  @Test
  @DisplayName("a job whose payload is lost keeps none of a lower priority from its worker")
  void lostBodyOfHigherPriority() {
    NewJob low = NewJob.builder("q", "d", "t", "payload").priority(1).build();
    backend.jobQueue().enqueue(List.of(longJob("a"), job("b"), longJob("c"), low));
    redis.hdel(key("bodies-0"), "a");

    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 4, LEASE)).jobs())
        .extracting(job -> job.lease().jobId())
        .containsExactly("b", "c", "d");
  }

  @Test
  @DisplayName("Q04 Q45 a dedup key that a lost job has taken is free")
  void keyOfALostJob() {
    NewJob keyed = NewJob.builder("q", "a", "t", "").dedupKey("k").build();
    backend.jobQueue().enqueue(List.of(keyed));
    backend.jobQueue().settle(List.of(Settlement.failed(claim(), "e")));
    redis.hset(key("taken"), "k", "a job that is lost");
    assertThat(backend.jobAdmin().requeue("q", "a")).isEqualTo(JobAdmin.Requeue.REQUEUED);
    redis.hset(key("taken"), "k", "a job that is lost");

    NewJob other = NewJob.builder("q", "b", "t", "").dedupKey("k").build();
    assertThat(backend.jobQueue().enqueue(List.of(other)).get(0).created()).isTrue();
    assertThat(redis.hget(key("taken"), "k")).isEqualTo("b");
  }
}
