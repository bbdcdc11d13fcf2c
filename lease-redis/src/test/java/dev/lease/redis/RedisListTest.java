package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.Settlement;
import io.lettuce.core.ScriptOutputType;
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
    List<String> filter = List.of("", "1", "", "", "", "", "", "", "");
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

  private void failAll() {
    backend
        .jobQueue()
        .settle(
            backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs().stream()
                .<Settlement>map(it -> Settlement.failed(it.lease(), "e"))
                .toList());
  }
}
