package dev.lease.examples.recipes;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.ClaimRequest;
import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Refuses a write of a worker that has lost its job and does not know it. A first worker claims the
 * job and is suspended until its lease has expired; a second one takes the job and writes. When the
 * first goes on, the fence has seen a larger token and refuses its write.
 */
final class NoOrderTwiceByFence {

  static final JobType<String> COUNT_STOCK = JobType.of("stock", "count-stock", String.class);

  static void setStock(JdbcBackend backend, DataSource dataSource, JobLease lease, int amount)
      throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement set =
            connection.prepareStatement("update stock set amount = ? where product = ?")) {
      connection.setAutoCommit(false);
      // Throws if a later holder of this job was here: then the pool rolls back.
      backend.fence(connection, lease, "stock/tea");
      set.setInt(1, amount);
      set.setString(2, "tea");
      set.executeUpdate();
      connection.commit();
      System.out.println(lease.owner() + " sets the stock to " + amount);
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
                .config(WorkerConfig.builder().name("worker 2").build())
                .handle(
                    COUNT_STOCK,
                    (product, context) -> setStock(backend, dataSource, context.lease(), 7))
                .build()) {
      statement.execute("create table stock (product varchar(100) primary key, amount int)");
      statement.execute("insert into stock values ('tea', 0)");
      String id = JobClient.of(backend).enqueue(COUNT_STOCK, "tea").id();
      // Worker 1 is suspended right after its claim: nothing extends its lease.
      ClaimRequest claim = ClaimRequest.of("stock", "worker 1", 1, Duration.ofMillis(200));
      JobLease lost = backend.jobQueue().claim(claim).jobs().get(0).lease();

      worker.start();
      while (!backend.jobQueue().find("stock", id).orElseThrow().state().isFinished()) {
        Thread.sleep(10);
      }
      try {
        setStock(backend, dataSource, lost, 5);
      } catch (LeaseLostException e) {
        System.out.println("worker 1 is refused, because it has lost the job");
      }
    }
  }
}
