package dev.lease.examples.recipes;

import dev.lease.Job;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import java.nio.file.Files;

/**
 * Enqueues a job and runs it. You see the three parts of every program: a store, a job type that
 * producers and workers share, and a handler. The store creates its tables when it opens.
 */
final class FirstJob {

  record Order(String product, int quantity) {}

  static final JobType<Order> PLACE_ORDER = JobType.of("orders", "place-order", Order.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .handle(
                    PLACE_ORDER,
                    (order, context) ->
                        System.out.println("placing " + order.quantity() + " x " + order.product()))
                .build()) {
      worker.start();

      JobClient client = JobClient.of(backend);
      String id = client.enqueue(PLACE_ORDER, new Order("tea", 3)).id();

      Job job = backend.jobQueue().find("orders", id).orElseThrow();
      while (!job.state().isFinished()) {
        Thread.sleep(10);
        job = backend.jobQueue().find("orders", id).orElseThrow();
      }
      System.out.println("the job is " + job.state());
    }
  }
}
