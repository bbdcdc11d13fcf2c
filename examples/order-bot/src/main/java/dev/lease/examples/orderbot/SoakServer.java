package dev.lease.examples.orderbot;

import dev.lease.examples.shared.StoreName;
import dev.lease.testkit.server.RedisProcess;
import dev.lease.testkit.server.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store of a soak, and its server if the soak started it.
 *
 * @param store the store
 * @param process the server, which may be killed and restarted; null if the soak did not start it
 */
record SoakServer(StoreName store, @Nullable Restartable process) implements AutoCloseable {

  /**
   * Opens the store that the command line names.
   *
   * @param name {@code postgresql}, {@code mariadb} or {@code redis} to start a server for this
   *     soak, or the name of a store
   */
  static SoakServer of(String name) throws IOException, SQLException {
    return switch (name) {
      case "postgresql" -> postgresql();
      case "mariadb" -> mariadb();
      case "redis" -> redis();
      default -> new SoakServer(new StoreName(name), null);
    };
  }

  private static SoakServer postgresql() throws IOException, SQLException {
    String url = TestServers.postgresql().newDatabase();
    Path pidFile = path(url, "show data_directory").resolve("postmaster.pid");
    // PostgreSQL refuses to run as root, so the kit starts it this way, too.
    boolean isRoot = System.getProperty("user.name").equals("root");
    return database(url, pidFile, "QUIT", isRoot ? List.of("unshare", "-U") : List.of());
  }

  private static SoakServer mariadb() throws IOException, SQLException {
    String url = TestServers.mariadb().newDatabase();
    return database(url, path(url, "select @@pid_file"), "KILL", List.of());
  }

  private static SoakServer redis() {
    RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
    return new SoakServer(
        new StoreName(redis.uri()),
        new Restartable() {
          @Override
          public void restart() {
            redis.restart();
          }

          @Override
          public void close() {
            redis.close();
          }
        });
  }

  private static Path path(String url, String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return Path.of(row.getString(1));
    }
  }

  /** A server in a container, or on another machine, cannot be killed from here. */
  private static SoakServer database(String url, Path pidFile, String signal, List<String> under)
      throws IOException {
    return new SoakServer(
        new StoreName(url),
        Files.isReadable(pidFile) ? new DatabaseProcess(url, pidFile, signal, under) : null);
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
  }
}
