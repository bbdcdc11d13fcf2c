package dev.lease.redis;

import static dev.lease.redis.RedisKeyCommandsTest.commandsOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** On a server of its own: it counts all commands. */
class RedisGraphCommandsTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  private final RedisProcess server = RedisProcess.start();
  private final RedisBackend backend = RedisBackend.open(RedisConfig.of(server.uri()));
  private final RedisClient client = RedisClient.create(server.uri());
  private final RedisCommands<String, String> redis = client.connect().sync();

  @AfterEach
  void close() {
    client.close();
    backend.close();
    server.close();
  }

  private static NewJob job(String queue, String id) {
    return NewJob.builder(queue, id, "t", "payload").build();
  }

  /** A graph of a queue: so many jobs, then one, then so many. */
  private void store(String queue, int before, int behind) {
    GraphPart one = GraphPart.of("one").after("before", OnFailure.CANCEL);
    GraphPart last = GraphPart.of("behind").after("one", OnFailure.CANCEL);
    backend
        .jobGraphs()
        .add(
            GraphPiece.builder(queue, "graph")
                .part(GraphPart.of("before"))
                .part(one)
                .job("one", job(queue, "one"))
                .part(last)
                .build());
    add(queue, "before", before);
    add(queue, "behind", behind);
    backend
        .jobGraphs()
        .add(GraphPiece.builder(queue, "graph").last(3, before + behind + 1).build());
  }

  private void add(String queue, String part, int number) {
    for (int first = 0; first < number; first += 1_000) {
      GraphPiece.Builder piece = GraphPiece.builder(queue, "graph");
      for (int i = first; i < Math.min(number, first + 1_000); i++) {
        piece.job(part, job(queue, part + i));
      }
      backend.jobGraphs().add(piece.build());
    }
  }

  private List<ClaimedJob> claim(String queue, int most) {
    return backend.jobQueue().claim(ClaimRequest.of(queue, "w", most, LEASE)).jobs();
  }

  private void settle(List<ClaimedJob> claimed) {
    backend
        .jobQueue()
        .settle(claimed.stream().<Settlement>map(job -> Settlement.done(job.lease())).toList());
  }

  /** What it costs to claim and settle so many jobs, after others have been. */
  private Map<String, Long> cost(String queue, int number) {
    settle(claim(queue, 1));
    return commandsOf(redis, () -> settle(claim(queue, number)));
  }

  @Test
  @DisplayName("Q80 jobs of no graph cost the same beside a graph of which thousands wait")
  void noGraph() {
    for (String queue : List.of("plain", "graphs")) {
      backend
          .jobQueue()
          .enqueue(IntStream.range(0, 101).mapToObj(i -> job(queue, "plain" + i)).toList());
    }
    store("graphs", 1, 5_000);

    assertThat(cost("graphs", 100)).isEqualTo(cost("plain", 100));
  }

  @Test
  @DisplayName("Q79 to end a job of thousands that one waits for costs what it costs of few")
  void manyBefore() {
    store("few", 50, 1);
    store("many", 5_000, 1);
    for (int i = 0; i < 5; i++) { // Until all are let go.
      settle(claim("few", 1));
      settle(claim("many", 1));
    }

    assertThat(cost("many", 10)).isEqualTo(cost("few", 10));
  }

  @Test
  @DisplayName("Q79 to end a job that thousands wait for costs what it costs of a thousand")
  void manyBehind() {
    store("few", 1, 1_000);
    store("many", 1, 5_000);

    assertThat(cost("many", 1)).isEqualTo(cost("few", 1));
  }
}
