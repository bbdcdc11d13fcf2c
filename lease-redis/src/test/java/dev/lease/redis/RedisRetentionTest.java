package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long jobs that have finished stay, and the ids of those that have gone. */
@Timeout(120)
class RedisRetentionTest extends RedisStoreTest {

  @Test
  @DisplayName("done jobs go when their time is over, and so do failed ones, not before")
  void timeIsOver() {
    AtomicLong ahead = new AtomicLong();
    try (var brief =
        openAhead(config.withRetention(Duration.ZERO, Duration.ofHours(1), 100), ahead)) {
      brief.jobQueue().enqueue(List.of(job("a"), job("b"), job("c")));
      brief.jobQueue().settle(List.of(Settlement.done(claim())));
      brief.jobQueue().settle(List.of(Settlement.failed(claim(), "e")));
      brief.jobQueue().settle(List.of(Settlement.cancelled(claim(), "r")));

      ahead.set(twentyCalls().get());
      assertThat(brief.jobAdmin().purge("q", 10)).isEqualTo(1);

      assertThat(brief.jobQueue().find("q", "a")).isEmpty();
      assertThat(brief.jobQueue().find("q", "b")).isPresent();
      assertThat(brief.jobQueue().find("q", "c")).isPresent();
    }
  }

  @Test
  @DisplayName(
      "a changed time to be kept is for failed jobs from before when a reset comes to them")
  void keptForLess() {
    backend.jobQueue().enqueue(List.of(job("a")));
    backend.jobQueue().settle(List.of(Settlement.failed(claim(), "e")));
    try (var brief =
        openAhead(config.withRetention(Duration.ofHours(1), Duration.ZERO, 100), twentyCalls())) {
      assertThat(brief.jobAdmin().purge("q", 10)).isZero();
      brief.jobAdmin().resetExpired("q", 10).count();
      assertThat(brief.jobAdmin().purge("q", 10)).isEqualTo(1);
    }
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
        List<ClaimedJob> claimed =
            frugal.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs();
        frugal.jobQueue().settle(List.of(Settlement.done(claimed.get(0).lease(), "r")));
      }

