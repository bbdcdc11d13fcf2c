package dev.lease.examples.benchmark;

import dev.lease.testkit.server.RedisProcess;
import dev.lease.testkit.server.TestServers;
import io.lettuce.core.RedisClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The store of a run: a store of the user's, by its URL; or one that is started for the run, by a
 * word. What a store of the run has acknowledged survives a crash of the machine (in Redis, all but
 * the last second).
 *
 * @param url the store, as Lease takes it
 * @param closing closes it
 */
record Store(String url, Closeable closing) implements AutoCloseable {

  /**
   * The buffers of each server: enough for a million jobs. The peers were measured with the same.
   */
  private static final String MEMORY = "1GB";

  private static final long MEMORY_BYTES = 1L << 30;

  /** How long replicas may take to follow; less than Lettuce waits for an answer. */
  private static final long REPLICA_MILLIS = 30_000;

  /**
   * Opens the store that the command line names.
   *
   * @param replicas how many replicas a Redis that is started for the run has
   */
  static Store of(String name, Path directory, int replicas) throws IOException, SQLException {
    return switch (name) {
      case "sqlite" -> new Store("jdbc:sqlite:" + directory.resolve("jobs.db"), () -> {});
      case "postgresql" -> postgresql(directory);
      case "mariadb" -> mariadb();
      case "redis" -> redis(replicas);
      default -> new Store(name, () -> {});
    };
  }

  /** Starts a server of its own: the one of the kit does not fsync. */
  private static Store postgresql(Path directory) throws IOException {
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(directory.toFile())
            .setServerConfig("fsync", "on")
            .setServerConfig("full_page_writes", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("shared_buffers", MEMORY)
            .setPGStartupWait(Duration.ofMinutes(2))
            .start();
    return new Store(server.getJdbcUrl("postgres", "postgres"), server);
  }

  private static Store mariadb() throws SQLException {
    String url = TestServers.mariadb().newDatabase();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("set global innodb_flush_log_at_trx_commit = 1");
      statement.execute("set global innodb_buffer_pool_size = " + MEMORY_BYTES);
    }
    return new Store(url, () -> {});
  }

  private static Store redis(int replicas) {
    List<RedisProcess> all = new ArrayList<>();
    try {
      RedisProcess server = durableRedis();
      all.add(server);
      for (int i = 0; i < replicas; i++) {
        all.add(durableRedis("--replicaof", "127.0.0.1", Integer.toString(server.port())));
      }
      awaitReplicas(server, replicas);
      return new Store(server.uri(), () -> all.forEach(RedisProcess::close));
    } catch (RuntimeException e) {
      all.forEach(RedisProcess::close);
      throw e;
    }
  }

  private static void awaitReplicas(RedisProcess server, int replicas) {
    try (RedisClient client = RedisClient.create(server.uri())) {
      long following = client.connect().sync().waitForReplication(replicas, REPLICA_MILLIS);
      if (following < replicas) {
        throw new IllegalStateException(
            "%d of %d replicas of Redis follow after %d ms"
                .formatted(following, replicas, REPLICA_MILLIS));
      }
    }
  }

  private static RedisProcess durableRedis(String... more) {
    List<String> options =
        new ArrayList<>(List.of("--appendonly", "yes", "--appendfsync", "everysec"));
    options.addAll(List.of(more));
    return RedisProcess.start(options.toArray(String[]::new));
  }

  StoreKind kind() {
    return StoreKind.of(url);
  }

  /** The process of its server, if it is known. */
  OptionalLong server() {
    return kind() == StoreKind.SQLITE ? OptionalLong.empty() : Listening.at(url);
  }

  @Override
  public void close() throws IOException {
    closing.close();
  }
}
