package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobGraph;
import dev.lease.worker.JobType;
import dev.lease.worker.ParentJob;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;

/**
 * Three jobs, one after the other, each with the result of the one before. The chain is stored as a
 * whole before any of it runs, and storing it again makes nothing twice.
 */
final class Chain {

  static final JobType.Returning<String, String> RESERVE =
      JobType.of("orders", "reserve", String.class).returning(String.class);
  static final JobType.Returning<String, String> CHARGE =
      JobType.of("orders", "charge", String.class).returning(String.class);
  static final JobType.Returning<String, String> SHIP =
      JobType.of("orders", "ship", String.class).returning(String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .handle(RESERVE, (item, context) -> item + " reserved")
                .handle(CHARGE, (item, context) -> before(context) + ", charged")
                .handle(SHIP, (item, context) -> before(context) + ", shipped")
                .build()) {
      JobClient client = JobClient.of(backend);
      System.out.println("the chain is " + client.enqueue(chain(client, "tea")).kind());
      System.out.println("again, it is " + client.enqueue(chain(client, "tea")).kind());

      worker.start();
      Optional<String> result =
          client.await(SHIP, "order-17/ship/0", Duration.ofSeconds(30)).result();
      System.out.println(result.orElseThrow());
    }
  }

  /** The ids of the jobs are made of the id of the chain, the part and a number. */
  private static JobGraph chain(JobClient client, String item) {
    return client
        .graph("order-17", "orders")
        .add("reserve", RESERVE, item)
        .add("charge", CHARGE, item)
        .after("reserve")
        .add("ship", SHIP, item)
        .after("charge");
  }

  /** What the job before this one has returned. */
  private static String before(JobContext context) {
    ParentJob parent = context.parents().findFirst().orElseThrow();
    return parent.result(String.class).orElseThrow();
  }
}
