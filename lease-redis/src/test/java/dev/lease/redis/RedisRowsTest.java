package dev.lease.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ActionQuery;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.StepValue;
import dev.lease.StoreException;
import dev.lease.testkit.server.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rows that this version of Lease did not write, or that nobody can read. */
@Timeout(120)
class RedisRowsTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private final RedisConfig config =
      RedisConfig.of(TestServers.redis()).withPrefix("test-" + UUID.randomUUID());
  private final Keys keys = new Keys(config.prefix());
  private final RedisClient client = RedisClient.create(config.uri());
  private final RedisCommands<String, byte[]> redis =
      client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE)).sync();

  @AfterEach
  void close() {
    client.shutdown();
  }

  private String key(String kind) {
    return keys.ofQueue("q", List.of(kind)).get(0);
  }

  private static NewJob job(String id, int priority) {
    return NewJob.builder("q", id, "t", "payload of " + id).priority(priority).build();
  }

  private static List<NewJob> jobs(String prefix, int number, int priority) {
    return IntStream.range(0, number).mapToObj(i -> job(prefix + i, priority)).toList();
  }

  private static List<String> ids(List<ClaimedJob> claimed) {
    return claimed.stream().map(each -> each.lease().jobId()).toList();
  }

  @Test
  @DisplayName("Q43 a row that cannot be read costs no other job its place, and is seen as failed")
  void damagedWaiting() {
    try (var backend = RedisBackend.open(config)) {
      backend.jobQueue().enqueue(jobs("high", 50, 9));
      String payload = "x".repeat(1_000); // A shorter one would lie in the row.
      NewJob bad = NewJob.builder("q", "bad", "t", payload).priority(3).build();
      backend.jobQueue().enqueue(List.of(bad, job("low", 3)));
      byte[] damaged = "x".getBytes(US_ASCII);
      redis.hset(key("jobs"), "bad", damaged);
      JobAdmin admin = backend.jobAdmin();
      assertThat(failed(admin)).as("before a claim meets it").extracting(Job::id).isEmpty();
      assertThat(admin.list(JobQuery.of(JobFilter.all()).limit(100)).jobs()).hasSize(52);

      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 100, LEASE)).jobs())
          .hasSize(51);

      assertThat(redis.hget(key("jobs"), "bad")).isEqualTo(damaged);
      QueueCounts counts = admin.counts().queues().get(0);
      assertThat(counts.jobs()).isEqualTo(Map.of(JobState.PROCESSING, 51L, JobState.FAILED, 1L));
      assertThat(failed(admin)).extracting(Job::id).containsExactly("bad");
      assertThat(failed(admin).get(0).error()).contains("its row is damaged");
      assertThat(failed(admin).get(0).payload()).isEqualTo(payload);
      assertThat(admin.list(JobQuery.of(JobFilter.all()).limit(100)).jobs()).hasSize(52);
      assertThat(backend.jobQueue().find("q", "bad").orElseThrow().state())
          .isEqualTo(JobState.FAILED);
      assertThat(backend.jobQueue().enqueue(List.of(job("bad", 3))).get(0).created()).isFalse();
      assertThat(admin.requeue("q", "bad")).isEqualTo(JobAdmin.Requeue.NOT_FAILED);
      assertThat(admin.cancel("q", "bad")).isEqualTo(JobAdmin.Cancellation.FINISHED);
      assertThat(admin.change("q", "bad", JobChange.runNow())).isEqualTo(JobAdmin.Change.FINISHED);
      Instant since = backend.jobQueue().find("q", "bad").map(Job::finishedAt).orElseThrow();
      for (int i = 0; i < 3; i++) {
        assertThat(admin.resetExpired("q", 100).count()).isZero();
      }
      assertThat(failed(admin))
          .as("a repair leaves its payload")
          .extracting(Job::payload)
          .containsExactly(payload);
      assertThat(failed(admin).get(0).finishedAt()).as("since when it is damaged").isEqualTo(since);

      assertThat(admin.by(Operator.of("anna", "")).delete("q", "bad")).isTrue();
      assertThat(admin.actions(ActionQuery.ofJob("q", "bad")).actions()).as("Q88").hasSize(1);
      assertThat(redis.exists(key("bodies-0"))).isZero();
      assertThat(failed(admin)).isEmpty();
      assertThat(backend.jobQueue().find("q", "bad")).isEmpty();
      assertThat(admin.counts().queues().get(0).jobs()).isEqualTo(Map.of(JobState.PROCESSING, 51L));
      assertThat(backend.jobQueue().enqueue(List.of(job("bad", 3))).get(0).created()).isTrue();
    }
  }

  private static List<Job> failed(JobAdmin admin) {
    return admin.list(JobQuery.of(JobFilter.all().inState(JobState.FAILED)).limit(100)).jobs();
  }

  @Test
  @DisplayName("Q43 a damaged row of a job that is held or finished stops nothing either")
  void damagedElsewhere() {
    try (var backend = RedisBackend.open(config.withRetention(Duration.ZERO, LEASE, 100))) {
      backend.jobQueue().enqueue(jobs("j", 4, 5));
      List<ClaimedJob> claimed =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 4, Duration.ofMillis(1))).jobs();
      backend
          .jobQueue()
          .settle(
              List.of(
                  Settlement.done(claimed.get(2).lease()),
                  Settlement.done(claimed.get(3).lease())));
      byte[] row = redis.hget(key("jobs"), "j0");
      redis.hset(key("jobs"), "j0", Arrays.copyOf(row, row.length - 1));
      redis.hset(key("jobs"), "j2", new byte[0]);
      redis.hset(key("jobs"), "j9", new byte[] {7, 7});

      JobLease lost = claimed.get(0).lease();
      assertThat(backend.jobQueue().extend(List.of(lost), LEASE)).containsExactly(Extension.lost());
      assertThat(backend.jobQueue().settle(List.of(Settlement.done(lost))))
          .containsExactly(Settlement.Result.LOST);
      assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 100)).isEqualTo(1);
      assertThat(ids(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()))
          .containsExactly("j1");
      backend.jobAdmin().resetExpired("q", 100).count();

      assertThat(failed(backend.jobAdmin()))
          .extracting(Job::id)
          .containsExactlyInAnyOrder("j0", "j2", "j9");
      assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
          .isEqualTo(Map.of(JobState.PROCESSING, 1L, JobState.FAILED, 3L));
    }
  }

  @Test
  @DisplayName("Q43 a lease is not extended if the row is damaged, and the row stays as it is")
  void damagedHeld() {
    try (var backend = RedisBackend.open(config)) {
      backend.jobQueue().enqueue(jobs("j", 1, 5));
      JobLease held =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      backend.jobQueue().checkpoint(held, "step", "v");
      byte[] row = redis.hget(key("jobs"), "j0");
      byte[] damaged = Arrays.copyOf(row, row.length - 1);
      redis.hset(key("jobs"), "j0", damaged);

      assertThat(backend.jobQueue().extend(List.of(held), LEASE)).containsExactly(Extension.lost());
      assertThat(redis.hget(key("jobs"), "j0")).isEqualTo(damaged);
      assertThat(backend.jobAdmin().steps("q", "j0"))
          .extracting(StepValue::name)
          .containsExactly("step");
    }
  }

  @Test
  @DisplayName("Q43 a lease is lost if the row is damaged where its dedup key stands")
  void damagedKey() {
    try (var backend = RedisBackend.open(config)) {
      NewJob keyed = NewJob.builder("q", "a", "t", "").dedupKey("dedup-key").build();
      backend.jobQueue().enqueue(List.of(keyed, job("b", 5)));
      List<ClaimedJob> claimed =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE)).jobs();
      byte[] row = redis.hget(key("jobs"), "a");
      // The zero byte that ends it.
      row[new String(row, ISO_8859_1).indexOf("dedup-key") + 9] = 'x';
      redis.hset(key("jobs"), "a", row);

      assertThat(
              backend
                  .jobQueue()
                  .settle(
                      claimed.stream()
                          .<Settlement>map(each -> Settlement.done(each.lease()))
                          .toList()))
          .containsExactly(Settlement.Result.LOST, Settlement.Result.ACCEPTED);
      NewJob other = NewJob.builder("q", "c", "t", "").dedupKey("dedup-key").build();
      assertThat(backend.jobQueue().enqueue(List.of(other)))
          .as("it may still have its key")
          .containsExactly(Enqueued.of("a", false));
    }
  }

  @Test
  @DisplayName("Q43 a row is damaged if a field of it has a value that no version writes")
  void impossibleValues() {
    // Of the state, the end, the priority, the due time, and the size of the payload.
    Map<Integer, String> values = Map.of(2, "6", 7, "nan", 11, "40", 12, "nan", 16, "1");
    try (var backend = RedisBackend.open(config)) {
      for (int field : values.keySet()) {
        String id = "field" + field;
        backend.jobQueue().enqueue(List.of(job(id, 5)));
        redis.eval(
            """
            local old = redis.call('HGET', KEYS[1], ARGV[1])
            local row = {struct.unpack('<BBBI4I4ddssc8BddI4sI4I2c0', old)}
            local body = string.sub(old, row[18])
            row[17], row[18] = #row[17], row[17]
            row[tonumber(ARGV[2])] = tonumber(ARGV[3])
            redis.call('HSET', KEYS[1], ARGV[1], struct.pack('<BBBI4I4ddssc8BddI4sI4I2c0', unpack(row)) .. body)
            return 0
            """,
            ScriptOutputType.INTEGER,
            new String[] {key("jobs")},
            Stream.of(id, "" + field, values.get(field))
                .map(text -> text.getBytes(US_ASCII))
                .toArray(byte[][]::new));

        assertThat(backend.jobQueue().find("q", id).orElseThrow().error())
            .as(id)
            .contains("its row is damaged");
      }
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()).isEmpty();
      assertThat(redis.zcard(key("broken"))).isEqualTo(values.size());
    }
  }

  @Test
  @DisplayName("Q43 rows of later versions have the numbers 131 to 191, others are damaged")
  void numbersOfVersions() {
    try (var backend = RedisBackend.open(config)) {
      for (int number : List.of(127, 130, 131, 191, 192)) {
        String id = "v" + number;
        backend.jobQueue().enqueue(List.of(job(id, 5)));
        byte[] row = redis.hget(key("jobs"), id);
        row[0] = (byte) number;
        redis.hset(key("jobs"), id, row);
      }

      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()).isEmpty();
      assertThat(failed(backend.jobAdmin()))
          .extracting(Job::id)
          .containsExactlyInAnyOrder("v127", "v130", "v192");
      assertThat(redis.zcard(key("later"))).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("Q43 a row of a later version is left as it is, where those find it who read it")
  void laterRow() {
    try (var backend = RedisBackend.open(config)) {
      backend.jobQueue().enqueue(jobs("new", 3, 9));
      byte[] later = redis.hget(key("jobs"), "new1");
      later[0] = (byte) (later[0] + 3);
      for (String id : List.of("new0", "new1", "new2")) {
        redis.hset(key("jobs"), id, later);
      }
      backend.jobQueue().enqueue(jobs("old", 3, 9));

      assertThat(ids(backend.jobQueue().claim(ClaimRequest.of("q", "w", 100, LEASE)).jobs()))
          .containsExactly("old0", "old1", "old2");
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 100, LEASE)).jobs()).isEmpty();
      backend.jobAdmin().resetExpired("q", 100).count();

      assertThat(redis.hget(key("jobs"), "new1")).isEqualTo(later);
      assertThat(redis.zcard(key("later"))).isEqualTo(3);
      assertThat(redis.exists(key("broken"))).isZero();
      assertThat(backend.jobAdmin().list(JobQuery.of(JobFilter.all()).limit(100)).jobs())
          .hasSize(3);
      assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
          .isEqualTo(Map.of(JobState.PROCESSING, 3L, JobState.PENDING, 3L));
      assertThat(backend.jobQueue().enqueue(List.of(job("new1", 9))).get(0).created()).isFalse();
      for (Runnable call :
          List.<Runnable>of(
              () -> backend.jobQueue().find("q", "new1"),
              () -> backend.jobAdmin().cancel("q", "new1"),
              () -> backend.jobAdmin().requeue("q", "new1"),
              () -> backend.jobAdmin().change("q", "new1", JobChange.runNow()),
              () -> backend.jobAdmin().delete("q", "new1"))) {
        assertThatThrownBy(call::run)
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse())
            .hasMessageContaining("a later version of Lease");
      }
    }
  }

  /** Makes rows of a later version out of those of all jobs whose id begins like this. */
  private void makeLater(String prefix) {
    redis.eval(
        """
        for _, id in ipairs(redis.call('HKEYS', KEYS[1])) do
          if string.sub(id, 1, #ARGV[1]) == ARGV[1] then
            local row = redis.call('HGET', KEYS[1], id)
            redis.call('HSET', KEYS[1], id, string.char(string.byte(row) + 3) .. string.sub(row, 2))
          end
        end
        return 0
        """,
        ScriptOutputType.INTEGER,
        new String[] {key("jobs")},
        prefix.getBytes(US_ASCII));
  }

  @Test
  @DisplayName("Q43 many rows of a later version in front keep no other job from its worker")
  void manyLaterRows() {
    try (var backend = RedisBackend.open(config)) {
      for (int i = 0; i < 3; i++) {
        backend.jobQueue().enqueue(jobs("new" + i + "-", i == 2 ? 500 : 1_000, 5));
      }
      makeLater("new");
      backend.jobQueue().enqueue(jobs("old", 1, 5));

      assertThat(ids(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()))
          .containsExactly("old0");
    }
  }

  /** More than a script looks at. */
  private static final int MANY = 2_500;

  private void enqueueAndClaim(RedisBackend store, String prefix, int number) {
    for (int i = 0; i < number; i += Limits.MAX_BATCH) {
      int rest = Math.min(number - i, Limits.MAX_BATCH);
      store.jobQueue().enqueue(jobs(prefix + i + "-", rest, 5));
      assertThat(store.jobQueue().claim(ClaimRequest.of("q", "w", rest, LEASE)).jobs())
          .hasSize(rest);
    }
  }

  /** A store with many expired leases of a later version, and one of this version behind them. */
  private RedisBackend openWithLaterHeld() {
    var ahead = new AtomicLong();
    RedisBackend backend = RedisStoreTest.openAhead(config, ahead);
    enqueueAndClaim(backend, "new", MANY);
    makeLater("new");
    enqueueAndClaim(backend, "old", 1);
    ahead.set(Micros.of(LEASE) + 60_000_000);
    return backend;
  }

  @Test
  @DisplayName("Q43 many expired leases of a later version keep no other job from its worker")
  void manyLaterHeld() {
    try (var backend = openWithLaterHeld()) {
      assertThat(ids(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()))
          .containsExactly("old0-0");
      assertThat(redis.zcard(key("later"))).isEqualTo(MANY);
    }
  }

  @Test
  @DisplayName("Q43 many expired leases of a later version keep no other job from its reset")
  void manyLaterToReset() {
    try (var backend = openWithLaterHeld()) {
      assertThat(backend.jobAdmin().resetExpired("q", Limits.MAX_BATCH).count()).isEqualTo(1);
      assertThat(redis.zcard(key("later"))).isEqualTo(MANY);
    }
  }

  @Test
  @DisplayName("Q46 many rows of a later version among the finished keep no other from the purge")
  void manyLaterFinished() {
    var ahead = new AtomicLong();
    try (var backend = RedisStoreTest.openAhead(config, ahead)) {
      for (String prefix : List.of("new", "old")) {
        int number = prefix.equals("old") ? 1 : MANY;
        for (int i = 0; i < number; i += Limits.MAX_BATCH) {
          int rest = Math.min(number - i, Limits.MAX_BATCH);
          backend.jobQueue().enqueue(jobs(prefix + i + "-", rest, 5));
          backend
              .jobQueue()
              .settle(
                  backend.jobQueue().claim(ClaimRequest.of("q", "w", rest, LEASE)).jobs().stream()
                      .<Settlement>map(job -> Settlement.done(job.lease()))
                      .toList());
        }
      }
      makeLater("new");
      ahead.set(Micros.of(config.keepDone()) + 60_000_000);

      assertThat(backend.jobAdmin().purge("q", Limits.MAX_BATCH)).isEqualTo(1);
    }
  }

  @Test
  @DisplayName(
      "Q43 of DONE jobs that are too many those of a later version go too, but not their ids")
  void laterAmongTooMany() {
    try (var backend = RedisBackend.open(config.withRetention(LEASE, LEASE, 1))) {
      for (String id : List.of("new", "old")) {
        backend.jobQueue().enqueue(jobs(id, 1, 5));
        List<ClaimedJob> claimed =
            backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs();
        backend.jobQueue().settle(List.of(Settlement.done(claimed.get(0).lease())));
        makeLater("new");
      }

      assertThat(redis.hkeys(key("jobs"))).containsExactly("old0");
      assertThat(backend.jobQueue().enqueue(jobs("new", 1, 5)).get(0).created()).isFalse();
    }
  }

  @Test
  @DisplayName("Q43 a job that was expired and is put aside counts once")
  void putAsideOnce() {
    var ahead = new AtomicLong();
    try (var backend = RedisStoreTest.openAhead(config, ahead)) {
      enqueueAndClaim(backend, "new", 2);
      ahead.set(Micros.of(LEASE) + 60_000_000);
      assertThat(ids(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()))
          .containsExactly("new0-0");
      makeLater("new0-1");

      assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isZero();

      assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
          .isEqualTo(Map.of(JobState.PENDING, 1L, JobState.PROCESSING, 1L));
    }
  }

  @Test
  @DisplayName("Q43 Q48 a job whose row is damaged is on a list once, wherever its places are")
  void damagedOnLists() {
    var ahead = new AtomicLong();
    try (var backend = RedisStoreTest.openAhead(config, ahead)) {
      enqueueAndClaim(backend, "expired", 2);
      ahead.set(Micros.of(LEASE) + 60_000_000);
      assertThat(ids(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()))
          .containsExactly("expired0-0");
      backend.jobQueue().enqueue(jobs("waits", 1, 5));
      for (String id : List.of("expired0-0", "expired0-1", "waits0")) {
        redis.hset(key("jobs"), id, new byte[] {7});
      }
      // It has finished when somebody sees it first, which is later than the times of its places.
      ahead.addAndGet(2 * Micros.of(LEASE));
      Instant since = backend.jobQueue().find("q", "waits0").map(Job::finishedAt).orElseThrow();

      for (String when : List.of("before they are put aside", "afterwards")) {
        for (JobOrder order : List.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST)) {
          for (JobFilter filter :
              List.of(JobFilter.all(), JobFilter.all().finishedBetween(since, null))) {
            JobQuery query = JobQuery.of(filter).order(order).limit(10);
            assertThat(backend.jobAdmin().list(query).jobs())
                .as("%s, %s", when, query)
                .extracting(Job::id)
                .containsExactlyInAnyOrder("expired0-0", "expired0-1", "waits0");
          }
        }
        // A repair does not know the places of a job whose row is damaged: they stay.
        backend.jobAdmin().resetExpired("q", 10);
      }
    }
  }

  @Test
  @DisplayName("Q43 Q86 a filter is asked about a job whose row is damaged as about any other")
  void damagedByFilter() {
    try (var backend = RedisBackend.open(config)) {
      backend.jobQueue().enqueue(List.of(job("a", 5), job("b", 5)));
      for (String id : List.of("a", "b")) {
        redis.hset(key("jobs"), id, new byte[] {7});
      }
      JobQuery waiting = JobQuery.of(JobFilter.all().inState(JobState.PENDING)).limit(10);
      assertThat(backend.jobAdmin().list(waiting).jobs()).as("they read as FAILED").isEmpty();
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE)).jobs()).isEmpty();
      Instant since = backend.jobQueue().find("q", "a").map(Job::finishedAt).orElseThrow();
      Instant later = since.plus(LEASE);
      JobFilter all = JobFilter.all();

      for (JobFilter two :
          List.of(
              all,
              all.inState(JobState.FAILED),
              all.ofType("unknown"),
              all.withErrorText("row is damaged"),
              all.createdBetween(since, later),
              all.finishedBetween(since, later))) {
        assertThat(backend.jobAdmin().count(two, 10).jobs()).as(two.toString()).isEqualTo(2);
      }
      assertThat(backend.jobAdmin().count(all.withIdPrefix("a"), 10).jobs()).isEqualTo(1);
      for (JobFilter none :
          List.of(
              all.inState(JobState.PENDING),
              all.inState(JobState.DONE),
              all.ofType("t"),
              all.withErrorText("lease expired"),
              all.createdBetween(later, null),
              all.finishedBetween(later, null))) {
        assertThat(backend.jobAdmin().count(none, 10).jobs()).as(none.toString()).isZero();
      }
    }
  }

  /** Writes something into the room that is left in the row of a job. */
  private void useRoom(String id, String priority, String waits, String member) {
    redis.eval(
        """
        local row = {struct.unpack('<BBBI4I4ddssc8BddI4sI4I2c0', redis.call('HGET', KEYS[1], ARGV[1]))}
        local body = string.sub(redis.call('HGET', KEYS[1], ARGV[1]), row[18])
        local more = struct.pack('<sdI4ddsI4B', '', -1, 0, -1, -1, '', ARGV[3], ARGV[4])
        row[11] = tonumber(ARGV[2])
        row[17], row[18] = #more, more
        redis.call('HSET', KEYS[1], ARGV[1], struct.pack('<BBBI4I4ddssc8BddI4sI4I2c0', unpack(row)) .. body)
        return 0
        """,
        ScriptOutputType.INTEGER,
        new String[] {key("jobs")},
        Stream.of(id, priority, waits, member)
            .map(text -> text.getBytes(US_ASCII))
            .toArray(byte[][]::new));
  }

  @Test
  @DisplayName("Q43 a row with something in its room is left to a later version, also by a repair")
  void roomIsUsed() {
    try (var backend = RedisBackend.open(config)) {
      backend.jobQueue().enqueue(jobs("held", 1, 9));
      JobLease held =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      backend.jobQueue().enqueue(jobs("new", 4, 5));
      useRoom("held0", "9", "1", "0");
      useRoom("new0", "5", "3", "1");
      useRoom("new1", "5", "1", "0");
      useRoom("new2", "5", "0", "2");
      useRoom("new3", "12", "0", "0");
      redis.zremrangebyrank(key("waiting-5"), 0, 0); // the place of new0
      backend.jobQueue().enqueue(jobs("old", 1, 5));
      assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isZero();

      for (int i = 0; i < 2; i++) {
        assertThat(ids(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()))
            .isEqualTo(i == 0 ? List.of("old0") : List.of());
      }
      assertThat(redis.zcard(key("later"))).isEqualTo(3);
      assertThat(redis.exists(key("broken"))).isZero();
      assertThat(backend.jobQueue().extend(List.of(held), LEASE)).containsExactly(Extension.lost());
      assertThat(backend.jobQueue().settle(List.of(Settlement.done(held))))
          .containsExactly(Settlement.Result.LOST);
      assertThatThrownBy(() -> backend.jobQueue().find("q", "new3"))
          .hasMessageContaining("a later version of Lease");
    }
  }

  @Test
  @DisplayName("Q52 another layout is refused, and nothing is changed")
  void otherLayout() {
    RedisBackend.open(config).close();
    assertThat(redis.get(keys.layout())).asString(US_ASCII).isEqualTo("1");
    for (String other : List.of("0", "2", "x")) {
      redis.set(keys.layout(), other.getBytes(US_ASCII));

      assertThatThrownBy(() -> RedisBackend.open(config))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the layout version in " + keys.layout() + " is " + other)
          .hasMessageContaining("another version of Lease");

      assertThat(redis.keys(config.prefix() + "*")).containsExactly(keys.layout());
      assertThat(redis.get(keys.layout())).asString(US_ASCII).isEqualTo(other);
    }
  }

  @Test
  @DisplayName("without migrate, opening refuses a prefix without a store, and writes nothing")
  void onlyLooks() {
    RedisConfig looks = config.withMigrate(false);
    assertThatThrownBy(() -> RedisBackend.open(looks))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("there is no store: the key " + keys.layout() + " is missing");
    assertThat(redis.keys(config.prefix() + "*")).isEmpty();

    RedisBackend.open(config).close();
    try (var backend = RedisBackend.open(looks)) {
      assertThat(backend.jobAdmin().counts().queues()).isEmpty();
      assertThat(backend.jobAdmin().list(JobQuery.of(JobFilter.all()).limit(9)).jobs()).isEmpty();
      assertThat(backend.jobQueue().find("q", "x")).isEmpty();
      assertThat(backend.jobAdmin().failedAttempts("q", "x")).isEmpty();
    }
    assertThat(redis.keys(config.prefix() + "*")).containsExactly(keys.layout());
  }
}
