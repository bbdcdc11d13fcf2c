package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * One job, then fifteen hundred at once, then one that adds up what they returned. It waits for one
 * part, however many jobs that has.
 */
final class FanOutFanIn {

  static final JobType<String> LOAD = JobType.of("reports", "load", String.class);
  static final JobType.Returning<Integer, Long> COUNT =
      JobType.of("reports", "count", Integer.class).returning(Long.class);
  static final JobType.Returning<String, Long> SUM =
      JobType.of("reports", "sum", String.class).returning(Long.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    AtomicInteger loaded = new AtomicInteger();
    AtomicInteger early = new AtomicInteger();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .handle(LOAD, (day, context) -> loaded.incrementAndGet())
                .handle(
                    COUNT,
                    (shop, context) -> {
                      if (loaded.get() == 0) {
                        early.incrementAndGet();
                      }
                      return 10L * shop;
                    })
                .handle(
                    SUM,
                    (day, context) ->
                        // The parents come in pages: they need not fit into the memory.
                        context.parents().mapToLong(shop -> shop.result(COUNT).orElseThrow()).sum())
                .build()) {
      worker.start();
      JobClient client = JobClient.of(backend);
      List<Integer> shops = IntStream.rangeClosed(1, 1_500).boxed().toList();
      client.enqueue(
          client
              .graph("monday", "reports")
              .add("load", LOAD, "monday")
              .addAll("count", COUNT, shops) // sent in pieces of 1,000 jobs
              .after("load")
              .add("sum", SUM, "monday")
              .after("count"));

      long sum = client.await(SUM, "monday/sum/0", Duration.ofSeconds(60)).result().orElseThrow();
      System.out.println("shops that were counted before the load had ended: " + early);
      System.out.println("the sum is " + sum);
    }
  }
}
