package dev.lease.examples.recipes;

import dev.lease.Job;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Places an order once at an exchange that knows idempotency keys. The first attempt fails when the
 * exchange has the order but the job does not know it yet. The second attempt asks again under the
 * same key, and the exchange answers with the order that it has.
 */
final class NoOrderTwiceByKey {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  /** The order number by idempotency key: what an exchange remembers. */
  static final Map<String, Integer> EXCHANGE = new ConcurrentHashMap<>();

  static void handle(String product, JobContext context) throws Exception {
    int number = context.step("place", Integer.class, () -> place(product, context));
    System.out.println("attempt " + context.attempt() + " confirms order " + number);
  }

  private static int place(String product, JobContext context) {
    String key = context.idempotencyKey("place");
    int number = EXCHANGE.computeIfAbsent(key, k -> EXCHANGE.size() + 1);
    System.out.println(
        "attempt " + context.attempt() + " asks for " + product + " and gets order " + number);
    if (context.attempt() == 1) {
      throw new IllegalStateException("fails between the effect and the end of its step");
    }
    return number;
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    RetryPolicy soon = RetryPolicy.pauses(Duration.ofMillis(100));
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend).handle(PLACE_ORDER, NoOrderTwiceByKey::handle, soon).build()) {
      worker.start();
      String id = JobClient.of(backend).enqueue(PLACE_ORDER, "tea").id();
      Job job = backend.jobQueue().find("orders", id).orElseThrow();
      while (!job.state().isFinished()) {
        Thread.sleep(10);
        job = backend.jobQueue().find("orders", id).orElseThrow();
      }
      System.out.println("the job is " + job.state() + " after " + job.attempts() + " attempts");
      System.out.println("orders at the exchange: " + EXCHANGE.size());
    }
  }
}
