package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobGraphs;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import io.lettuce.core.Range;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Graphs that are too large for one script, and graphs that have lost something. */
class RedisGraphsTest extends RedisStoreTest {

  private static final Duration AN_HOUR = Duration.ofHours(1);

  private final JobGraphs graphs = backend.jobGraphs();
  private final JobAdmin admin = backend.jobAdmin();

  private static GraphPiece.Builder piece() {
    return GraphPiece.builder("q", "g");
  }

  private static GraphPart after(String name, String parent) {
    return GraphPart.of(name).after(parent, OnFailure.CANCEL);
  }

  private void stored(GraphPiece.Builder piece) {
    assertThat(graphs.add(piece.build())).isEqualTo(GraphAnswer.stored());
  }

  /** A part "many" of so many jobs behind a part "one" of one job. */
  private void storeFan(int many, UnaryOperator<NewJob.Builder> changed) {
    stored(piece().part(GraphPart.of("one")).job("one", job("one")).part(after("many", "one")));
    for (int first = 0; first < many; first += 1_000) {
      GraphPiece.Builder piece = piece();
      for (int i = first; i < Math.min(many, first + 1_000); i++) {
        piece.job("many", changed.apply(NewJob.builder("q", "many" + i, "t", "")).build());
      }
      stored(piece);
    }
    stored(piece().last(2, 1 + many));
  }

