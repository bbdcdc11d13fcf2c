package dev.lease.examples.recipes;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Job;
import dev.lease.Settlement;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Writes an order and finishes its job in one transaction of your own. If the transaction does not
 * commit, there is neither an order nor a finished job: so ends the first attempt here. Once it has
 * committed, the job is DONE, and a failure after that would change nothing.
 */
final class NoOrderTwiceBySettling {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);
  static final RetryPolicy SOON = RetryPolicy.pauses(Duration.ofMillis(100));

  static void place(String product, JobContext context, JdbcBackend backend, DataSource dataSource)
      throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert = connection.prepareStatement("insert into orders values (?)")) {
      connection.setAutoCommit(false);
      insert.setString(1, product);
      insert.executeUpdate();
      // Throws if the lease is lost: then nothing is committed.
      backend.settle(connection, Settlement.done(context.lease()));
      System.out.println("attempt " + context.attempt() + " has written the order");
      if (context.attempt() == 1) {
        throw new IllegalStateException("fails before the commit: the pool rolls back");
      }
      connection.commit();
    }
    // The job is DONE. The worker sees that, and does not settle it again.
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
                    (product, context) -> place(product, context, backend, dataSource),
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
      System.out.println("the job is " + job.state() + " after " + job.attempts() + " attempts");
      try (ResultSet count = statement.executeQuery("select count(*) from orders")) {
        count.next();
        System.out.println("orders in the table: " + count.getInt(1));
      }
    }
  }
}