      QueueCounts counts = frugal.jobAdmin().counts().queues().get(0);
      assertThat(counts.count(JobState.DONE)).isEqualTo(3 + 5);
      assertThat(frugal.jobQueue().find("q", "j0")).isPresent();
      assertThat(frugal.jobQueue().find("q", "j3")).isEmpty();
      assertThat(frugal.jobQueue().find("q", "j19")).isPresent();
      assertThat(redis.hlen(key("results"))).as("nothing is left of the others").isEqualTo(8);
    }
  }

  @Test
  @DisplayName("Q02 an id is remembered however many jobs are done after it")
  void rememberedBeyondTheMostKept() {
    backend.jobQueue().enqueue(List.of(job("order-1")));
    backend.jobQueue().settle(List.of(Settlement.done(claim())));
    for (int i = 0; i < 11; i++) {
      backend.jobQueue().enqueue(manyJobs("other" + i, 1_000));
      settleAll(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs());
    }
    assertThat(backend.jobQueue().find("q", "order-1")).as("the job itself").isEmpty();

    assertThat(backend.jobQueue().enqueue(List.of(job("order-1"), job("order-2"))))
        .containsExactly(Enqueued.of("order-1", false), Enqueued.of("order-2", true));

    backend.jobAdmin().delete("q", "order-1");
    assertThat(backend.jobQueue().enqueue(List.of(job("order-1"))).get(0).created()).isTrue();
  }

  @Test
  @DisplayName(
      "Q02 a job that is not kept stays for ten times a call, and its id if it is one of many")
  void rememberedThoughNotKept() {
    AtomicLong ahead = new AtomicLong();
    RedisConfig brief =
        config.withRetention(Duration.ZERO, Duration.ZERO, 1).withRememberedIds(Duration.ZERO);
    List<NewJob> batch = List.of(job("many"), job("done"), job("failed"));
    try (var own = openAhead(brief, ahead)) {
      JobQueue jobs = own.jobQueue();
      jobs.enqueue(batch);
      jobs.settle(
          List.of(
              Settlement.done(claim()), Settlement.done(claim()), Settlement.failed(claim(), "e")));
      for (String id : List.of("done", "failed")) {
        assertThat(jobs.find("q", id).orElseThrow().keep())
            .isEqualTo(config.callTimeout().multipliedBy(10));
      }
      ahead.set(calls(9));
      assertThat(own.jobAdmin().purge("q", 10)).isZero();
      assertThat(jobs.find("q", "many")).isEmpty();
      assertThat(jobs.enqueue(batch)).extracting(Enqueued::created).containsOnly(false);

      ahead.set(twentyCalls().get());
      assertThat(own.jobAdmin().purge("q", 10)).isEqualTo(2);
      assertThat(jobs.enqueue(batch)).extracting(Enqueued::created).containsOnly(true);
      assertThat(redis.exists(key("remembered"))).isZero();
    }
  }

  @Test
  @DisplayName("Q02 an id of many is remembered for its time, however its set grows old meanwhile")
  void rememberedInTurns() {
    AtomicLong ahead = new AtomicLong();
    RedisConfig brief =
        config.withRetention(Duration.ZERO, Duration.ZERO, 0).withRememberedIds(Duration.ZERO);
    try (var own = openAhead(brief, ahead)) {
      finish(own, "first");
      ahead.set(calls(9));
      finish(own, "second");
      ahead.set(calls(15));
      own.jobAdmin().purge("q", 10);
      ahead.set(calls(18));
      finish(own, "third");
      assertThat(isNew(own, "second")).isFalse();

      ahead.set(calls(26));
      own.jobAdmin().purge("q", 10);
      assertThat(isNew(own, "first")).isTrue();
      assertThat(isNew(own, "third")).isFalse();
      ahead.set(calls(37));
      assertThat(isNew(own, "third")).isTrue();
    }
  }

  @Test
  @DisplayName("Q38 a deletion also forgets an id whose set has grown old")
  void deletedFromTheOldSet() {
    AtomicLong ahead = new AtomicLong();
    RedisConfig brief =
        config.withRetention(Duration.ZERO, Duration.ZERO, 0).withRememberedIds(Duration.ZERO);
    try (var own = openAhead(brief, ahead)) {
      finish(own, "first");
      ahead.set(calls(15));
      own.jobAdmin().purge("q", 10);
      assertThat(redis.scard(key("rememberedBefore"))).isEqualTo(1);
      assertThat(isNew(own, "first")).isFalse();

      own.jobAdmin().delete("q", "first");
      assertThat(isNew(own, "first")).isTrue();
    }
  }

  @Test
  @DisplayName("Q02 an id is remembered as long as the process says that remembers ids the longest")
  void rememberedForTheLongest() {
    AtomicLong ahead = new AtomicLong();
    Duration hundredCalls = config.callTimeout().multipliedBy(100);
    RedisConfig unkept = config.withRetention(Duration.ZERO, Duration.ZERO, 0);
    try (var lasting = openAhead(unkept.withRememberedIds(hundredCalls), ahead);
        var brief = openAhead(unkept.withRememberedIds(Duration.ZERO), ahead)) {
      finish(lasting, "a");
      ahead.set(calls(50));
      finish(brief, "b");
      brief.jobAdmin().purge("q", 10);
      assertThat(isNew(brief, "a")).isFalse();
      ahead.set(calls(99));
      assertThat(isNew(brief, "a")).isFalse();

      ahead.set(calls(301));
      assertThat(isNew(brief, "a")).isTrue();
    }
  }

  @Test
  @DisplayName("Q02 the id of one of many DONE jobs stays as long as the job would have stayed")
  void rememberedAsLongAsKept() {
    AtomicLong ahead = new AtomicLong();
    Duration keepDone = config.callTimeout().multipliedBy(400);
    RedisConfig brief =
        config.withRetention(keepDone, Duration.ZERO, 1).withRememberedIds(Duration.ZERO);
    try (var own = openAhead(brief, ahead)) {
      finish(own, "a");
      finish(own, "b");
      assertThat(own.jobQueue().find("q", "a")).as("the job itself").isEmpty();
      ahead.set(calls(399));
      own.jobAdmin().purge("q", 10);
      assertThat(isNew(own, "a")).isFalse();
    }
  }

  @Test
  @DisplayName("Q02 a purge by a process that remembers ids for less forgets no id of another")
  void purgedByABriefOne() {
    AtomicLong ahead = new AtomicLong();
    Duration hundredCalls = config.callTimeout().multipliedBy(100);
    RedisConfig kept = config.withRetention(Duration.ZERO, Duration.ZERO, 100);
    try (var lasting = openAhead(kept.withRememberedIds(hundredCalls), ahead);
        var brief = openAhead(kept.withRememberedIds(Duration.ZERO), ahead)) {
      finish(lasting, "a");
      ahead.set(calls(20));
      assertThat(lasting.jobAdmin().purge("q", 10)).isEqualTo(1);
      finish(lasting, "b");
      ahead.set(calls(50));
      assertThat(brief.jobAdmin().purge("q", 10)).isEqualTo(1);
      ahead.set(calls(99));
      for (String id : List.of("a", "b")) {
        assertThat(brief.jobQueue().find("q", id)).isEmpty();
        assertThat(isNew(brief, id)).isFalse();
      }
    }
  }

  @Test
  @DisplayName("Q02 a purge says for how long ids are remembered, also where none is so far")
  void askedByAPurgeOfNothing() {
    AtomicLong ahead = new AtomicLong();
    Duration hundredCalls = config.callTimeout().multipliedBy(100);
    RedisConfig kept = config.withRetention(Duration.ZERO, Duration.ZERO, 100);
    try (var lasting = openAhead(kept.withRememberedIds(hundredCalls), ahead);
        var brief = openAhead(kept.withRememberedIds(Duration.ZERO), ahead)) {
      finish(lasting, "a");
      assertThat(lasting.jobAdmin().purge("q", 10)).isZero();
      ahead.set(calls(50));
      assertThat(brief.jobAdmin().purge("q", 10)).isEqualTo(1);
      ahead.set(calls(99));
      assertThat(isNew(brief, "a")).isFalse();
    }
  }

  @Test
  @DisplayName("Q02 ids are remembered for less once no process asks for more")
  void rememberedForLess() {
    AtomicLong ahead = new AtomicLong();
    Duration hundredCalls = config.callTimeout().multipliedBy(100);
    RedisConfig unkept = config.withRetention(Duration.ZERO, Duration.ZERO, 0);
    try (var lasting = openAhead(unkept.withRememberedIds(hundredCalls), ahead);
        var brief = openAhead(unkept.withRememberedIds(Duration.ZERO), ahead)) {
      finish(lasting, "a");
      for (int at : List.of(90, 189, 201)) {
        ahead.set(calls(at));
        brief.jobAdmin().purge("q", 10);
        finish(brief, "at" + at);
        assertThat(isNew(brief, "at90")).as("at " + at).isEqualTo(at == 201);
      }
      ahead.set(calls(222));
      assertThat(isNew(brief, "at201")).isTrue();
    }
  }

  @Test
  @DisplayName("Q02 a job that is purged before its time leaves its id, unless by its age")
  void rememberedBeyondThePurge() {
    AtomicLong ahead = new AtomicLong();
    RedisConfig brief = config.withRetention(Duration.ZERO, Duration.ZERO, 100);
    try (var own =
        openAhead(brief.withRememberedIds(config.callTimeout().multipliedBy(100)), ahead)) {
      for (String id : List.of("a", "b")) {
        finish(own, id);
      }
      assertThat(own.jobAdmin().purge("q", Duration.ZERO, 1)).isEqualTo(1);
      assertThat(isNew(own, "a")).isTrue();
      own.jobQueue()
          .settle(
              List.of(
                  Settlement.failed(
                      own.jobQueue()
                          .claim(ClaimRequest.of("q", "w", 1, LEASE))
                          .jobs()
                          .get(0)
                          .lease(),
                      "e")));

      ahead.set(calls(20));
      assertThat(own.jobAdmin().purge("q", 10)).isEqualTo(2);
      for (String id : List.of("a", "b")) {
        assertThat(own.jobQueue().find("q", id)).isEmpty();
        assertThat(isNew(own, id)).isFalse();
      }
      ahead.set(calls(99));
      assertThat(isNew(own, "b")).isFalse();
      ahead.set(calls(230));
      assertThat(isNew(own, "b")).isTrue();
    }
  }

  @Test
  @DisplayName("Q02 a clock that was ahead does not keep ids for ever")
  void rememberedByAClockThatWasAhead() {
    AtomicLong ahead = new AtomicLong(calls(1_000));
    RedisConfig brief =
        config.withRetention(Duration.ZERO, Duration.ZERO, 0).withRememberedIds(Duration.ZERO);
    try (var own = openAhead(brief, ahead)) {
      finish(own, "a");
      ahead.set(0);
      own.jobAdmin().purge("q", 10);
      assertThat(isNew(own, "a")).isFalse();

      ahead.set(calls(21));
      assertThat(isNew(own, "a")).isTrue();
    }
  }

  @Test
  @DisplayName("Q02 an id is remembered also if nobody purged for long, or no other was before it")
  void rememberedAfterAPause() {
    AtomicLong ahead = new AtomicLong();
    RedisConfig brief =
        config.withRetention(Duration.ZERO, Duration.ZERO, 0).withRememberedIds(Duration.ZERO);
    try (var own = openAhead(brief, ahead)) {
      own.jobQueue().enqueue(List.of(job("first")));
      own.jobAdmin().purge("q", 10);
      ahead.set(calls(15));
      assertThat(own.jobAdmin().purge("q", 10)).as("without any id").isZero();
      settleAll(own.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs());

      ahead.set(calls(100));
      finish(own, "second");
      assertThat(isNew(own, "second")).isFalse();
    }
  }

  @Test
  @DisplayName("Q02 a process that remembers ids for longer is heard while ids are remembered")
  void rememberedForLongerFromNowOn() {
    AtomicLong ahead = new AtomicLong();
    RedisConfig unkept = config.withRetention(Duration.ZERO, Duration.ZERO, 0);
    Duration hundredCalls = config.callTimeout().multipliedBy(100);
    try (var brief = openAhead(unkept.withRememberedIds(Duration.ZERO), ahead);
        var lasting = openAhead(unkept.withRememberedIds(hundredCalls), ahead)) {
      finish(brief, "a");
      finish(lasting, "b");
      ahead.set(calls(50));
      brief.jobAdmin().purge("q", 10);
      assertThat(isNew(brief, "b")).isFalse();
    }
  }

  @Test
  @DisplayName("H06 a purge sets times of remembered ids also if the memory is full")
  void fullMemory() {
    AtomicLong ahead = new AtomicLong(calls(1_000));
    try (var server = RedisProcess.start();
        var full = openAhead(RedisConfig.of(server.uri()), ahead);
        var settings = RedisClient.create(server.uri())) {
      full.jobQueue().enqueue(List.of(job("a")));
      settings.connect().sync().configSet("maxmemory", "1");
      for (long clock : List.of(calls(1_000), 0L)) {
        ahead.set(clock);
        assertThat(full.jobAdmin().purge("q", 10)).isZero();
      }
    }
  }

  private void finish(RedisBackend backend, String id) {
    assertThat(isNew(backend, id)).isTrue();
    List<ClaimedJob> claimed = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs();
    backend.jobQueue().settle(List.of(Settlement.done(claimed.get(0).lease())));
  }

  private static boolean isNew(RedisBackend backend, String id) {
    return backend.jobQueue().enqueue(List.of(job(id))).get(0).created();
  }

  private AtomicLong twentyCalls() {
    return new AtomicLong(calls(20));
  }

  @Test
  @DisplayName("where no done jobs are kept, the end of some removes them, and no other")
  void doneNotKept() {
    try (var frugal =
        RedisBackend.open(config.withRetention(Duration.ofHours(1), Duration.ofHours(1), 0))) {
      frugal.jobQueue().enqueue(List.of(job("a")));
      frugal.jobQueue().settle(List.of(Settlement.retry(claim(), Duration.ZERO, "e")));
      frugal.jobQueue().enqueue(List.of(job("b"), job("c")));
      List<ClaimedJob> claimed =
          frugal.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE)).jobs();
      frugal
          .jobQueue()
          .settle(
              List.of(
                  Settlement.done(claimed.get(0).lease(), "r"),
                  Settlement.failed(claimed.get(1).lease(), "e"),
                  Settlement.done(claimed.get(2).lease())));

      assertThat(redis.hkeys(key("jobs"))).containsExactly("b");
      assertThat(redis.hkeys(key("failures"))).containsExactly("b");
      assertThat(redis.exists(key("done"), key("results"))).isZero();
    }
  }
}
