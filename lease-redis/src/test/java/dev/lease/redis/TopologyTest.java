package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TopologyTest {

  private static final Duration CALL = Duration.ofSeconds(30);

  @Test
  @DisplayName("a connection with a password takes commands as soon as it is there")
  void readyWithPassword() {
    try (var server = RedisProcess.start("--requirepass", "secret")) {
      RedisURI uri = Topology.uris(RedisConfig.of(server.uri().replace("//", "//:secret@"))).get(0);
      // Many at once, so that the threads of Lettuce come late now and then.
      List<Topology> clients =
          IntStream.range(0, 20).mapToObj(i -> Topology.ofServer(uri, CALL)).toList();
      try {
        for (int i = 0; i < 20; i++) {
          List<CompletableFuture<NodeConnection.Link>> answers =
              clients.stream()
                  .map(
                      each ->
                          each.nodeOf("")
                              .thenCompose(
                                  node ->
                                      node.connection(Node.Lane.NORMAL)
                                          .send(link -> link.commands().ping().thenApply(p -> link))
                                          .whenComplete((link, e) -> link.connection().close())))
                  .toList();
          assertThat(answers).allSatisfy(answer -> assertThat(answer).succeedsWithin(CALL));
        }
      } finally {
        clients.forEach(Topology::close);
      }
    }
  }
}
