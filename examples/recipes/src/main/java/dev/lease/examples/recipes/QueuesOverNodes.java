package dev.lease.examples.recipes;

import dev.lease.Backend;
import dev.lease.StoreException;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/**
 * Spreads eight queues of orders over the nodes of a Redis Cluster. All keys of a queue are on one
 * node, by the name of the queue, so this needs no router. When a node is gone, its queues stand
 * still, and the others go on.
 */
final class QueuesOverNodes {

  static final JobType<String> ORDER = JobType.of("orders", "place-order", String.class);

  static final List<JobType<String>> ORDERS =
      IntStream.range(0, 8).mapToObj(i -> ORDER.in("orders-" + i)).toList();

  /** The same customer is always in the same queue, on every machine. */
  static JobType<String> ordersOf(String customer) {
    return ORDERS.get(Math.floorMod(customer.hashCode(), ORDERS.size()));
  }

  /** Puts an order into each queue; answers the queues that take none, since their node is gone. */
  static List<String> standStill(JobClient client) {
    List<String> standStill = new ArrayList<>();
    for (JobType<String> orders : ORDERS) {
      try {
        client.enqueue(orders, "tea");
      } catch (StoreException e) {
        standStill.add(orders.queue());
      }
    }
    return standStill;
  }

  public static void main(String[] args) throws Exception {
    // Several nodes, such as redis://one:6379,two:6379: it finds the others while one is gone.
    String uri = args.length > 0 ? args[0] : "redis://localhost:6379";
    String prefix = args.length > 1 ? args[1] : "recipes";
    var placed = new CountDownLatch(80);
    try (Backend cluster = RedisBackend.open(RedisConfig.of(uri).withPrefix(prefix));
        Worker worker = worker(cluster, placed)) {
      JobClient client = JobClient.of(cluster);
      client.enqueue(
          IntStream.range(0, 80)
              .mapToObj(i -> client.job(ordersOf("c" + i), "order-" + i, "tea").build())
              .toList());
      worker.start();
      placed.await();
      System.out.println("one worker has placed all 80 orders");
      worker.stop();
      System.out.println("queues that stand still: " + standStill(client));
    }
  }

  private static Worker worker(Backend cluster, CountDownLatch placed) {
    Worker.Builder builder = Worker.builder(cluster);
    for (JobType<String> type : ORDERS) {
      builder.handle(type, (order, context) -> placed.countDown());
    }
    return builder.build();
  }
}
