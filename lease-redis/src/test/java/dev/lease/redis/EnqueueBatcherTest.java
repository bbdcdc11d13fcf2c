package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Enqueued;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class EnqueueBatcherTest {

  private static final Pattern SCRIPTS = Pattern.compile("cmdstat_eval(?:sha)?:calls=(\\d+)");

  private final RedisNetworkFixture fixture = new RedisNetworkFixture();
  private final RedisConfig config = fixture.at(fixture.server());
  private final RedisClient client = RedisClient.create(config.uri());
  private final RedisCommands<String, String> redis = client.connect().sync();

  @AfterEach
  void close() {
    client("UNPAUSE");
    client.shutdown();
  }

  private void client(String... args) {
    redis.dispatch(
        CommandType.CLIENT,
        new StatusOutput<>(StringCodec.UTF8),
        new CommandArgs<>(StringCodec.UTF8).addValues(args));
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "payload of " + id).build();
  }

  private static NewJob job(String id, String dedupKey) {
    return NewJob.builder("q", id, "t", "payload of " + id).dedupKey(dedupKey).build();
  }

  /** Enqueues on a thread of its own, and returns when that waits for an answer. */
  private static FutureTask<Enqueued> enqueue(RedisBackend backend, NewJob job)
      throws InterruptedException {
    var task = new FutureTask<>(() -> backend.jobQueue().enqueue(List.of(job)).get(0));
    var thread = new Thread(task);
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING && !task.isDone()) {
      Thread.sleep(1);
    }
    return task;
  }

  private long scripts() {
    return SCRIPTS
        .matcher(redis.info("commandstats"))
        .results()
        .mapToLong(calls -> Long.parseLong(calls.group(1)))
        .sum();
  }

  @Test
  @DisplayName("callers that meet go together in one script, each with an answer of its own")
  void together() throws Exception {
    try (RedisBackend backend = RedisBackend.open(config)) {
      backend.jobQueue().enqueue(List.of(job("first")));
      long before = scripts();
      client("PAUSE", "60000", "WRITE");
      List<FutureTask<Enqueued>> calls = new ArrayList<>();
      FutureTask<Enqueued> alone = enqueue(backend, job("alone"));
      calls.add(enqueue(backend, job("alone too")));
      for (int i = 0; i < 20; i++) {
        calls.add(enqueue(backend, job("job" + i)));
      }
      calls.add(enqueue(backend, job("job7")));
      calls.add(enqueue(backend, job("one", "key")));
      calls.add(enqueue(backend, job("other", "key")));
      client("UNPAUSE");

      assertThat(alone.get()).isEqualTo(Enqueued.of("alone", true));
      assertThat(calls.get(0).get()).isEqualTo(Enqueued.of("alone too", true));
      for (int i = 0; i < 20; i++) {
        assertThat(calls.get(i + 1).get()).isEqualTo(Enqueued.of("job" + i, true));
        assertThat(backend.jobQueue().find("q", "job" + i).orElseThrow().payload())
            .isEqualTo("payload of job" + i);
      }
      assertThat(calls.get(21).get()).isEqualTo(Enqueued.of("job7", false));
      assertThat(calls.get(22).get()).isEqualTo(Enqueued.of("one", true));
      assertThat(calls.get(23).get()).isEqualTo(Enqueued.of("one", false));
      assertThat(scripts() - before).isEqualTo(3 + 20);
    }
  }

  @Test
  @DisplayName("a large job goes alone, and holds up nobody")
  void large() throws Exception {
    try (RedisBackend backend = RedisBackend.open(config)) {
      long before = scripts();
      client("PAUSE", "60000", "WRITE");
      NewJob large = NewJob.builder("q", "large", "t", "x".repeat(100_000)).build();
      FutureTask<Enqueued> first = enqueue(backend, large);
      FutureTask<Enqueued> second = enqueue(backend, job("small"));
      client("UNPAUSE");

      assertThat(first.get().created()).isTrue();
      assertThat(second.get().created()).isTrue();
      assertThat(scripts() - before).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("each caller hears of a trip that fails, and the next one goes")
  void failing() throws Exception {
    try (var proxy = new TcpProxy(fixture.server().getHostString(), fixture.server().getPort());
        RedisBackend backend =
            RedisBackend.open(
                fixture
                    .at(new InetSocketAddress("localhost", proxy.port()))
                    .withCallTimeout(Duration.ofMillis(500)))) {
      backend.jobQueue().enqueue(List.of(job("first")));
      proxy.blackHole();
      List<FutureTask<Enqueued>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(enqueue(backend, job("job" + i)));
      }
      for (FutureTask<Enqueued> call : calls) {
        assertThatThrownBy(call::get)
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(StoreException.class);
      }
      proxy.heal();

      while (!isEnqueued(backend)) {
        Thread.sleep(10);
      }
    }
  }

  private static boolean isEnqueued(RedisBackend backend) {
    try {
      return backend.jobQueue().enqueue(List.of(job("last"))).get(0).id().equals("last");
    } catch (StoreException e) {
      return false;
    }
  }
}
