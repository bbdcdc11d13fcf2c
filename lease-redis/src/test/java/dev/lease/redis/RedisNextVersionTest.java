package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.JobAdmin;
import dev.lease.JobState;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Workers of this version beside workers of later ones, which are made up. */
class RedisNextVersionTest extends RedisStoreTest {

  private static final Duration NONE = Duration.ZERO;

  private final RedisBackend next = RedisBackend.open(config, nextVersion(config));

  @AfterEach
  void closeNext() {
    next.close();
  }

  /** The scripts of this version, changed. */
  private static Scripts version(RedisConfig config, UnaryOperator<String> change) {
    return new Scripts(RedisBackend.words(config), false, Scripts.SERVER_CLOCK) {
      @Override
      Text text(Script script) {
        String lua = change.apply(super.text(script).lua());
        return new Text(lua, sha1(lua));
      }
    };
  }

  /** A version with another number in the rows that it writes. */
  private static Scripts nextVersion(RedisConfig config) {
    return version(
        config,
        lua ->
            lua.replace("version ~= 128", "version ~= 127 and version ~= 132")
                .replace("version == 128", "(version == 127 or version == 132)")
                .replace("row and byte(row) == 128", "row and byte(row) >= 127")
                .replace("130", "132")
                .replace("128", "132")
                .replace("127", "128"));
  }

  /** A version with the same number in its rows that reads more of them, and writes that. */
  private static Scripts versionWithMore(RedisConfig config) {
    return version(
        config,
        lua ->
            lua.replace("waits <= 2 * member", "waits <= 3 * member")
                .replace("waitsFor, isMember, 0, graphId, parts[i]", "3, 1, 0, 'g', 'p'")
                .replace("130", "131"));
  }

  /** The version before this one, which knew no graphs. */
  private static Scripts versionBefore(RedisConfig config) {
    return version(
        config,
        lua ->
            lua.replace("member <= 1 and waits <= 2 * member", "member == 0")
                .replace("130", "129"));
  }

  private static List<NewJob> jobs(String prefix, int number) {
    return IntStream.range(0, number).mapToObj(i -> job(prefix + i)).toList();
  }

  private static List<ClaimedJob> claim(RedisBackend store, int most) {
    return store.jobQueue().claim(ClaimRequest.of("q", "w", most, LEASE)).jobs();
  }

  private static List<String> ids(List<ClaimedJob> claimed) {
    return claimed.stream().map(job -> job.lease().jobId()).toList();
  }

  private static int settle(RedisBackend store, List<ClaimedJob> claimed) {
    List<Settlement.Result> results =
        store
            .jobQueue()
            .settle(claimed.stream().<Settlement>map(job -> Settlement.done(job.lease())).toList());
    assertThat(results).containsOnly(Settlement.Result.ACCEPTED);
    return results.size();
  }

  private static Map<JobState, Long> counts(JobAdmin admin) {
    return admin.counts().queues().get(0).jobs();
  }

  @Test
  @DisplayName(
      "Q43 jobs of the next version are put aside, until its workers take them back in order")
  void asideAndBack() {
    next.jobQueue().enqueue(jobs("new", 3));
    backend.jobQueue().enqueue(jobs("old", 2));
    next.jobQueue().enqueue(jobs("last", 1));

    assertThat(ids(claim(backend, 1))).containsExactly("old0");
    assertThat(redis.zcard(key("later"))).isEqualTo(3);
    assertThat(counts(backend.jobAdmin()))
        .isEqualTo(Map.of(JobState.PENDING, 5L, JobState.PROCESSING, 1L));

    List<ClaimedJob> claimed = claim(next, 10);
    assertThat(ids(claimed)).containsExactly("new0", "new1", "new2", "old1", "last0");
    assertThat(redis.exists(key("later"))).isZero();
    assertThat(settle(next, claimed)).isEqualTo(5);
    assertThat(counts(next.jobAdmin()))
        .isEqualTo(Map.of(JobState.DONE, 5L, JobState.PROCESSING, 1L));
  }

  @Test
  @DisplayName("Q43 Q50 a claim takes back no more than it wants, unless that gives it too few")
  void asManyAsWanted() {
    next.jobQueue().enqueue(jobs("first", 1));
    settle(next, claim(next, 1));
    assertThat(backend.jobAdmin().purge("q", NONE, 10)).as("it is done, and put aside").isZero();
    next.jobQueue().enqueue(jobs("new", 5));
    next.jobQueue().enqueue(manyDueIn(Duration.ofHours(1), 20));
    next.jobQueue().enqueue(jobs("last", 1));
    // Until it is due in this store, so that it is put aside too.
    try (var late = openAhead(config, new AtomicLong(2 * Micros.of(Duration.ofHours(1))))) {
      assertThat(claim(late, 1)).isEmpty();
    }
    assertThat(redis.zcard(key("later"))).isEqualTo(27);

    assertThat(ids(claim(next, 2))).containsExactly("new0", "new1");
    assertThat(redis.zcard(key("later"))).isEqualTo(25);
    assertThat(ids(claim(next, 4))).containsExactly("new2", "new3", "new4", "last0");
    assertThat(redis.zcard(key("later"))).as("the one that is done").isEqualTo(1);
  }

