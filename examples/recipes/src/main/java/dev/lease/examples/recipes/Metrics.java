package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Outcome;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Worker;
import dev.lease.worker.metrics.QueueMetrics;
import dev.lease.worker.metrics.WorkerMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/**
 * What a worker and its queue look like in Micrometer. A program of yours has a registry already,
 * for example that of Prometheus.
 */
final class Metrics {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    MeterRegistry registry = new SimpleMeterRegistry();
    WorkerMetrics metrics = WorkerMetrics.of(registry);
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file))) {
      try (Worker worker =
          Worker.builder(backend)
              .listen(metrics)
              .handle(
                  PLACE_ORDER,
                  (order, context) -> {
                    if (order.equals("gold")) {
                      throw Outcome.fail().because("the account may not buy gold");
                    }
                    if (order.equals("milk") && context.attempt() == 1) {
                      throw new IllegalStateException("connection reset");
                    }
                  },
                  RetryPolicy.fixed(Duration.ofMillis(50)))
              .build()) {
        metrics.watch(worker);
        worker.start();
        JobClient client = JobClient.of(backend);
        for (String order : List.of("tea", "milk", "gold")) {
          String id = client.enqueue(PLACE_ORDER, order).id();
          while (!backend.jobQueue().find("orders", id).orElseThrow().state().isFinished()) {
            Thread.sleep(10);
          }
        }
      }
      // The worker has told its listeners everything.
      print(registry);

      // One process counts the jobs of the store, every 15 s: here the only one.
      QueueMetrics queues = QueueMetrics.start(registry, backend);
      while (registry.find("lease.queue.depth").gauge() == null) {
        Thread.sleep(10);
      }
      for (String state : List.of("pending", "done", "failed")) {
        double jobs = registry.get("lease.queue.depth").tag("state", state).gauge().value();
        System.out.printf("orders in state %s: %.0f%n", state, jobs);
      }
      queues.close();
    }
  }

  private static void print(MeterRegistry registry) {
    Counter claims = registry.get("lease.claims").tag("type", "place-order").counter();
    System.out.printf("claims: %.0f%n", claims.count());
    for (String outcome : List.of("done", "retry", "failed")) {
      Timer run = registry.get("lease.run").tag("outcome", outcome).timer();
      System.out.printf("attempts that ended as %s: %d%n", outcome, run.count());
    }
  }
}
