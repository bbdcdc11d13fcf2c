package dev.lease.examples.orderbot;

import dev.lease.Backend;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.StoreException;
import dev.lease.examples.shared.Failure;
import dev.lease.examples.shared.StoreName;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open store. No other class knows which kinds of stores there are.
 *
 * @param backend the store
 */
public record Store(Backend backend) implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Store.class);
  private static final Duration WAIT = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** The call timeout of a program that holds no lease, which a hanging call could cost. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * Opens a store for calls that hold no lease.
   *
   * @param name the store
   * @return the open store
   */
  public static Store open(StoreName name) {
    return open(name, PATIENCE, true);
  }

  /** Opens a store only to look into it: a file or tables that are missing are not made. */
  static Store openToLook(StoreName name) {
    return open(name, PATIENCE, false);
  }

  private static Store open(StoreName name, Duration callTimeout, boolean migrate) {
    if (name.isRedis()) {
      return new Store(
          RedisBackend.open(
              RedisConfig.of(name.url()).withCallTimeout(callTimeout).withMigrate(migrate)));
    }
    return new Store(
        JdbcBackend.open(
            JdbcConfig.of(name.url()).withCallTimeout(callTimeout).withMigrate(migrate)));
  }

  /**
   * Opens a store for a worker. If the store is down, this waits for it, for at most a minute.
   *
   * @param name the store
   * @param lease the lease duration of the worker
   * @return the open store
   */
  public static Store openForWorker(StoreName name, Duration lease) throws InterruptedException {
    // A hanging call must not cost the lease.
    Duration callTimeout = lease.dividedBy(3);
    Instant deadline = Instant.now().plus(WAIT);
    while (true) {
      try {
        return open(name, callTimeout, true);
      } catch (StoreException e) {
        if (Instant.now().isAfter(deadline)) {
          throw e;
        }
        LOG.warn("waiting for the store: {}", Failure.inWords(e));
        Thread.sleep(PAUSE.toMillis());
      }
    }
  }

  /** Creates or updates the tables; answers whether the store has any. */
  static boolean migrate(StoreName name) {
    if (name.isRedis()) {
      return false;
    }
    JdbcBackend.migrate(JdbcConfig.of(name.url()));
    return true;
  }

  /**
   * Tells whether the store is a file that a suspended process has locked, so that nobody can
   * write.
   *
   * @param name the store
   * @return false for every store that is not a file
   */
  public static boolean isFileLocked(StoreName name) {
    if (!name.isFile()) {
      return false;
    }
    Properties properties = new Properties();
    // Milliseconds: a process that runs has finished its write by then.
    properties.setProperty("busy_timeout", "200");
    try (Connection connection = DriverManager.getConnection(name.url(), properties);
        Statement statement = connection.createStatement()) {
      statement.execute("begin immediate");
      statement.execute("rollback");
      return false;
    } catch (SQLException e) {
      return true;
    }
  }

  /**
   * The jobs, for workers and producers.
   *
   * @return the part
   */
  public JobQueue jobQueue() {
    return backend.jobQueue();
  }

  /**
   * The jobs, for operators.
   *
   * @return the part
   */
  public JobAdmin jobAdmin() {
    return backend.jobAdmin();
  }

  /**
   * The store if it is a database.
   *
   * @return the store, or null
   */
  public @Nullable JdbcBackend database() {
    return backend instanceof JdbcBackend database ? database : null;
  }

  @Override
  public void close() {
    backend.close();
  }
}
