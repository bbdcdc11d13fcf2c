package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for notifications of other processes, on a connection of its own. Whenever it connects it
 * gives a hint for each queue, because notifications may have been lost.
 *
 * <p>A connection may live and yet hear nothing: a pooler has given its session to others, or it
 * leads to a former primary. So when it connects, and once a minute, the store notifies itself.
 */
final class NotificationListener implements AutoCloseable {

  /** What a listener tells, and what it needs. */
  interface Events {

    /** News of another process, or of this one. */
    void heard(String news);

    /** News may have been lost. */
    void mayHaveMissed();

    /**
     * Sends news on another connection than the listener's, on a thread of its own.
     *
     * @param sent is called when it was sent, and not at all if that failed
     */
    void send(String news, Runnable sent);
  }

  private static final Logger log = LoggerFactory.getLogger(NotificationListener.class);
  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How often the store notifies itself, and how long that may take. */
  private static final long ECHO_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** First character of what a listener sends to itself. */
  private static final char ECHO = '!';

  private final Notifications notifications;
  private final ConnectionFactory connections;
  private final Events events;
  private @Nullable Thread thread;
  private volatile @Nullable Connection connection;
  private volatile boolean closed;

  /** Whether it was logged that nothing is heard. Only the listening thread uses it. */
  private boolean deaf;

  NotificationListener(Notifications notifications, ConnectionFactory connections, Events events) {
    this.notifications = notifications;
    this.connections = connections;
    this.events = events;
  }

  /** Starts to listen, if it has not started. */
  synchronized void start() {
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
              Database.reason(e));
          LockSupport.parkNanos(RECONNECT_NANOS);
        }
      }
    }
  }

  private void listen(Connection opened) throws SQLException {
    var echo = new Echo();
    notifications.listen(opened);
    events.mayHaveMissed();
    while (!closed) {
      echo.sendIfDue();
      for (String news : notifications.receive(opened, WAIT)) {
        if (!echo.takes(news)) {
          events.heard(news);
        }
      }
      echo.check();
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
        log.debug("Cannot close the connection for notifications: {}", Database.reason(e));
      }
    }
  }
}
