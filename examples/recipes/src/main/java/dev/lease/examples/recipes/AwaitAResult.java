package dev.lease.examples.recipes;

import dev.lease.Due;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.EnqueuedJob;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;

/**
 * Enqueues a job and waits for its result. The client asks for a hint when it has finished, so it
 * hears of that at once. Then it cancels a job that is due tomorrow.
 */
final class AwaitAResult {

  record Order(String product, int quantity) {}

  record Receipt(String number, long cents) {}

  static final JobType.Returning<Order, Receipt> PLACE_ORDER =
      JobType.of("orders", "place-order", Order.class).returning(Receipt.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .handle(
                    PLACE_ORDER,
                    (order, context) ->
                        new Receipt("r-" + order.product(), 250L * order.quantity()))
                .build()) {
      worker.start();
      JobClient client = JobClient.builder(backend).finishHints().build();

      String id = client.enqueue(PLACE_ORDER, new Order("tea", 3)).id();
      EnqueuedJob.Returning<Order, Receipt> tea =
          client.await(PLACE_ORDER, id, Duration.ofSeconds(30));
      System.out.println(tea.payload() + " is " + tea.state());
      System.out.println(tea.result().orElseThrow());

      client.enqueue(
          client
              .job(PLACE_ORDER, "milk", new Order("milk", 1))
              .due(Due.after(Duration.ofDays(1)))
              .build());
      EnqueuedJob<Order> milk = client.find(PLACE_ORDER, "milk").orElseThrow();
      System.out.println("milk: " + milk.cancel());
      System.out.println("milk is " + milk.refresh().orElseThrow().state());
    }
  }
}
