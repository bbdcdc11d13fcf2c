package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.KeyLimit;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.worker.metrics.QueueMetrics;
import dev.lease.worker.metrics.SoonQueueMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is measured of jobs that wait for a slot of their key, or for others. */
class KeyMetricsTest {

  private final InMemoryBackend store = new InMemoryBackend(InstantSource.system());
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private @Nullable QueueMetrics metrics;

  private void enqueue(String queue, int number, int keys) {
    store
        .jobQueue()
        .enqueue(
            IntStream.range(0, number)
                .mapToObj(i -> NewJob.builder(queue, "j" + i, "t", "").key("k" + i % keys).build())
                .toList());
  }

  private void measure(Backend backend) {
    metrics = SoonQueueMetrics.start(registry, backend);
    WorkerFixture.eventually(() -> registry.find("lease.keys.full").gauges().size() == 2);
  }

  @AfterEach
  void close() {
    if (metrics != null) {
      metrics.close();
    }
    store.close();
  }

  private double gauge(String name, String queue) {
    return registry.get(name).tags("queue", queue).gauge().value();
  }

  @Test
  @DisplayName("the jobs that are held back are counted by queue, and the keys that hold them back")
  void heldBack() {
    for (String queue : List.of("orders", "mails")) {
      store.admission().limit(queue, null, KeyLimit.of(1));
    }
    enqueue("orders", 5, 3);
    enqueue("mails", 2, 2);
    measure(store);
    assertThat(gauge("lease.jobs.held_back", "orders")).isEqualTo(2);
    assertThat(gauge("lease.keys.full", "orders")).isEqualTo(2);
    assertThat(gauge("lease.jobs.held_back", "mails")).isZero();
    assertThat(gauge("lease.keys.full", "mails")).isZero();
    assertThat(registry.getMeters())
        .allMatch(
            meter ->
                meter.getId().getTags().stream().noneMatch(tag -> tag.getValue().startsWith("k")));
  }

  @Test
  @DisplayName("the jobs that wait for other parts of their graphs are counted by queue")
  void waiting() {
    JobType<String> type = JobType.of("orders", "t", String.class);
    JobClient client = JobClient.of(store);
    client.enqueue(
        client
            .graph("g", "orders")
            .add("first", type, "a")
            .addAll("then", type, List.of("b", "c"))
            .after("first"));
    enqueue("mails", 1, 1);
    measure(store);
    assertThat(gauge("lease.jobs.waiting_for_parts", "orders")).isEqualTo(2);
    assertThat(gauge("lease.jobs.waiting_for_parts", "mails")).isZero();
  }

  @Test
  @DisplayName("of very many keys a thousand are looked at, and none where nothing is held back")
  void bounded() {
    store.admission().limit("orders", null, KeyLimit.of(0));
    enqueue("mails", 10, 10);
    enqueue("orders", 1_000, 1_000);
    store.jobQueue().enqueue(List.of(NewJob.builder("orders", "one", "t", "").key("more").build()));
    measure(asking(queue -> assertThat(queue).isEqualTo("orders")));

    assertThat(gauge("lease.keys.full", "orders")).isEqualTo(1_000);
    assertThat(gauge("lease.jobs.held_back", "orders")).isEqualTo(1_001);
  }

  @Test
  @DisplayName("a queue whose keys were not looked at any more has no number of full ones")
  void notLookedAt() {
    for (String queue : List.of("orders", "quotes")) {
      store.admission().limit(queue, null, KeyLimit.of(0));
    }
    enqueue("mails", 1, 1);
    enqueue("orders", 1_000, 1_000);
    enqueue("quotes", 3, 3);
    metrics = SoonQueueMetrics.start(registry, store);
    WorkerFixture.eventually(() -> registry.find("lease.jobs.held_back").gauges().size() == 3);
    assertThat(gauge("lease.jobs.held_back", "quotes")).isEqualTo(3);
    WorkerFixture.eventually(() -> registry.find("lease.keys.full").gauges().size() == 2);
    assertThat(gauge("lease.keys.full", "orders")).isEqualTo(1_000);
    assertThat(gauge("lease.keys.full", "mails")).isZero();
  }

  @Test
  @DisplayName("keys that cannot be listed take no other meters away, and one line tells")
  void noKeys() {
    store.admission().limit("orders", null, KeyLimit.of(1));
    enqueue("mails", 1, 1);
    enqueue("orders", 2, 1);
    AtomicInteger asked = new AtomicInteger();
    AtomicBoolean works = new AtomicBoolean();
    try (Logs logs = new Logs()) {
      metrics =
          SoonQueueMetrics.start(
              registry,
              asking(
                  queue -> {
                    asked.incrementAndGet();
                    if (!works.get()) {
                      throw StoreException.notDone("the keys are too many", null);
                    }
                  }));
      WorkerFixture.eventually(() -> asked.get() > 2);
      assertThat(gauge("lease.jobs.held_back", "orders")).isEqualTo(1);
      assertThat(gauge("lease.keys.full", "mails")).isZero();
      assertThat(registry.find("lease.keys.full").tags("queue", "orders").gauge()).isNull();
      assertThat(registry.find("lease.queue.oldest").gauges()).hasSize(2);
      assertThat(logs.at(Level.WARN))
          .singleElement()
          .asString()
          .contains("The keys cannot be listed");
      works.set(true);
      WorkerFixture.eventually(() -> registry.find("lease.keys.full").gauges().size() == 2);
      assertThat(gauge("lease.keys.full", "orders")).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("a look at keys that fails after the end says nothing")
  void failsAfterTheEnd() throws Exception {
    store.admission().limit("orders", null, KeyLimit.of(0));
    enqueue("orders", 1, 1);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    AtomicReference<Thread> reader = new AtomicReference<>();
    QueueMetrics blocked =
        SoonQueueMetrics.start(
            registry,
            asking(
                queue -> {
                  reader.set(Thread.currentThread());
                  asked.countDown();
                  WorkerFixture.passStubbornly(closed);
                  throw StoreException.notDone("this look ends late", null);
                }));
    WorkerFixture.passStubbornly(asked);
    try (Logs logs = new Logs()) {
      blocked.close();
      closed.countDown();
      reader.get().join();

      assertThat(logs.causes()).noneMatch(cause -> cause.contains("this look ends late"));
    }
  }

  /** The store, whose keys are listed once this has been told their queue. */
  private Backend asking(Consumer<Object> onKeys) {
    Admission admission =
        (Admission)
            Proxy.newProxyInstance(
                Admission.class.getClassLoader(),
                new Class<?>[] {Admission.class},
                (proxy, method, arguments) -> {
                  onKeys.accept(arguments[0]);
                  return method.invoke(store.admission(), arguments);
                });
    return BackendView.of(store).withAdmission(admission);
  }
}
