package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;

/**
 * Changes a payload while jobs wait: the new program has a version 2, and makes an order of now out
 * of each one that was enqueued before. Workers of the old program, which would misread version 2,
 * leave such jobs to the new ones.
 */
final class ChangeAPayload {

  record OldOrder(String item, int quantity) {}

  record Order(String product, int quantity, String currency) {}

  static final JobType<OldOrder> BEFORE = JobType.of("orders", "place-order", OldOrder.class);

  static final JobType<Order> NOW =
      JobType.of("orders", "place-order", Order.class)
          .withVersion(2)
          .withUpcaster(1, OldOrder.class, old -> new Order(old.item(), old.quantity(), "EUR"));

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    CountDownLatch placed = new CountDownLatch(2);
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .config(WorkerConfig.builder().concurrency(1).build())
                .handle(
                    NOW,
                    (order, context) -> {
                      System.out.println(order);
                      placed.countDown();
                    })
                .build()) {
      JobClient client = JobClient.of(backend);
      client.enqueue(BEFORE, new OldOrder("tea", 2));
      client.enqueue(NOW, new Order("coffee", 1, "USD"));

      worker.start();
      placed.await();
    }
  }
}
