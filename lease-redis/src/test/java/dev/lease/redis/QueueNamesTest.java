package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.TcpProxy;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class QueueNamesTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration BRIEF = Duration.ofSeconds(1);

  @Test
  @DisplayName(
      "the name of a queue is written before its first job, and work goes on if that fails")
  void writtenAgain() throws InterruptedException {
    var keys = new Keys("test");
    try (var server = RedisProcess.start();
        var runner =
            new ScriptRunner(
                new ServerTopology(RedisURI.create(server.uri()), RedisConfig.of(server.uri())),
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
      while (queues.names().size() < 2) { // Until a time limit interrupts it.
        Thread.sleep(10);
        queues.write(List.of("b"));
      }
      assertThat(queues.names())
          .as("the names that could not be written before")
          .containsExactly("a", "b");
    }
  }

  @Test
  @DisplayName("only the first job waits for a node of the names that does not answer")
  void doesNotWaitAgain() {
    var keys = new Keys("test");
    try (var server = RedisProcess.start();
        var proxy = new TcpProxy("127.0.0.1", server.port());
        var runner =
            new ScriptRunner(
                new ServerTopology(
                    RedisURI.create("redis://localhost:" + proxy.port()),
                    RedisConfig.of("redis://localhost").withCallTimeout(BRIEF)),
                BRIEF,
                new Durability(0, false),
                new Scripts(Map.of(), false, Scripts.SERVER_CLOCK),
                keys)) {
      proxy.blackHole();
      var queues = new QueueNames(runner, keys);
      long start = System.nanoTime();
      for (int i = 0; i < 1_000; i++) {
        queues.write(List.of("q" + i));
      }
      // Each that waits takes a second: all would take a quarter of an hour.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
      proxy.heal();
    }
  }
}
