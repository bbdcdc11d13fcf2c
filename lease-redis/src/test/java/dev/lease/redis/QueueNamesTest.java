package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class QueueNamesTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @Test
  @DisplayName(
      "the name of a queue is written before its first job, and work goes on if that fails")
  void writtenAgain() {
    var keys = new Keys("test");
    try (var server = RedisProcess.start();
        var runner =
            new ScriptRunner(
                new ServerTopology(RedisURI.create(server.uri()), TIMEOUT),
                TIMEOUT,
                new Durability(0, false),
                new Scripts(Map.of(), false, Scripts.SERVER_CLOCK),
                keys)) {
      var queues = new QueueNames(runner, keys, Duration.ZERO);
      queues.write(List.of("a"));
      assertThat(queues.names()).containsExactly("a");
      runner.command("forget", keys.queues(), commands -> commands.del(keys.queues()));
      queues.write(List.of("a"));
      assertThat(queues.names()).as("the name was lost, and is written again").containsExactly("a");
      server.kill();

      queues.write(List.of("a"));
      queues.write(List.of("b"));
      server.restart();
      queues.write(List.of("b"));
      assertThat(queues.names())
          .as("the name that could not be written before")
          .containsExactly("b");
    }
  }
}
