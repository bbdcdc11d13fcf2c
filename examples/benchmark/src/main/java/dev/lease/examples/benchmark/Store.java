package dev.lease.examples.benchmark;

import dev.lease.testkit.server.RedisProcess;
import dev.lease.testkit.server.TestServers;
import io.lettuce.core.RedisClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * The store of a run: a store of the user's, by its URL; or one that is started for the run, by a
 * word; or several, which a router puts together. What a store of the run has acknowledged survives
 * a crash of the machine (in Redis, all but the last second).
 *
 * @param urls the stores, as Lease takes them
 * @param closing closes them
 */
record Store(List<String> urls, Closeable closing) implements AutoCloseable {

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
   * @param stores how many are started
   */
  static Store of(String name, Path directory, int replicas, int stores)
      throws IOException, SQLException {
    if (stores == 1) {
      return of(name, directory, replicas);
    }
    List<Store> all = new ArrayList<>();
    for (int i = 0; i < stores; i++) {
      Path own = Files.createDirectories(directory.resolve("store-" + i));
      all.add(of(name, own, replicas));
    }
    return new Store(
        all.stream().map(Store::url).toList(),
        () -> {
          for (Store store : all) {
            store.close();
          }
        });
  }

  private static Store of(String name, Path directory, int replicas)
      throws IOException, SQLException {
    return switch (name) {
      case "sqlite" -> one("jdbc:sqlite:" + directory.resolve("jobs.db"), () -> {});
      case "postgresql" -> postgresql(directory);
      case "mariadb" -> mariadb();
      case "redis" -> redis(replicas);
      default -> new Store(List.of(name.split(" ", -1)), () -> {});
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
    return one(server.getJdbcUrl("postgres", "postgres"), server);
  }

  private static Store mariadb() throws SQLException {
    String url = TestServers.mariadb().newDatabase();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("set global innodb_flush_log_at_trx_commit = 1");
      statement.execute("set global innodb_buffer_pool_size = " + MEMORY_BYTES);
    }
    return one(url, () -> {});
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
      return one(server.uri(), () -> all.forEach(RedisProcess::close));
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

  private static Store one(String url, Closeable closing) {
    return new Store(List.of(url), closing);
  }

  /** The only store, or the first of several. */
  String url() {
    return urls.get(0);
  }

  /** All of them in one text, from which a {@link Target} reads them. */
  String address() {
    return String.join(" ", urls);
  }

  StoreKind kind() {
    return StoreKind.of(url());
  }

  /** The processes of its servers, as far as they are known. */
  LongStream servers() {
    return kind() == StoreKind.SQLITE
        ? LongStream.empty()
        : urls.stream().map(Listening::at).flatMapToLong(OptionalLong::stream);
  }

  @Override
  public void close() throws IOException {
    closing.close();
  }
}
