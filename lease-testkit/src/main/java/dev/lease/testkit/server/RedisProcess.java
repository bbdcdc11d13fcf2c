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
 * A Redis server of the test's own, which may be killed and started again. It listens on 127.0.0.1
 * at a port that stays, in a directory of its own, and ends with this JVM, even if that is killed.
 *
 * <p>The program is the one that {@code com.github.codemonstur:embedded-redis} brings, Redis 6.2
 * for Linux and macOS on amd64 and arm64; or the one whose path is in the environment variable
 * {@code LEASE_TEST_REDIS_SERVER}.
 *
 * <p>It writes nothing to disk unless its options say so. With {@code --appendonly yes} a server
 * that is killed has all that it acknowledged when it is started again, with {@code --appendfsync}
 * {@code always} or {@code no}; with the default, {@code everysec}, it may lose two seconds.
 *
 * <p>Safe for use by many threads.
 */
public final class RedisProcess implements AutoCloseable {

  private final RedisPort port;
  private final Path directory;
  private final EndWithJvm end;
  private final List<String> command = new ArrayList<>();
  private @Nullable Process server;

  private RedisProcess(List<String> options) throws IOException {
    Path home = ServerHome.of("redis");
    command.add(executable(home).toString());
    port = RedisPort.free(home);
    directory = Files.createTempDirectory(home, "server");
    end = new EndWithJvm(directory);
    // Empty; a sentinel does not start without one, and writes there what it knows.
    command.add(Files.createFile(directory.resolve("redis.conf")).toString());
    command.addAll(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port.number())));
    command.addAll(List.of("--dir", directory.toString(), "--save", ""));
    command.addAll(options);
  }

  /**
   * Starts a server, and returns when it answers.
   *
   * @param options as on the command line of redis-server, such as {@code "--appendonly", "yes"},
   *     or {@code "--sentinel"}, for a sentinel that watches nothing yet
   * @return the server
   * @throws IllegalStateException if it does not start, within two minutes; it says why
   */
  public static RedisProcess start(String... options) {
    try {
      var process = new RedisProcess(List.of(options));
      try {
        process.restart();
      } catch (IllegalStateException e) {
        process.close();
        throw e;
      }
      return process;
    } catch (IOException e) {
      throw new IllegalStateException("the Redis server does not start: " + e.getMessage(), e);
    }
  }

  /**
   * Where it listens.
   *
   * @return {@code redis://127.0.0.1:port}
   */
  public String uri() {
    return "redis://127.0.0.1:" + port.number();
  }

  /**
   * Where it listens, on 127.0.0.1.
   *
   * @return the port, the same for as long as this object
   */
  public int port() {
    return port.number();
  }

  /**
   * Ends the server with SIGKILL, as a crash would, and returns when it has ended. Without effect
   * if it has.
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
      throw new IllegalStateException("the Redis server does not end", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Starts the server again, at the same port, in the same directory and with the same options, and
   * returns when it answers and has read what it finds there. If it runs it is killed before.
   *
   * @throws IllegalStateException if it does not start, within two minutes, or is closed
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
      end.kill(server);
      awaitReady(server, log);
    } catch (IOException e) {
      throw new IllegalStateException("the Redis server does not start: " + e.getMessage(), e);
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
      throw new IllegalStateException("the Redis server's directory is not removed", e);
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
      // It may want a password, or a master; that is an answer.
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
          "com.github.codemonstur:embedded-redis is not a dependency", e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted at a Redis server", e);
  }
}
