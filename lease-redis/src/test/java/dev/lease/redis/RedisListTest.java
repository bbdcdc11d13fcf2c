package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What lists, counts and calls by a filter cost, and what they say when a part of them fails. */
class RedisListTest extends RedisStoreTest {

  @Test
  @DisplayName("Q84 the server sends of a brief page only the beginnings of long results")
  void briefBytes() {
    backend.jobQueue().enqueue(List.of(job("a")));
    backend.jobQueue().settle(List.of(Settlement.done(claim(), "x".repeat(100_000))));

    assertThat(bytesOfList("all")).isGreaterThan(100_000);
    assertThat(bytesOfList("brief")).isLessThan(2_000);
  }

  private int bytesOfList(String told) {
    Scripts scripts = RedisBackend.scripts(config, Scripts.SERVER_CLOCK);
    List<String> filter = List.of("", "1", "", "", "", "", "", "", "", "");
    List<Object> answer =
        redis.eval(
            scripts.text(Script.LIST).lua(),
            ScriptOutputType.MULTI,
            keys.ofQueue("q", scripts.keys(Script.LIST)).toArray(String[]::new),
            Stream.of(List.of("1", "-inf", "0", "10", "10", told), filter, List.of("done"))
                .flatMap(List::stream)
                .toArray(String[]::new));
    return answer.toString().length();
  }

  @Test
  @DisplayName("Q86 a count reads no payload, result or progress")
  void countReadsNoTexts() {
    backend.jobQueue().enqueue(List.of(job("a"), job("b")));
    for (String kind : List.of("results", "progress")) {
      redis.set(key(kind), "no hash");
    }

    assertThat(backend.jobAdmin().count(JobFilter.all().ofType("t"), 10).jobs()).isEqualTo(2);
  }

  @Test
  @DisplayName("Q86 a count of the jobs that finished lately reads no jobs that finished before")
  void countOfTheLast() {
    backend.jobQueue().enqueue(IntStream.range(0, 500).mapToObj(i -> job("old" + i)).toList());
    failAll();
    backend.jobQueue().enqueue(List.of(job("new")));
    failAll();
    Instant since = backend.jobQueue().find("q", "new").map(Job::finishedAt).orElseThrow();
    long before = calls(redis, "hget");

    assertThat(backend.jobAdmin().count(JobFilter.all().finishedBetween(since, null), 1_000).jobs())
        .isEqualTo(1);
    assertThat(calls(redis, "hget") - before).isLessThan(10);
  }

  @Test
  @DisplayName("Q85 one long queue among many short ones is read in few pages")
  void oneLongQueue() {
    int queues = 300;
    backend.jobQueue().enqueue(IntStream.range(0, 600).mapToObj(i -> job("long" + i)).toList());
    List<NewJob> ofOthers =
        IntStream.range(0, queues)
            .mapToObj(i -> NewJob.builder("q" + i, "a", "t", "p").build())
            .toList();
    backend.jobQueue().enqueue(ofOthers);
    backend.jobAdmin().cancel(JobFilter.all(), null, 1_000);
    JobQuery query =
        JobQuery.of(JobFilter.all().withIdPrefix("none"))
            .order(JobOrder.LAST_FINISHED_FIRST)
            .examineAtMost(1_000);

    JobPage page = backend.jobAdmin().list(query);
    assertThat(page.jobs()).isEmpty();
    assertThat(page.next()).as("all 900 jobs fit one page").isNull();
  }

  private void failAll() {
    backend
        .jobQueue()
        .settle(
            backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs().stream()
                .<Settlement>map(it -> Settlement.failed(it.lease(), "e"))
                .toList());
  }

  @Test
  @DisplayName(
      "Q92 a piece that fails after its first page has counted what it changed in the next")
  void countsUpToTheFailure() {
    try (var broken = failingAtJ25("return redis.error_reply('LATER test')")) {
      JobPiece piece = broken.jobAdmin().cancel(JobFilter.all(), null, 100);

      assertThat(piece.changed()).isEqualTo(25);
      assertThat(piece.next()).isNotNull();
      assertThat(backend.jobAdmin().counts().queues().get(0).count(JobState.CANCELLED))
          .isEqualTo(25);
      JobPiece rest = backend.jobAdmin().cancel(JobFilter.all(), piece.next(), 100);
      assertThat(rest.changed()).isEqualTo(5);
    }
  }

  @Test
  @DisplayName("Q92 a piece does not answer with a number if nobody knows it")
  void doesNotGuess() {
    try (var broken = failingAtJ25("error('test')")) {
      assertThatThrownBy(() -> broken.jobAdmin().cancel(JobFilter.all(), null, 100))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue());
    }
  }

  /** A store of 30 jobs, which cannot cancel one of them. */
  private RedisBackend failingAtJ25(String failure) {
    backend.jobQueue().enqueue(IntStream.range(0, 30).mapToObj(i -> job("j" + i)).toList());
    String clock = Scripts.SERVER_CLOCK.get() + "if ARGV[1] == 'j25' then " + failure + " end\n";
    return RedisBackend.open(config.withCallTimeout(Duration.ofMinutes(2)), () -> clock);
  }
}
