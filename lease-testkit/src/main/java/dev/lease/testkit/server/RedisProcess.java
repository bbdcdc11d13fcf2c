package dev.lease.testkit.server;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server that belongs to the test, which can kill it and start it again. It listens on
 * 127.0.0.1, always at the same port, and has a directory of its own. It ends when this JVM ends,
 * even if the JVM is killed.
 *
 * <p>The program is the Redis 6.2 of {@code com.github.codemonstur:embedded-redis}, for Linux and
 * macOS on amd64 and arm64. The environment variable {@code LEASE_TEST_REDIS_SERVER} can name the
 * path of another one.
 *
 * <p>The server writes nothing to disk unless its options say so. With {@code --appendonly yes} and
 * {@code --appendfsync} {@code always} or {@code no}, a killed server has everything that it
 * acknowledged when it starts again. With the default, {@code everysec}, it may lose two seconds.
 *
 * <p>Safe for use by many threads.
 */
public final class RedisProcess implements AutoCloseable {

  private final ServerPort port;
  private final Path directory;
  private final EndWithJvm end;
  private final List<String> command = new ArrayList<>();
  private @Nullable Process server;

  private RedisProcess(Path program, List<String> options) throws IOException {
    Path home = ServerHome.of("redis");
    command.add(program.toString());
    port = ServerPort.free();
    directory = Files.createTempDirectory(home, "server");
    end = new EndWithJvm(directory);
    // An empty file. A sentinel does not start without one, and writes its knowledge there.
    command.add(Files.createFile(directory.resolve("redis.conf")).toString());
    command.addAll(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port.number())));
    command.addAll(List.of("--dir", directory.toString(), "--save", ""));
    command.addAll(options);
  }

  /**
   * Starts a server, and returns when it answers.
   *
   * @param options options as on the command line of redis-server, such as {@code "--appendonly",
   *     "yes"}, or {@code "--sentinel"} for a sentinel that watches nothing yet
   * @return the server
   * @throws IllegalStateException if it does not start within two minutes; the message says why
   */
  public static RedisProcess start(String... options) {
    try {
      return start(executable(ServerHome.of("redis")), options);
    } catch (IOException e) {
      throw new IllegalStateException("the Redis server did not start: " + e.getMessage(), e);
    }
  }

  /**
   * Starts a server of a given program, and returns when it answers. That of {@link
   * #start(String...)} has no TLS.
   *
   * @param program the path of a redis-server or valkey-server
   * @param options as for {@link #start(String...)}
   * @return the server
   * @throws IllegalStateException if it does not start within two minutes; the message says why
   */
  public static RedisProcess start(Path program, String... options) {
    try {
      var process = new RedisProcess(program, List.of(options));
      try {
        process.restart();
      } catch (IllegalStateException e) {
        process.close();
        throw e;
      }
      return process;
    } catch (IOException e) {
      throw new IllegalStateException("the Redis server did not start: " + e.getMessage(), e);
    }
  }

  /**
   * The address of the server.
   *
   * @return {@code redis://127.0.0.1:port}
   */
  public String uri() {
    return "redis://127.0.0.1:" + port.number();
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
   * Ends the server with SIGKILL, as a crash would, and returns when it has ended. Does nothing if
   * the server is down.
   */
  public synchronized void kill() {
    if (server == null) {
      return;
    }
    try {
      server.destroyForcibly().waitFor();
      server = null;
      end.killNothing();
    } catch (IOException e) {
      throw new IllegalStateException("the Redis server could not be stopped", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Starts the server again, with the same port, directory and options, and returns when it has
   * read the directory and answers. A running server is killed first.
   *
   * @throws IllegalStateException if it does not start within two minutes, or is closed
   */
  public synchronized void restart() {
    kill();
    try {
      Path log = directory.resolve("log");
      server =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(log.toFile()))
              .start();
      end.kill(server.pid());
      awaitReady(server, log);
    } catch (IOException e) {
      throw new IllegalStateException("the Redis server did not start: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Kills the server and removes its directory. */
  @Override
  public synchronized void close() {
    kill();
    try (port) {
      end.end();
    } catch (IOException e) {
      throw new IllegalStateException("the directory of the Redis server could not be removed", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void awaitReady(Process started, Path log) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!answers() || !started.isAlive()) {
      if (!started.isAlive() || System.nanoTime() - deadline > 0) {
        throw new IOException(Files.readString(log));
      }
      Thread.sleep(10);
    }
  }

  private boolean answers() {
    try (var connection = new RedisConnection(port.number())) {
      connection.call("PING");
      return true;
    } catch (RedisConnection.Refusal e) {
      // The server may ask for a password or a master, but it answers.
      return !String.valueOf(e.getMessage()).startsWith("LOADING");
    } catch (IOException e) {
      return false;
    }
  }

  private static Path executable(Path home) throws IOException {
    String given = System.getenv().getOrDefault("LEASE_TEST_REDIS_SERVER", "");
    if (!given.isEmpty()) {
      return Path.of(given).toAbsolutePath();
    }
    try {
      synchronized (RedisProcess.class) {
        return RedisBinary.unpacked(home);
      }
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "no Redis server: add com.github.codemonstur:embedded-redis to the dependencies of the"
              + " tests",
          e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for a Redis server", e);
  }
}