  private Claim claim(int most) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", most, LEASE));
  }

  private List<String> claimedIds(int most) {
    return ids(claim(most).jobs());
  }

  private static List<String> ids(List<ClaimedJob> claimed) {
    return claimed.stream().map(job -> job.lease().jobId()).toList();
  }

  private void done(String id) {
    List<ClaimedJob> claimed = claim(1).jobs();
    assertThat(ids(claimed)).containsExactly(id);
    settleAll(claimed);
  }

  private void failed(String id) {
    List<ClaimedJob> claimed = claim(1).jobs();
    assertThat(ids(claimed)).containsExactly(id);
    backend.jobQueue().settle(List.of(Settlement.failed(claimed.get(0).lease(), "e")));
  }

  /** Claims and settles until there is nothing more. Each job comes once. */
  private Set<String> runAll() {
    Set<String> ran = new HashSet<>();
    while (true) {
      Claim claim = claim(1_000);
      ids(claim.jobs()).forEach(id -> assertThat(ran.add(id)).as(id).isTrue());
      settleAll(claim.jobs());
      if (claim.jobs().isEmpty() && !claim.partial() && !claim.more()) {
        return ran;
      }
    }
  }

  private QueueCounts counts() {
    return admin.counts().queue("q").orElseThrow();
  }

  private GraphState graph() {
    return graphs.find("q", "g").orElseThrow();
  }

  private void assertEnded(int done, int failed, int cancelled) {
    GraphState state = graph();
    assertThat(List.of(state.done(), state.failed(), state.cancelled()))
        .containsExactly(done, failed, cancelled);
  }

  private void repairAll() {
    for (int i = 0; i < 20; i++) {
      admin.resetExpired("q", 1);
    }
  }

  @Test
  @DisplayName("Q74 Q79 who ends a job lets 100 jobs go, and each claim 1,000")
  void fanOut() {
    storeFan(3_500, job -> job);
    done("one");
    assertThat(counts().waitingForParts()).as("after the settlement").isBetween(3_400L, 3_450L);

    assertThat(claimedIds(1)).hasSize(1);
    assertThat(counts().waitingForParts()).as("after a claim").isBetween(2_400L, 2_450L);

    assertThat(runAll()).hasSize(3_499);
    assertThat(redis.exists(key("waits"))).isZero();
    assertThat(redis.hexists(key("meta"), "moving")).isFalse();
    assertEnded(3_500, 0, 0);
  }

  @Test
  @DisplayName("Q79 who ends a job tells 100 parts of it, and each claim 1,000")
  void manyParts() {
    stored(piece().part(GraphPart.of("one")).job("one", job("one")));
    for (int first = 0; first < 2_500; first += 500) {
      GraphPiece.Builder piece = piece();
      for (int i = first; i < first + 500; i++) {
        String name = "part" + i;
        piece.part(after(name, "one")).job(name, job(name)).part(after("behind" + i, name));
      }
      stored(piece);
    }
    stored(piece().last(5_001, 2_501));
    done("one");
    assertThat(counts().waitingForParts()).isGreaterThan(2_400);

    assertThat(runAll()).hasSize(2_500);
    assertEnded(2_501, 0, 0);
    assertThat(redis.zcount(key("graphTimes"), Range.create(-1, 0))).isZero();
  }

  @Test
  @DisplayName("Q73 ten thousand parents of one child let it go when the last has ended")
  void fanIn() {
    stored(piece().part(GraphPart.of("many")).part(after("sum", "many")).job("sum", job("sum")));
    for (int first = 0; first < 10_000; first += 1_000) {
      GraphPiece.Builder piece = piece();
      for (int i = first; i < first + 1_000; i++) {
        piece.job("many", job("many" + i));
      }
      stored(piece);
    }
    stored(piece().last(2, 10_001));

    Set<String> ran = new HashSet<>();
    while (ran.size() < 10_000) {
      List<ClaimedJob> claimed = claim(100).jobs();
      assertThat(ids(claimed)).doesNotContain("sum");
      ran.addAll(ids(claimed));
      settleAll(claimed);
    }
    done("sum");
    assertEnded(10_001, 0, 0);
    assertThat(redis.zcard(key("done"))).as("done jobs that go because they are many").isZero();
  }

  @Test
  @DisplayName("Q75 Q76 many jobs are cancelled in pieces, and are taken back in the midst of that")
  void cancelledInPieces() {
    storeFan(2_500, job -> job);
    failed("one");
    assertThat(counts().jobs().get(JobState.CANCELLED)).isEqualTo(98);
    assertThat(claimedIds(1)).isEmpty();

    admin.requeue("q", "one");
    assertThat(counts().jobs()).containsKey(JobState.CANCELLED);
    failed("one");
    assertThat(runAll()).isEmpty();
    assertEnded(0, 1, 2_500);

    admin.requeue("q", "one");
    done("one");
    assertThat(runAll()).hasSize(2_500);
    assertEnded(2_501, 0, 0);
  }

  /** A part "one" of one job, and behind it so many parts of one job each. */
  private void storeParts(int many, OnFailure onFailure) {
    stored(piece().part(GraphPart.of("one")).job("one", job("one")));
    for (int first = 0; first < many; first += 500) {
      GraphPiece.Builder piece = piece();
      for (int i = first; i < Math.min(many, first + 500); i++) {
        String name = "part" + i;
        piece.part(GraphPart.of(name).after("one", onFailure)).job(name, job(name));
      }
      stored(piece);
    }
    stored(piece().last(1 + many, 1 + many));
  }

  @Test
  @DisplayName("Q76 Q79 a requeue goes on until it knows whether the job has to wait")
  void requeueOneOfThousands() {
    storeParts(3_500, OnFailure.CANCEL);
    failed("one");
    assertThat(runAll()).isEmpty();
    assertEnded(0, 1, 3_500);

    admin.requeue("q", "one");
    assertThat(counts().waitingForParts()).as("after the first requeue").isLessThan(100);
    assertThat(admin.requeue("q", "part3499")).isEqualTo(JobAdmin.Requeue.REQUEUED);
    assertThat(backend.jobQueue().find("q", "part3499").orElseThrow().waitsForParts()).isTrue();

    List<ClaimedJob> claimed = claim(1_000).jobs();
    assertThat(ids(claimed)).containsExactly("one");
    settleAll(claimed);
    assertThat(runAll()).hasSize(3_500);
    assertEnded(3_501, 0, 0);
    assertThat(redis.zcount(key("graphTimes"), Range.create(-1, 0))).isZero();
  }

  @Test
  @DisplayName("Q73 Q76 what was to be let go, but was not, waits for a job that is requeued")
  void requeueBeforeLetGo() {
    storeParts(150, OnFailure.RUN);
    failed("one");
    assertThat(counts().waitingForParts()).as("after the failure").isEqualTo(150);

    admin.requeue("q", "one");
    List<ClaimedJob> claimed = claim(1_000).jobs();
    assertThat(ids(claimed)).containsExactly("one");
    settleAll(claimed);

    assertThat(runAll()).hasSize(150);
    assertEnded(151, 0, 0);
  }

  @Test
  @DisplayName("Q62 Q79 jobs with keys are let go in pieces, and get slots")
  void keyedInPieces() {
    backend.admission().limit("q", null, KeyLimit.of(1));
    var n = new AtomicLong();
    storeFan(1_500, job -> job.key("k" + n.incrementAndGet() % 700));
    done("one");

    assertThat(runAll()).hasSize(1_500);
    assertThat(redis.exists(key("admitted"), key("shelf"), key("line"), key("waits"))).isZero();
  }

  @Test
  @DisplayName("Q64 Q74 the script that lets the first job with a key go gives it")
  void firstWithKey() {
    storeFan(1, job -> job.key("k"));
    ClaimRequest request = ClaimRequest.of("q", "w", 1, LEASE);
    List<Settlement> done = List.of(Settlement.done(claim()));

    List<ClaimedJob> claimed = backend.jobQueue().settleAndClaim(done, request).claim().jobs();

    assertThat(claimed).extracting(ClaimedJob::key).containsExactly("k");
    assertThat(redis.zcard(key("admitted"))).isEqualTo(1);
    settleAll(claimed);
    assertThat(redis.exists(key("admitted"))).isZero();
  }

  @Test
  @DisplayName("Q46 Q48 a call by a filter meets each job of a graph once")
  void byFilter() {
    storeFan(300, job -> job);
    assertThat(admin.count(JobFilter.all().inQueue("q").inState(JobState.PENDING), 1_000).jobs())
        .isEqualTo(301);
    assertThat(admin.count(JobFilter.all().inQueue("q").withIdPrefix("many"), 1_000).jobs())
        .isEqualTo(300);
    assertThat(admin.count(JobFilter.all().inQueue("q").inState(JobState.RETRY), 1_000).jobs())
        .isZero();
    assertThat(admin.list(JobQuery.of(JobFilter.all().inQueue("q")).limit(1_000)).jobs())
        .hasSize(301);

    int changed = 0;
    String next = null;
    do {
      var cancelled = admin.cancel(JobFilter.all().inQueue("q"), next, 100);
      changed += cancelled.changed();
      next = cancelled.next();
    } while (next != null);
    assertThat(changed).isEqualTo(301);
    assertThat(counts().jobs()).isEqualTo(Map.of(JobState.CANCELLED, 301L));
    assertEnded(0, 0, 301);
  }

  @Test
  @DisplayName("Q77 a purge passes over thousands of jobs whose graph has not ended")
  void purgePasses() {
    GraphPiece.Builder last = piece().part(GraphPart.of("many"));
    for (int first = 0; first < 2_500; first += 500) {
      GraphPiece.Builder piece = first == 0 ? last : piece();
      for (int i = first; i < first + 500; i++) {
        piece.job("many", NewJob.builder("q", "many" + i, "t", "").keep(Duration.ZERO).build());
      }
      stored(piece);
    }
    stored(piece().part(after("sum", "many")).job("sum", job("sum")).last(2, 2_501));
    for (int i = 0; i < 5; i++) {
      settleAll(claim(500).jobs());
    }
    backend
        .jobQueue()
        .enqueue(
            List.of(NewJob.builder("q", "plain", "t", "").priority(9).keep(Duration.ZERO).build()));
    done("plain");

    assertThat(admin.purge("q", Duration.ZERO, 10)).isEqualTo(1);
    try (var later = openAhead(config, new AtomicLong(Micros.of(Duration.ofMinutes(50))))) {
      assertThat(later.jobAdmin().purge("q", 1_000)).isZero();
      assertThat(later.jobQueue().find("q", "many0")).isPresent();
    }
    done("sum");
    try (var later = openAhead(config, new AtomicLong(Micros.of(Duration.ofHours(2))))) {
      assertThat(later.jobAdmin().purge("q", 1_000)).isEqualTo(1_000);
      assertThat(later.jobAdmin().purge("q", 1_000)).isEqualTo(1_000);
      assertThat(later.jobAdmin().purge("q", 1_000)).isEqualTo(500);
    }
  }

  @Test
  @DisplayName("Q77 Q78 a graph is known as long as its jobs are, and then nothing is left of it")
  void old() {
    GraphPiece.Builder piece =
        piece()
            .part(GraphPart.of("a"))
            .job("a", job("a"))
            .part(after("b", "a"))
            .job("b", NewJob.builder("q", "b", "t", "").keep(Duration.ofDays(30)).build())
            .last(2, 2);
    stored(piece);
    done("a");
    done("b");
    var ahead = new AtomicLong(Micros.of(Duration.ofDays(20)));
    try (var later = openAhead(config, ahead)) {
      later.jobAdmin().purge("q", 100);
      assertThat(later.jobQueue().find("q", "a")).isEmpty();
      assertThat(later.jobGraphs().add(piece.build())).isEqualTo(GraphAnswer.complete());

      ahead.set(Micros.of(Duration.ofDays(31)));
      for (int i = 0; i < 3; i++) {
        later.jobAdmin().purge("q", 100);
        ahead.addAndGet(Micros.of(AN_HOUR));
      }
      assertThat(later.jobGraphs().find("q", "g")).isEmpty();
      assertThat(redis.exists(key("graphs"), key("members"), key("graphTimes"), key("waits")))
          .isZero();

      ahead.addAndGet(Micros.of(Duration.ofDays(2)));
      for (int i = 0; i < 3; i++) {
        later.jobAdmin().purge("q", 100);
        ahead.addAndGet(Micros.of(Duration.ofDays(2)));
      }
      assertThat(redis.keys(config.prefix() + ":queue:*")).isEmpty();
    }
  }

  @Test
  @DisplayName("Q72 a large graph that nobody has completed goes in pieces")
  void leftOpen() {
    for (int first = 0; first < 2_500; first += 500) {
      GraphPiece.Builder piece = piece();
      for (int i = first; i < first + 500; i++) {
        piece.part(GraphPart.of("part" + i)).job("part" + i, job("part" + i));
      }
      stored(piece);
    }
    try (var later = openAhead(config, new AtomicLong(Micros.of(AN_HOUR.plusMinutes(1))))) {
      assertThat(later.jobAdmin().purge("q", 1_000)).isEqualTo(1_000);
      assertThat(later.jobAdmin().purge("q", 1_000)).isEqualTo(1_000);
      assertThat(later.jobAdmin().purge("q", 1_000)).isEqualTo(500);
      assertThat(later.jobGraphs().find("q", "g")).isEmpty();
    }
    assertThat(redis.exists(key("jobs"), key("graphs"), key("members"), key("waits"))).isZero();
  }

  @Test
  @DisplayName("Q78 a job that was deleted before its graph was complete does not come again")
  void deletedBefore() {
    GraphPiece first =
        piece().part(GraphPart.of("a")).job("a", job("a")).job("a", job("b")).build();
    assertThat(graphs.add(first)).isEqualTo(GraphAnswer.stored());
    assertThat(admin.delete("q", "b")).isTrue();
    assertThat(graphs.add(first)).isEqualTo(GraphAnswer.stored());
    stored(piece().last(1, 2));

    assertThat(runAll()).containsExactly("a");
    assertEnded(1, 0, 1);
  }

  @Test
  @DisplayName("Q74 a repair finds that a job is gone whose row was damaged, or was lost")
  void rowIsGone() {
    storeFan(1_200, job -> job);
    stored(
        GraphPiece.builder("q", "other")
            .part(GraphPart.of("x"))
            .job("x", job("x"))
            .part(GraphPart.of("y").after("x", OnFailure.RUN))
            .job("y", job("y"))
            .last(2, 2));
    redis.hset(key("jobs"), "x", "garbage");
    assertThat(claimedIds(1)).containsExactly("one");
    assertThat(claimedIds(1)).isEmpty();
    repairAll();
    assertThat(counts().waitingForParts()).isEqualTo(1_201);

    assertThat(admin.delete("q", "x")).isTrue();
    redis.hdel(key("jobs"), "one");
    redis.del(key("held"));
    repairAll();

    assertThat(claimedIds(1_000)).containsExactly("y");
    assertThat(claimedIds(1_000)).isEmpty();
    assertThat(counts().waitingForParts()).isZero();
    assertThat(counts().jobs().get(JobState.CANCELLED)).isEqualTo(1_200);
  }

  @Test
  @DisplayName("Q73 a repair lets a job go whose part was let go without it")
  void waitsForNothing() {
    storeFan(3, job -> job);
    redis.eval(
        "redis.call('HSET', KEYS[1], 'kept', redis.call('HGET', KEYS[1], 'many1')) return 0",
        ScriptOutputType.INTEGER,
        key("jobs"));
    done("one");
    done("many0");
    redis.eval(
        """
        redis.call('HSET', KEYS[1], 'many1', redis.call('HGET', KEYS[1], 'kept'))
        redis.call('HDEL', KEYS[1], 'kept')
        return redis.call('DEL', KEYS[2])
        """,
        ScriptOutputType.INTEGER,
        key("jobs"),
        key("waiting-5"));
    repairAll();

    assertThat(runAll()).containsExactlyInAnyOrder("many1", "many2");
    assertEnded(4, 0, 0);
  }
}
