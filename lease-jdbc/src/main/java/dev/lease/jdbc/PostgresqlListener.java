package dev.lease.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
 *
 * <p>A connection may live and yet hear nothing: a pooler has given its session to others, or it
 * leads to a former primary. So when it connects, and once a minute, the store notifies itself.
 */
final class PostgresqlListener implements NotificationListener {

  /** The channel of versions that had one for all schemas of a database. */
  private static final String COMMON_CHANNEL = "lease_work";

  private static final Logger log = LoggerFactory.getLogger(PostgresqlListener.class);
  private static final int WAIT_MILLIS = 10_000;
  private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How often the store notifies itself, and how long that may take. */
  private static final long ECHO_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** First character of what a listener sends to itself. */
  private static final char ECHO = '!';

  private final String channel;
  private final ConnectionFactory connections;
  private final Events events;
  private @Nullable Thread thread;
  private volatile @Nullable Connection connection;
  private volatile boolean closed;

  /** Whether it was logged that nothing is heard. Only the listening thread uses it. */
  private boolean deaf;

  PostgresqlListener(String channel, ConnectionFactory connections, Events events) {
    this.channel = channel;
    this.connections = connections;
    this.events = events;
  }

  /**
   * The channel of a schema. One database has one set of channels, which anybody can listen to, so
   * each schema has its own; a hash, since a name may be too long.
   */
  static String channel(String schema) {
    return COMMON_CHANNEL
        + "_"
        + UUID.nameUUIDFromBytes(schema.getBytes(UTF_8)).toString().replace("-", "");
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
    var echo = new Echo();
    try (Statement statement = opened.createStatement()) {
      statement.execute("listen " + COMMON_CHANNEL);
      statement.execute("listen " + channel);
      events.mayHaveMissed();
      while (!closed) {
        echo.sendIfDue();
        PGNotification[] news = postgresql.getNotifications(WAIT_MILLIS);
        if (news == null || news.length == 0) {
          statement.execute("select 1");
        } else {
          for (PGNotification notification : news) {
            if (!echo.takes(notification.getParameter())) {
              events.heard(notification.getParameter());
            }
          }
        }
        echo.check();
      }
    }
  }

  /** What the store sends to itself while one connection listens. */
  private final class Echo {
    private final String name = ECHO + UUID.randomUUID().toString() + ' ';
    private int number;
    private int heard;
    private long due = System.nanoTime();
    private volatile @Nullable Sent last;

    private record Sent(int number, long at) {}

    void sendIfDue() {
      long now = System.nanoTime();
      if (now - due >= 0) {
        due = now + ECHO_NANOS;
        number++;
        int next = number;
        events.send(name + next, () -> last = new Sent(next, System.nanoTime()));
      }
    }

    /** Takes news if they are an echo; whether they are. */
    boolean takes(String news) {
      if (news.startsWith(name)) {
        heard = Integer.parseInt(news.substring(name.length()));
        if (deaf) {
          deaf = false;
          log.info("Notifications of other processes arrive again");
        }
      }
      return news.startsWith(String.valueOf(ECHO));
    }

    void check() throws SQLException {
      Sent sent = last;
      if (sent == null || sent.number == heard || System.nanoTime() - sent.at < PATIENCE_NANOS) {
        return;
      }
      if (!deaf) {
        deaf = true;
        log.warn(
            "Notifications do not arrive, so only polls find new work of other processes. A pooler in transaction mode"
                + " or a former primary may be in between. It connects again every few seconds; a line says when they arrive");
      }
      throw new SQLException("a notification of this process did not arrive");
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
