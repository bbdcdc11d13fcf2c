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
class ServerTopologyTest {

  private static final Duration CALL = Duration.ofSeconds(30);

  @Test
  @DisplayName("a connection with a password takes commands as soon as it is there")
  void readyWithPassword() {
    try (var server = RedisProcess.start("--requirepass", "secret")) {
      RedisConfig config =
          RedisConfig.of(server.uri().replace("//", "//:secret@")).withCallTimeout(CALL);
      RedisURI uri = RedisUris.of(config).get(0);
      // Many at once, so that the threads of Lettuce come late now and then.
      List<ServerTopology> servers =
          IntStream.range(0, 20).mapToObj(i -> new ServerTopology(uri, config)).toList();
      try {
        for (int i = 0; i < 20; i++) {
          List<CompletableFuture<Void>> answers =
              servers.stream()
                  .map(
                      each ->
                          each.nodeOf("")
                              .thenCompose(
                                  node ->
                                      node.connection(Urgency.NORMAL)
                                          .send(
                                              connection ->
                                                  connection
                                                      .commands()
                                                      .ping()
                                                      .thenApply(p -> connection))
                                          .thenCompose(ScriptConnection::close)))
                  .toList();
          assertThat(answers).allSatisfy(answer -> assertThat(answer).succeedsWithin(CALL));
        }
      } finally {
        servers.forEach(ServerTopology::close);
      }
    }
  }
}
