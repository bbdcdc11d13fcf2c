package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.worker.metrics.SoonQueueMetrics;
import dev.lease.worker.metrics.WorkerMetrics;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** What Micrometer is told of a worker and of its queues. */
@EnumSource(names = "POSTGRESQL")
class MetricsTest extends WorkerFixture {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final WorkerMetrics metrics = WorkerMetrics.of(registry);

  private Worker measured(WorkerConfig.Builder config, JobHandler<String> handler) {
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(config.build())
                .listen(metrics)
                .handle(TEXT, handler, RetryPolicy.fixed(Duration.ZERO)));
    metrics.watch(worker);
    return worker;
  }

  private RequiredSearch find(String name, String... tags) {
    return registry.get(name).tags(tags);
  }

  private double counted(String name, String type) {
    return find(name, "queue", TEXT.queue(), "type", type).counter().count();
  }

  private double settled(String type, String outcome) {
    return find("lease.settled", "type", type, "outcome", outcome).counter().count();
  }

  private double gauge(String name, String... tags) {
    return find(name, tags).gauge().value();
  }

  private boolean has(String name) {
    return registry.find(name).meter() != null;
  }

  @Test
  @DisplayName("each end of an attempt is counted and timed, by type, queue and outcome")
  void ends() throws Exception {
    enqueue(NewJob.builder(TEXT.queue(), "foreign", "foreign", "\"\"").build());
    enqueue(client.job(TEXT.withMaxCrashes(1), "dead", "dead").build());
    jobs.claim(ClaimRequest.of(TEXT.queue(), "dead", 10, Duration.ofMillis(1)));
    enqueue(client.job(TEXT.withNotAfter(Duration.ZERO), "late", "late").build());
    CountDownLatch running = latch();
    CountDownLatch go = latch();
    enqueue("good", "flaky", "old", "closed", "bad");
    enqueue(client.job(TEXT, "lost", "lost").priority(0).build());
    Worker worker =
        measured(
            config(),
            (payload, context) -> {
              switch (payload) {
                case "good" -> {}
                case "flaky" -> {
                  if (context.attempt() == 1) {
                    throw new IllegalStateException("boom");
                  }
                }
                case "old" -> throw Outcome.discard().because("too old");
                case "closed" -> throw Outcome.snooze(FAR).because("closed");
                case "lost" -> {
                  running.countDown();
                  passStubbornly(go);
                }
                default -> throw Outcome.fail().because("no account");
              }
            });
    pass(running);
    assertThat(gauge("lease.slots")).isEqualTo(1);
    assertThat(gauge("lease.active")).isEqualTo(1);
    assertThat(gauge("lease.stuck") + gauge("lease.waiting") + gauge("lease.unsettled")).isZero();
    admin.delete(TEXT.queue(), "lost");
    go.countDown();
    awaitState("bad", JobState.FAILED);
    worker.stop();

    assertThat(settled("text", "done")).isEqualTo(2);
    assertThat(settled("text", "retry")).isEqualTo(1);
    assertThat(settled("text", "discarded")).isEqualTo(1);
    assertThat(settled("text", "snoozed")).isEqualTo(1);
    assertThat(settled("text", "failed")).isEqualTo(1);
    assertThat(settled("text", "lost")).isEqualTo(1);
    assertThat(settled("text", "cancelled")).as("is there before the first one").isZero();
    assertThat(settled("foreign", "released")).isPositive(); // Again and again, on a slow machine.
    assertThat(counted("lease.claims", "text")).isEqualTo(7);
    assertThat(counted("lease.lost", "text")).isEqualTo(1);
    assertThat(spent("failed")).isEqualTo(1);
    assertThat(spent("cancelled")).isEqualTo(1);
    assertThat(find("lease.wait", "type", "text").timer().count()).isEqualTo(7);
    assertThat(find("lease.run", "outcome", "done").timer().count()).isEqualTo(2);
    assertThat(find("lease.run", "outcome", "done").timer().takeSnapshot().histogramCounts())
        .isNotEmpty();
    assertThat(registry.find("lease.run").tag("type", "foreign").timer()).isNull();
    assertThat(gauge("lease.slots")).isZero();
  }

  private double spent(String state) {
    return registry.get("lease.spent").tags("type", "text", "state", state).counter().count();
  }

  @Test
  @DisplayName("an outage shows while it lasts, and so does how late leases are extended")
  void outage() throws Exception {
    jobs.onClaim =
        (queue, call) -> {
          throw StoreException.notDone("down", null);
        };
    CountDownLatch go = latch();
    measured(soonExtended(), (payload, context) -> pass(go));
    eventually(() -> gauge("lease.outage") == 1);
    jobs.onClaim = (queue, call) -> call.get();
    eventually(() -> gauge("lease.outage") == 0);
    eventually(() -> find("lease.outage.length").timer().count() == 1);

    enqueue("long");
    eventually(
        () ->
            has("lease.extend.lag")
                && find("lease.extend.lag", "queue", TEXT.queue()).timer().count() > 0);
    go.countDown();
    awaitState("long", JobState.DONE);
  }

  @Test
  @DisplayName("of two workers of one name, each has its own outage")
  void outageOfOneName() {
    var down = new FaultyQueue(backend.jobQueue());
    down.onClaim =
        (queue, call) -> {
          throw StoreException.notDone("down", null);
        };
    Worker other =
        start(
            Parts.worker(down)
                .config(config().build())
                .listen(metrics)
                .handle(TEXT, (payload, context) -> {}));
    metrics.watch(other);
    Worker well = measured(config(), (payload, context) -> {});
    eventually(() -> gauge("lease.outage") == 1);
    assertThat(well.status().outage()).isNull();
    assertThat(other.status().outage()).isPositive();
    other.stop();
    assertThat(gauge("lease.outage")).isZero();
    assertThat(other.status().outage()).as("nothing calls the store any more").isNull();
  }

  @Test
  @DisplayName("all that the page names an alarm for is there before the first job, with 0")
  void alarms() throws Exception {
    measured(config(), (payload, context) -> {});
    int counters = 0;
    for (String line : Files.readAllLines(Path.of("docs", "observability.md"))) {
      String[] cells = line.split("\\s*\\|\\s*", -1);
      boolean isMeter = cells.length == 7 && cells[1].startsWith("`lease.");
      if (!isMeter || isOfStore(cells[1]) || cells[2].startsWith("timer")) {
        continue;
      }
      String name = cells[1].replace("`", "");
      assertThat(has(name)).as(name).isTrue();
      if (cells[2].startsWith("counter")) {
        counters++;
        assertThat(find(name, "queue", TEXT.queue(), "type", TEXT.name()).counters())
            .as(name)
            .hasSize(
                switch (name) {
                  case "lease.settled" -> JobEvent.End.values().length;
                  case "lease.spent" -> 2;
                  default -> 1;
                })
            .allSatisfy(counter -> assertThat(counter.count()).isZero());
      }
    }
    assertThat(counters).isEqualTo(4);
  }

  /** Whether {@link QueueMetrics} measures it. */
  private static boolean isOfStore(String name) {
    return List.of("`lease.queue.", "`lease.jobs.", "`lease.keys.").stream()
        .anyMatch(name::startsWith);
  }

  @Test
  @DisplayName("a worker that has stopped is let go")
  void letGo() {
    List<Reference<Worker>> watched = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Worker worker =
          Parts.worker(jobs)
              .config(config().shutdownHook(false).build())
              .handle(TEXT, (payload, context) -> {})
              .build();
      metrics.watch(worker);
      worker.stop();
      watched.add(new WeakReference<>(worker));
    }
    metrics.watch(measured(config(), (payload, context) -> {}));
    eventually(
        () -> {
          System.gc();
          return watched.stream().allMatch(reference -> reference.refersTo(null));
        });
  }

  @Test
  @DisplayName("one process reads the queues, and the next one does when it closes")
  void queues() throws Exception {
    enqueue("a", "b");
    jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 1, FAR));
    var other = new SimpleMeterRegistry();
    var first = SoonQueueMetrics.start(registry, backend);
    eventually(() -> has("lease.queue.depth"));
    Backend again = again();
    var second = SoonQueueMetrics.start(other, again);
    assertThat(depth("pending")).isEqualTo(1);
    assertThat(depth("processing")).isEqualTo(1);
    assertThat(depth("failed")).isZero();
    eventually(() -> gauge("lease.queue.oldest", "queue", TEXT.queue()) > 0);
    assertThat(other.getMeters()).isEmpty();

    first.close();
    assertThat(has("lease.queue.depth") || has("lease.queue.oldest")).isFalse();
    eventually(() -> !other.getMeters().isEmpty());
    second.close();
    assertThat(other.getMeters()).isEmpty();
  }

  private double depth(String state) {
    return gauge("lease.queue.depth", "queue", TEXT.queue(), "state", state);
  }
}
