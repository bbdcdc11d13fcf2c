package dev.lease.examples.benchmark;

import dev.lease.NewJob;
import dev.lease.jdbc.JdbcBackend;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Enqueues jobs in transactions of the caller's, each of which may go on for a while. */
final class OpenTransactions implements AutoCloseable {

  private final JdbcBackend backend;
  private final String url;
  private final int millis;
  private final Queue<Connection> free = new ConcurrentLinkedQueue<>();

  OpenTransactions(JdbcBackend backend, String url, int millis) {
    this.backend = backend;
    this.url = url;
    this.millis = millis;
  }

  void enqueue(List<NewJob> jobs) throws SQLException, InterruptedException {
    Connection connection = free.poll();
    if (connection == null) {
      connection = DriverManager.getConnection(url);
      connection.setAutoCommit(false);
    }
    backend.enqueue(connection, jobs);
    Thread.sleep(millis);
    connection.commit();
    free.add(connection);
  }

  @Override
  public void close() throws SQLException {
    for (Connection connection : free) {
      connection.close();
    }
  }
}
