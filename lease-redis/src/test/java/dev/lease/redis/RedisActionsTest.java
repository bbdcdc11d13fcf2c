package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ActionQuery;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.Settlement;
import dev.lease.StoreException;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the keys say about operators and attempts, beside what the kit asks of the calls. */
class RedisActionsTest extends RedisStoreTest {

  private static final long MOST = 10_000;

  @Test
  @DisplayName("Q90 a queue keeps its last 10,000 records")
  void bounded() {
    redis.eval(
        "for i = 1, 10000 do redis.call('ZADD', KEYS[1], i, i)"
            + " redis.call('HSET', KEYS[2], i, 'anna\\0\\0CANCEL\\0' .. i .. '\\0\\0001') end",
        ScriptOutputType.STATUS,
        key("actions"),
        key("actionTexts"));
    JobAdmin anna = backend.jobAdmin().by(Operator.of("anna", ""));

    anna.pause("q");
    anna.resume("q");

    assertThat(redis.zcard(key("actions"))).isEqualTo(MOST);
    assertThat(redis.hlen(key("actionTexts"))).isEqualTo(MOST);
    assertThat(ids(ActionQuery.inQueue("q")))
        .as("the newest")
        .containsExactly(null, null, "10000", "9999");
    assertThat(ids(ActionQuery.ofJob("q", "5"))).as("of a job far back").containsExactly("5");
    assertThat(ids(ActionQuery.ofJob("q", "1"))).as("of a job whose record is gone").isEmpty();
  }

  private List<@Nullable String> ids(ActionQuery query) {
    List<@Nullable String> ids = new ArrayList<>();
    for (OperatorAction action : backend.jobAdmin().actions(query.limit(4)).actions()) {
      ids.add(action.id());
    }
    return ids;
  }

  @Test
  @DisplayName("Q88 a delete in several scripts is recorded by the one that cancels the job")
  void recordedAtOnce() {
    NewJob keyed =
        NewJob.builder("q", "a", "t", "").dedupKey("k").dedupFor(Duration.ofHours(1)).build();
    backend.jobQueue().enqueue(List.of(keyed));
    JobLease lease = claim();
    for (int i = 0; i < 1_001; i++) {
      backend.jobQueue().checkpoint(lease, "s" + i, "v");
    }
    String secondFails =
        Scripts.SERVER_CLOCK.get() + "if ARGV[1] == 'a' and ARGV[2] == '' then error('test') end\n";
    Operator anna = Operator.of("anna", "");
    try (var broken = RedisBackend.open(config, () -> secondFails)) {
      assertThatThrownBy(() -> broken.jobAdmin().by(anna).delete("q", "a"))
          .isInstanceOf(StoreException.class);
    }
    Job left = backend.jobQueue().find("q", "a").orElseThrow();
    assertThat(left.state()).isEqualTo(JobState.CANCELLED);
    assertThat(left.dedupUntil()).as("its key is free").isNull();
    assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
        .isEqualTo(Map.of(JobState.CANCELLED, 1L));
    assertThat(backend.jobQueue().settle(List.of(Settlement.done(lease))))
        .containsExactly(Settlement.Result.LOST);
    assertThat(ids(ActionQuery.ofJob("q", "a"))).containsExactly("a");

    assertThat(backend.jobAdmin().delete("q", "a")).isTrue();
  }

  @Test
  @DisplayName("Q88 a delete in several scripts has one record")
  void recordedOnce() {
    backend.jobQueue().enqueue(List.of(job("a")));
    JobLease lease = claim();
    for (int i = 0; i < 1_001; i++) {
      backend.jobQueue().checkpoint(lease, "s" + i, "v");
    }
    assertThat(backend.jobAdmin().by(Operator.of("anna", "")).delete("q", "a")).isTrue();

    assertThat(backend.jobAdmin().actions(ActionQuery.ofJob("q", "a")).actions())
        .extracting(OperatorAction::changed)
        .containsExactly(1);
  }

  @Test
  @DisplayName("Q88 Q89 a delete of what stays of a job is recorded, once")
  void deletedKey() {
    AtomicLong ahead = new AtomicLong();
    try (var own = openAhead(config, ahead)) {
      for (String id : List.of("a", "b")) {
        NewJob keyed =
            NewJob.builder("q", id, "t", "").dedupKey(id).dedupFor(Duration.ofHours(1)).build();
        own.jobQueue().enqueue(List.of(keyed));
        own.jobQueue().settle(List.of(Settlement.failed(claim(), "e")));
      }
      own.jobAdmin().purge("q", Duration.ZERO, 10);
      JobAdmin anna = own.jobAdmin().by(Operator.of("anna", ""));
      assertThat(anna.delete("q", "a")).isFalse();
      assertThat(anna.delete("q", "a")).isFalse();
      assertThat(ids(ActionQuery.ofJob("q", "a"))).containsExactly("a");

      ahead.addAndGet(Micros.of(Duration.ofHours(1)));
      assertThat(anna.delete("q", "b")).isFalse();
      assertThat(ids(ActionQuery.ofJob("q", "b"))).as("its time was over").isEmpty();
    }
  }

  @Test
  @DisplayName("Q90 a queue of which only records are left keeps its name until they go")
  void name() {
    backend.jobQueue().enqueue(List.of(job("a")));
    backend.jobAdmin().by(Operator.of("anna", "")).delete("q", "a");
    var ahead = new AtomicLong();
    try (var later = openAhead(config, ahead)) {
      purgeOften(later, ahead);
      assertThat(later.jobAdmin().actions(ActionQuery.all()).actions()).hasSize(1);
      assertThat(later.jobAdmin().purgeActions("q", Duration.ZERO, 10)).isEqualTo(1);
      assertThat(redis.exists(key("actions"), key("actionTexts"))).isZero();
      assertThat(redis.smembers(keys.queues())).containsExactly("q");
      purgeOften(later, ahead);
      assertThat(redis.smembers(keys.queues())).isEmpty();
    }
  }

  private static void purgeOften(RedisBackend later, AtomicLong ahead) {
    for (int i = 0; i < 3; i++) {
      ahead.addAndGet(3_600_000_000L);
      later.jobAdmin().purge("q", 10);
    }
  }

  @Test
  @DisplayName("Q93 the time of a claim is that of its token")
  void claimedAt() {
    backend.jobQueue().enqueue(List.of(job("a")));
    Instant before = backend.jobQueue().find("q", "a").map(Job::asOf).orElseThrow();
    JobLease lease = claim();
    backend.jobQueue().settle(List.of(Settlement.retry(lease, Duration.ZERO, "e")));

    FailedAttempt failed = backend.jobAdmin().failedAttempts("q", "a").get(0);
    assertThat(failed.token()).isEqualTo(lease.token());
    assertThat(failed.claimedAt())
        .isEqualTo(Micros.ofToken(lease.token()))
        .isAfterOrEqualTo(before);
  }
}
