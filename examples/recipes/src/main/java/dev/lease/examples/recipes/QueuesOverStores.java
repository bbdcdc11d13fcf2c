package dev.lease.examples.recipes;

import dev.lease.Backend;
import dev.lease.QueueCounts;
import dev.lease.StoreCounts;
import dev.lease.StoreException;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.router.QueueRouter;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/**
 * Spreads eight queues of orders over two databases. One worker serves them all; a customer's
 * orders are always in the same queue. When one database is gone, its queues stand still, and the
 * others go on.
 */
final class QueuesOverStores {

  static final JobType<String> ORDER = JobType.of("orders", "place-order", String.class);

  static final List<JobType<String>> ORDERS =
      IntStream.range(0, 8).mapToObj(i -> ORDER.in("orders-" + i)).toList();

  /** The same customer is always in the same queue, on every machine. */
  static JobType<String> ordersOf(String customer) {
    return ORDERS.get(Math.floorMod(customer.hashCode(), ORDERS.size()));
  }

  private static Backend database(String file) {
    return JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    Backend east = database(file + "-east");
    Backend west = database(file + "-west");
    var placed = new CountDownLatch(80);
    try (Backend all =
            QueueRouter.builder()
                .store("east", east, "orders-0", "orders-1", "orders-2", "orders-3")
                .store("west", west, "*") // All other queues.
                .leases("east") // All named leases.
                .build();
        Worker worker = worker(all, placed)) {
      JobClient client = JobClient.of(all);
      client.enqueue(
          IntStream.range(0, 80)
              .mapToObj(i -> client.job(ordersOf("c" + i), "order-" + i, "tea").build())
              .toList());
      print("east", east.jobAdmin().counts());
      print("west", west.jobAdmin().counts());
      worker.start();
      placed.await();
      System.out.println("one worker has placed all 80 orders");
      worker.stop();

      west.close(); // As if that database were gone.
      print("all", all.jobAdmin().counts());
      client.enqueue(ORDERS.get(0), "tea");
      try {
        client.enqueue(ORDERS.get(4), "tea");
      } catch (StoreException e) {
        System.out.println("orders-0 goes on; of orders-4: " + e.getMessage());
      }
    }
  }

  private static Worker worker(Backend all, CountDownLatch placed) {
    Worker.Builder builder = Worker.builder(all);
    for (JobType<String> type : ORDERS) {
      builder.handle(type, (order, context) -> placed.countDown());
    }
    return builder.build();
  }

  private static void print(String store, StoreCounts counts) {
    List<String> queues = counts.queues().stream().map(QueueCounts::queue).toList();
    System.out.println(store + " has " + queues + ", missing: " + counts.missing());
  }
}
