package dev.lease.examples.recipes;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Job;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import java.nio.file.Files;

/**
 * Opens the store on a connection pool of your own. The store takes its connections from the pool
 * and gives back what it does not need, so the pool needs more of them than your handlers use. The
 * pool stays yours: the store does not close it.
 */
final class OwnDataSource {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    HikariConfig pool = new HikariConfig();
    pool.setJdbcUrl("jdbc:sqlite:" + file);
    // The store takes up to 3, and on PostgreSQL one more to listen on. The others are left to you.
    pool.setMaximumPoolSize(10);
    try (HikariDataSource dataSource = new HikariDataSource(pool)) {
      try (JdbcBackend backend = JdbcBackend.over(dataSource);
          Worker worker =
              Worker.builder(backend)
                  .handle(
                      PLACE_ORDER,
                      (product, context) -> System.out.println("placing an order of " + product))
                  .build()) {
        worker.start();
        String id = JobClient.of(backend).enqueue(PLACE_ORDER, "tea").id();
        Job job = backend.jobQueue().find("orders", id).orElseThrow();
        while (!job.state().isFinished()) {
          Thread.sleep(10);
          job = backend.jobQueue().find("orders", id).orElseThrow();
        }
        System.out.println("the job is " + job.state());
      }
      System.out.println("the pool is closed: " + dataSource.isClosed());
    }
  }
}
