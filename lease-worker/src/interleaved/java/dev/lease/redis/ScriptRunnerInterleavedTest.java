package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.StoreClosedException;
import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScriptRunnerInterleavedTest {

  /** One server, to which there is a connection until this is closed. */
  private static final class OneServer implements Topology {

    volatile boolean closed;

    private final Node node =
        new Node(
            RedisURI.create("redis://server"),
            () -> CompletableFuture.completedFuture(new ScriptConnection(connection())));

    /** A connection that is open, and on which nothing is sent. */
    @SuppressWarnings("unchecked")
    private static StatefulRedisConnection<String, String> connection() {
      return (StatefulRedisConnection<String, String>)
          Proxy.newProxyInstance(
              OneServer.class.getClassLoader(),
              new Class<?>[] {StatefulRedisConnection.class},
              (proxy, method, args) -> method.getName().equals("isOpen") ? true : null);
    }

    @Override
    public CompletableFuture<Node> nodeOf(String key) {
      return CompletableFuture.completedFuture(node);
    }

    @Override
    public CompletableFuture<Map<String, Node>> nodes() {
      throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable Node redirected(String refusal) {
      return null;
    }

    @Override
    public void lookAgain() {}

    @Override
    public CompletableFuture<? extends StatefulRedisPubSubConnection<String, String>>
        connectForHints() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /** Planted: whether the runner is closed is asked only before its lock is taken. */
  @Test
  void closesWhenNoCallIsUnderWay() {
    Schedules.search(
        "redis-close",
        () -> {
          var crew = new Crew();
          var server = new OneServer();
          var runner =
              new ScriptRunner(
                  server,
                  Duration.ofNanos(Schedules.HOUR),
                  new Durability(0, false),
                  new Scripts(Map.of(), false, Scripts.SERVER_CLOCK),
                  new Keys("prefix"));
          var answered = new AtomicInteger();
          var refused = new AtomicInteger();
          for (int i = 0; i < 2; i++) {
            crew.go(
                () -> {
                  try {
                    runner.command(
                        "ask",
                        "key",
                        commands -> {
                          assertThat(server.closed).isFalse();
                          var answer = new CompletableFuture<String>();
                          crew.go(
                              () -> {
                                assertThat(server.closed).isFalse();
                                answer.complete("answer");
                              });
                          return answer;
                        });
                    answered.incrementAndGet();
                  } catch (StoreClosedException e) {
                    refused.incrementAndGet();
                  }
                });
          }
          crew.go(runner::close);
          crew.join();

          assertThat(answered.get() + refused.get()).isEqualTo(2);
          assertThat(server.closed).isTrue();
        });
  }
}