  @Test
  @DisplayName(
      "Q43 of jobs that were put aside, a damaged one is seen, and one that is gone is not")
  void brokenAside() {
    next.jobQueue().enqueue(jobs("new", 2));
    assertThat(claim(backend, 1)).isEmpty();
    assertThat(redis.zcard(key("later"))).isEqualTo(2);
    redis.hset(key("jobs"), "new0", "damaged");
    redis.hdel(key("jobs"), "new1");

    assertThat(claim(next, 1)).isEmpty();
    assertThat(redis.exists(key("later"))).isZero();
    assertThat(counts(next.jobAdmin())).isEqualTo(Map.of(JobState.FAILED, 1L));
  }

  @Test
  @DisplayName("Q15 Q43 a job that is held is not taken back as one whose lease has run out")
  void heldIsTakenBack() {
    next.jobQueue().enqueue(manyDueIn(Duration.ofHours(1), 2));
    next.jobQueue().enqueue(jobs("new", 1));
    next.jobQueue().claim(ClaimRequest.of("q", "w", 1, Duration.ofMillis(1)));
    String place = redis.zrange(key("held"), 0, 0).get(0);
    try (var late = openAhead(config, new AtomicLong(2 * Micros.of(Duration.ofHours(1))))) {
      assertThat(claim(late, 1)).isEmpty();
    }
    // As after a repair, which knows where a job belongs, and not that it was put aside.
    redis.zadd(key("held"), 1, place);

    assertThat(ids(claim(next, 2))).containsExactly("new0");
    assertThat(next.jobAdmin().resetExpired("q", 10).count()).isZero();
    assertThat(claim(next, 2)).isEmpty();
  }

