package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.server.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HintsTest {

  private final RedisConfig config =
      RedisConfig.of(TestServers.redis()).withPrefix("test-" + UUID.randomUUID());
  private final Keys keys = new Keys(config.prefix());
  private final RedisBackend backend = RedisBackend.open(config);
  private final RedisClient client = RedisClient.create(config.uri());
  private final RedisCommands<String, String> redis = client.connect().sync();

  @AfterEach
  void close() {
    backend.close();
    client.shutdown();
  }

  private void publish(String queue) {
    redis.publish(keys.channel(queue), "");
  }

  @Test
  @DisplayName("Q55 a slow hint delays neither other hints nor new subscriptions, and they merge")
  void slowHint() throws InterruptedException {
    var entered = new Semaphore(0);
    var goesOn = new CountDownLatch(1);
    var runs = new AtomicInteger();
    var others = new Semaphore(0);
    backend
        .jobQueue()
        .onWork(
            "slow",
            () -> {
              runs.incrementAndGet();
              entered.release();
              awaitQuietly(goesOn);
            });
    entered.acquire();
    backend.jobQueue().onWork("other", others::release);
    others.acquire();
    for (int i = 0; i < 1_000; i++) {
      publish("slow");
    }
    publish("other");
    others.acquire(); // So those before it have come, too.

    assertThat(runs).hasValue(1);
    goesOn.countDown();
    entered.acquire();
    publish("slow");
    entered.acquire();
    assertThat(runs).hasValue(3);
  }

  @Test
  @DisplayName("Q55 a hint that throws an error is called again")
  void throwingHint() throws InterruptedException {
    var calls = new Semaphore(0);
    backend
        .jobQueue()
        .onWork(
            "q",
            () -> {
              calls.release();
              throw new AssertionError("of the subscriber");
            });
    calls.acquire();
    do {
      publish("q"); // Until it comes to a hint that has ended.
    } while (calls.availablePermits() < 3);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
