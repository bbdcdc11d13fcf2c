package dev.lease.examples.recipes;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Job;
import dev.lease.StepTransaction;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Step;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;

/**
 * Writes an order once into the database that has the jobs. A step commits the order and its own
 * value together. The first attempt fails before that commit and leaves nothing behind; the second
 * fails after it, and the third gets the value without running the step again.
 */
final class NoOrderTwiceByTransaction {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);
  static final Step<Boolean> BOOK = Step.of("book", Boolean.class);
  static final RetryPolicy SOON = RetryPolicy.pauses(Duration.ofMillis(100));

  static void place(String product, JobContext context, StepTransaction<Connection> transaction)
      throws Exception {
    int attempt = context.attempt();
    context.step(
        BOOK,
        transaction,
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement("insert into orders values (?)")) {
            insert.setString(1, product);
            insert.executeUpdate();
          }
          System.out.println("attempt " + attempt + " writes the order");
          failIf(attempt == 1, "before the commit");
          return true;
        });
    failIf(attempt == 2, "after the commit");
    System.out.println("attempt " + attempt + " finds the order written");
  }

  private static void failIf(boolean now, String when) {
    if (now) {
      throw new IllegalStateException("fails " + when);
    }
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    HikariConfig pool = new HikariConfig();
    // SQLite has one writer at a time; this one waits up to 30 s for its turn.
    pool.setJdbcUrl("jdbc:sqlite:" + file + "?busy_timeout=30000");
    try (HikariDataSource dataSource = new HikariDataSource(pool);
        Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .handle(
                    PLACE_ORDER,
                    (product, context) -> place(product, context, backend.steps(dataSource)),
                    SOON)
                .build()) {
      statement.execute("create table orders (product text)");
      worker.start();
      String id = JobClient.of(backend).enqueue(PLACE_ORDER, "tea").id();
      Job job = backend.jobQueue().find("orders", id).orElseThrow();
      while (!job.state().isFinished()) {
        Thread.sleep(10);
        job = backend.jobQueue().find("orders", id).orElseThrow();
      }
      try (ResultSet count = statement.executeQuery("select count(*) from orders")) {
        count.next();
        System.out.println("orders in the table: " + count.getInt(1));
      }
    }
  }
}