  private static List<NewJob> manyDueIn(Duration delay, int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> NewJob.builder("q", "due" + i, "t", "").due(Due.after(delay)).build())
        .toList();
  }

  @Test
  @DisplayName("Q13 Q43 jobs that were put aside are in order again after a reset")
  void inOrderAfterReset() {
    for (int priority = 0; priority < 10; priority++) {
      NewJob job = NewJob.builder("q", "p" + priority, "t", "").priority(priority).build();
      next.jobQueue().enqueue(List.of(job));
    }
    assertThat(claim(backend, 1)).isEmpty();

    assertThat(next.jobAdmin().resetExpired("q", 10).count()).isZero();
    assertThat(ids(claim(next, 1))).containsExactly("p9");
  }

  @Test
  @DisplayName("Q43 a reset and a purge take back all that were put aside, in several scripts")
  void allAreTakenBack() {
    for (int i = 0; i < 3; i++) {
      next.jobQueue().enqueue(jobs("new" + i + "-", 700));
    }
    assertThat(claim(backend, 1)).isEmpty();
    assertThat(redis.zcard(key("later"))).isEqualTo(2_100);
    assertThat(next.jobAdmin().resetExpired("q", 10).count()).isZero();
    assertThat(redis.exists(key("later"))).isZero();

    assertThat(claim(backend, 1)).isEmpty();
    assertThat(redis.zcard(key("later"))).isEqualTo(2_100);
    assertThat(next.jobAdmin().purge("q", NONE, 10)).isZero();
    assertThat(redis.exists(key("later"))).isZero();
  }

  @Test
  @DisplayName(
      "Q43 an expired job of the next version is put aside, until its workers take it back")
  void expiredAside() {
    next.jobQueue().enqueue(jobs("new", 1));
    next.jobQueue().claim(ClaimRequest.of("q", "w", 1, Duration.ofMillis(1)));
    do { // Until the lease has run out.
      assertThat(claim(backend, 10)).isEmpty();
    } while (redis.exists(key("later")) == 0);

    assertThat(next.jobAdmin().resetExpired("q", 10).count()).isEqualTo(1);
    assertThat(claim(next, 10)).extracting(ClaimedJob::attempt).containsExactly(2);
  }

  @Test
  @DisplayName("Q43 finished jobs of the next version stay until its workers purge them")
  void finishedAside() {
    next.jobQueue().enqueue(jobs("new", 2));
    settle(next, claim(next, 2));

    assertThat(backend.jobAdmin().purge("q", NONE, 10)).isZero();
    assertThat(next.jobQueue().find("q", "new0")).isPresent();
    assertThat(next.jobAdmin().purge("q", NONE, 10)).isEqualTo(2);
    assertThat(redis.exists(key("later"))).isZero();
  }

  @Test
  @DisplayName("Q43 a job that the next version settles or deletes is put aside no longer")
  void goneFromAside() {
    var ahead = new AtomicLong();
    try (var late = openAhead(config, ahead)) {
      next.jobQueue().enqueue(jobs("new", 3));
      List<ClaimedJob> claimed = claim(next, 3);
      ahead.set(Micros.of(LEASE) + 60_000_000);
      assertThat(claim(late, 3)).isEmpty();
      assertThat(redis.zcard(key("later"))).isEqualTo(3);

      assertThat(settle(next, claimed.subList(0, 1))).isEqualTo(1);
      next.jobQueue().settle(List.of(Settlement.failed(claimed.get(1).lease(), "e")));
      next.jobAdmin().delete("q", "new2");

      assertThat(redis.exists(key("later"))).isZero();
    }
  }

  @Test
  @DisplayName("Q43 a lease of a job that the next version has written is lost, and the job stays")
  void heldByTheNextVersion() {
    next.jobQueue().enqueue(jobs("new", 1));
    List<ClaimedJob> claimed = claim(next, 1);

    assertThat(backend.jobQueue().extend(List.of(claimed.get(0).lease()), LEASE))
        .containsExactly(Extension.lost());
    assertThat(backend.jobQueue().settle(List.of(Settlement.done(claimed.get(0).lease()))))
        .containsExactly(Settlement.Result.LOST);
    assertThat(settle(next, claimed)).isEqualTo(1);
  }

  @Test
  @DisplayName(
      "Q43 a version with the same rows that reads more of them takes back what it can read")
  void moreIsRead() {
    try (var withMore = RedisBackend.open(config, versionWithMore(config))) {
      withMore.jobQueue().enqueue(jobs("child", 2));
      next.jobQueue().enqueue(jobs("new", 1));
      backend.jobQueue().enqueue(jobs("old", 1));
      assertThat(ids(claim(backend, 10))).containsExactly("old0");
      assertThat(redis.zcard(key("later"))).isEqualTo(3);

      assertThat(ids(claim(withMore, 10))).containsExactly("child0", "child1");
      assertThat(redis.zcard(key("later"))).isEqualTo(1);
      assertThat(ids(claim(next, 10))).containsExactly("new0");
    }
  }

  @Test
  @DisplayName("Q43 Q74 workers of the version before leave jobs of graphs to those of this one")
  void graphsBesideTheVersionBefore() {
    try (var before = RedisBackend.open(config, versionBefore(config))) {
      GraphPart second = GraphPart.of("second").after("first", OnFailure.CANCEL);
      backend
          .jobGraphs()
          .add(
              GraphPiece.builder("q", "g")
                  .part(GraphPart.of("first"))
                  .job("first", job("a"))
                  .part(second)
                  .job("second", job("b"))
                  .last(2, 2)
                  .build());
      backend.jobQueue().enqueue(jobs("plain", 1));
      assertThat(ids(claim(before, 10))).containsExactly("plain0");
      assertThat(redis.zcard(key("later"))).isEqualTo(1);
      assertThat(before.jobAdmin().resetExpired("q", 10).count()).isZero();

      List<ClaimedJob> claimed = claim(backend, 10);
      assertThat(ids(claimed)).containsExactly("a");
      assertThat(before.jobQueue().settle(List.of(Settlement.done(claimed.get(0).lease()))))
          .containsExactly(Settlement.Result.LOST);
      settle(backend, claimed);
      assertThat(claim(before, 10)).isEmpty();
      assertThat(ids(claim(backend, 10))).containsExactly("b");
    }
  }

  @Test
  @DisplayName("Q43 workers of both versions side by side run all jobs, each once, and so back")
  void sideBySide() {
    int each = 1_000;
    var made = new AtomicBoolean();
    List<CompletableFuture<Integer>> workers = new ArrayList<>();
    for (RedisBackend store : List.of(backend, next, backend, next)) {
      workers.add(CompletableFuture.supplyAsync(() -> work(store, made)));
    }
    for (int i = 0; i < each; i += 50) {
      backend.jobQueue().enqueue(jobs("old" + i + "-", 50));
      next.jobQueue().enqueue(jobs("new" + i + "-", 50));
    }
    made.set(true);
    assertThat(workers.stream().mapToInt(CompletableFuture::join).sum()).isEqualTo(2 * each);
    assertThat(counts(next.jobAdmin())).isEqualTo(Map.of(JobState.DONE, 2L * each));

    // Back: nobody of the next version is left, and what it has made waits for it.
    next.jobQueue().enqueue(jobs("left", 3));
    backend.jobQueue().enqueue(jobs("own", 3));
    assertThat(ids(claim(backend, 10))).containsExactly("own0", "own1", "own2");
    assertThat(counts(backend.jobAdmin())).containsEntry(JobState.PENDING, 3L);
    assertThat(ids(claim(next, 10))).containsExactly("left0", "left1", "left2");
  }

  /** Works until nothing is left that it can read. */
  private static int work(RedisBackend store, AtomicBoolean made) {
    int done = 0;
    while (true) {
      boolean isLast = made.get();
      List<ClaimedJob> claimed = claim(store, 7);
      if (!claimed.isEmpty()) {
        done += settle(store, claimed);
      } else if (isLast) {
        return done;
      }
    }
  }
}
