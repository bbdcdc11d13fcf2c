package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;

/**
 * Enqueues a job in the transaction that writes what the job is about. The job exists only if the
 * transaction commits: no mail goes out for an order that was rolled back, and no order that was
 * committed is left without its mail.
 */
final class EnqueueInTransaction {

  static final JobType<String> SEND_MAIL = JobType.of("mails", "send-mail", String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    String url = "jdbc:sqlite:" + file;
    CountDownLatch sent = new CountDownLatch(1);
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of(url));
        // SQLite has one writer at a time; this one waits up to 30 s for its turn.
        Connection connection = DriverManager.getConnection(url + "?busy_timeout=30000");
        Worker worker =
            Worker.builder(backend)
                .handle(
                    SEND_MAIL,
                    (product, context) -> {
                      System.out.println("mail: we have your order of " + product);
                      sent.countDown();
                    })
                .build()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("create table orders (product text)");
      }
      connection.setAutoCommit(false);

      String coffee = order(backend, connection, "coffee");
      connection.rollback();
      System.out.println("coffee was rolled back; its job exists: " + exists(backend, coffee));

      String tea = order(backend, connection, "tea");
      connection.commit();
      System.out.println("tea was committed; its job exists: " + exists(backend, tea));
      worker.start();
      sent.await();
    }
  }

  private static String order(JdbcBackend backend, Connection connection, String product)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement("insert into orders values (?)")) {
      insert.setString(1, product);
      insert.executeUpdate();
    }
    JobClient client = JobClient.of(backend);
    return client.in(jobs -> backend.enqueue(connection, jobs)).enqueue(SEND_MAIL, product).id();
  }

  private static boolean exists(JdbcBackend backend, String id) {
    return backend.jobQueue().find("mails", id).isPresent();
  }
}
