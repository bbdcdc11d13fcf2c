package dev.lease.examples.orderbot;

import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import java.time.Duration;

/**
 * An open store: the only place that knows which kinds there are.
 *
 * @param jobQueue the jobs, for workers and those who make jobs
 * @param jobAdmin the jobs, for people
 * @param closing what is done to close it
 */
record Store(JobQueue jobQueue, JobAdmin jobAdmin, Runnable closing) implements AutoCloseable {

  /** For those who hold no lease, which a call that hangs could cost. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static Store open(StoreName name) {
    return open(name, PATIENCE);
  }

  static Store open(StoreName name, Duration callTimeout) {
    if (name.isRedis()) {
      RedisBackend redis =
          RedisBackend.open(RedisConfig.of(name.url()).withCallTimeout(callTimeout));
      return new Store(redis.jobQueue(), redis.jobAdmin(), redis::close);
    }
    JdbcBackend jdbc = JdbcBackend.open(JdbcConfig.of(name.url()).withCallTimeout(callTimeout));
    return new Store(jdbc.jobQueue(), jdbc.jobAdmin(), jdbc::close);
  }

  /** Creates or updates the tables; answers whether it is a store that has any. */
  static boolean migrate(StoreName name) {
    if (name.isRedis()) {
      return false;
    }
    JdbcBackend.migrate(JdbcConfig.of(name.url()));
    return true;
  }

  @Override
  public void close() {
    closing.run();
  }
}
