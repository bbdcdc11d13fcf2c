package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.KeyLimit;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Jobs with keys, as producers and handlers see them. */
class KeysTest {

  record Order(String customer, String item) {}

  private static final JobType<Order> PLACE =
      JobType.of("orders", "place", Order.class).withKey(Order::customer);

  private final ManualClock clock = new ManualClock();
  private final InMemoryBackend backend = new InMemoryBackend(clock);
  private final List<@Nullable String> seen = new ArrayList<>();

  @Test
  @DisplayName("a job has the key of its payload, or its own, and its handler sees it")
  void keyOfAPayload() {
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend).handle(PLACE, (order, context) -> seen.add(context.key())));
    JobClient client = worker.client();
    client.enqueue(PLACE, new Order("acme", "tea"));
    client.enqueue(client.job(PLACE, new Order("acme", "tea")).key("globex").build());
    client.enqueue(client.job(PLACE, new Order("acme", "tea")).key(null).build());
    worker.drain();
    assertThat(seen).containsExactly("acme", "globex", null);
  }

  @Test
  @DisplayName("the jobs of a schedule have its key, and wait for its slots")
  void keyOfASchedule() {
    backend.admission().limit("orders", null, KeyLimit.of(0));
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .handle(PLACE, (order, context) -> seen.add(context.key()))
                .schedule(
                    Schedule.every(
                        "tea", PLACE, new Order("acme", "tea"), Duration.ofMinutes(10))));
    clock.advance(Duration.ofMinutes(10));
    worker.drain();
    assertThat(seen).isEmpty();
    assertThat(backend.jobAdmin().counts().queues().get(0).heldBack()).isEqualTo(1);

    backend.admission().limit("orders", "acme", KeyLimit.of(1));
    worker.drain();
    assertThat(seen).containsExactly("acme");
  }

  @Test
  @DisplayName(
      "Q67 jobs of a key with a rate start one after the other, and some more after a rest")
  void rate() {
    backend
        .admission()
        .limit("orders", null, KeyLimit.of(10).withRate(1, Duration.ofMinutes(1), 1));
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend).handle(PLACE, (order, context) -> seen.add(order.item())));
    for (String item : List.of("tea", "milk", "rum", "ice")) {
      worker.client().enqueue(PLACE, new Order("acme", item));
    }
    worker.drain();
    assertThat(seen).containsExactly("tea", "milk");
    clock.advance(Duration.ofSeconds(59));
    assertThat(worker.drain()).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    worker.drain();
    assertThat(seen).containsExactly("tea", "milk", "rum");
  }
}
