package dev.lease.examples.recipes;

import dev.lease.KeyLimit;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;

/**
 * Works on one order of a customer at a time, however many workers there are and whoever of them
 * dies, while those of other customers go on. The key says whose order it is, and the limit how
 * many jobs of a key run at once.
 */
final class OneAtATime {

  record Order(String customer, int number) {}

  static final JobType<Order> PLACE =
      JobType.of("orders", "place", Order.class).withKey(Order::customer);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file))) {
      // Once, by a program or by hand: lease limit orders --slots 1
      backend.admission().limit("orders", null, KeyLimit.of(1));
      Map<String, Integer> running = new ConcurrentHashMap<>();
      Map<String, Integer> most = new ConcurrentHashMap<>();
      CountDownLatch placed = new CountDownLatch(6);
      CyclicBarrier bothRun = new CyclicBarrier(2);
      try (Worker worker =
          Worker.builder(backend)
              .handle(
                  PLACE,
                  (order, context) -> {
                    String customer = order.customer();
                    most.merge(customer, running.merge(customer, 1, Integer::sum), Math::max);
                    bothRun.await(); // One of each customer is here, or nobody gets on.
                    running.merge(customer, -1, Integer::sum);
                    placed.countDown();
                  })
              .build()) {
        JobClient client = JobClient.of(backend);
        for (int number = 1; number <= 3; number++) {
          client.enqueue(PLACE, new Order("acme", number));
          client.enqueue(PLACE, new Order("globex", number));
        }
        worker.start();
        placed.await();
      }
      System.out.println("six orders are placed, one of each customer at the same time");
      System.out.println(
          "most at once: acme " + most.get("acme") + ", globex " + most.get("globex"));
    }
  }
}
