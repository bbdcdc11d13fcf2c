package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uses LISTEN on a connection of its own. After each wait without a notification it sends the
 * server a query, because a dead connection is silent too. Whenever it connects it wakes all
 * queues, because notifications may have been lost.
 */
final class PostgresqlListener implements NotificationListener {

  static final String CHANNEL = "lease_work";

  private static final Logger log = LoggerFactory.getLogger(PostgresqlListener.class);
  private static final int WAIT_MILLIS = 10_000;
  private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final ConnectionFactory connections;
  private final Consumer<String> wake;
  private final Runnable wakeAll;
  private @Nullable Thread thread;
  private volatile @Nullable Connection connection;
  private volatile boolean closed;

  PostgresqlListener(ConnectionFactory connections, Consumer<String> wake, Runnable wakeAll) {
    this.connections = connections;
    this.wake = wake;
    this.wakeAll = wakeAll;
  }

  @Override
  public synchronized void start() {
    if (thread == null && !closed) {
      thread = new Thread(this::run, "lease-jdbc-listen");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run() {
    while (!closed) {
      try (Connection opened = connections.openConnection()) {
        connection = opened;
        try {
          listen(opened);
        } finally {
          // Otherwise it would go back to a caller's pool and collect notifications there.
          opened.abort(Runnable::run);
        }
      } catch (Throwable e) {
        if (!closed) {
          log.debug(
              "Cannot listen for notifications, so only polls find new work of other processes; connecting again in {} s: {}",
              TimeUnit.NANOSECONDS.toSeconds(RECONNECT_NANOS),
              e.getMessage());
          LockSupport.parkNanos(RECONNECT_NANOS);
        }
      }
    }
  }

  private void listen(Connection opened) throws SQLException {
    PGConnection postgresql = opened.unwrap(PGConnection.class);
    try (Statement statement = opened.createStatement()) {
      statement.execute("listen " + CHANNEL);
      wakeAll.run();
      while (!closed) {
        PGNotification[] news = postgresql.getNotifications(WAIT_MILLIS);
        if (news == null || news.length == 0) {
          statement.execute("select 1");
        } else {
          for (PGNotification notification : news) {
            wake.accept(notification.getParameter());
          }
        }
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
    Connection open = connection;
    if (open != null) {
      try {
        // close() would wait for the read that is under way.
        open.abort(Runnable::run);
      } catch (SQLException e) {
        log.debug("Cannot close the connection for notifications: {}", e.getMessage());
      }
    }
  }
}
