package dev.lease.testkit.server;

import java.io.Closeable;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port that is reserved for a test server of this JVM, even while the server is down. Other JVMs
 * that use this class respect it: the reservation is a file lock, which ends with the JVM.
 */
record ServerPort(int number, FileChannel lock) implements Closeable {

  // Below the ports that systems give to clients. Otherwise a client that keeps connecting to a
  // killed server would some day get the server's own port, and keep it.
  private static final int FIRST = 10_000;
  private static final int COUNT = 10_000;

  /**
   * The distance from the port of a Redis node to the one at which cluster nodes talk to each
   * other.
   */
  private static final int BUS = 10_000;

  private static int next = ThreadLocalRandom.current().nextInt(COUNT);

  /** The ports of this JVM. Opening and closing the file of one again would release its lock. */
  private static final Map<Integer, ServerPort> TAKEN = new HashMap<>();

  static ServerPort free() throws IOException {
    synchronized (TAKEN) {
      for (int i = 0; i < COUNT; i++) {
        int number = FIRST + next;
        next = (next + 1) % COUNT;
        if (!TAKEN.containsKey(number)) {
          Optional<ServerPort> taken = take(number);
          if (taken.isPresent()) {
            TAKEN.put(number, taken.get());
            return taken.get();
          }
        }
      }
    }
    throw new IllegalStateException(
        "no free port for a test server from " + FIRST + " to " + (FIRST + COUNT - 1));
  }

  /** Reserves a port. Empty if another JVM or another program uses it. */
  static Optional<ServerPort> take(int number) throws IOException {
    FileChannel file =
        FileChannel.open(
            ServerHome.of("ports").resolve("port-" + number),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    if (file.tryLock() != null && isFree(number) && isFree(number + BUS)) {
      return Optional.of(new ServerPort(number, file));
    }
    file.close();
    return Optional.empty();
  }

  private static boolean isFree(int port) {
    try {
      new ServerSocket(port, 1, RedisConnection.host()).close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (TAKEN) {
      lock.close();
      TAKEN.remove(number);
    }
  }
}
