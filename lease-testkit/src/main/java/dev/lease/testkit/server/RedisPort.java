package dev.lease.testkit.server;

import java.io.Closeable;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port for a Redis server of this JVM, and of no other that asks here, also while the server is
 * down: by a lock on a file, which ends with the JVM.
 */
record RedisPort(int number, FileChannel lock) implements Closeable {

  // Below the ports that systems give to clients: a client that calls a killed server again and
  // again would at some time be given the server's own port, and keep it.
  private static final int FIRST = 10_000;
  private static final int COUNT = 10_000;

  /** The port at which nodes of a cluster speak to each other, beside each port. */
  private static final int BUS = 10_000;

  private static int next = ThreadLocalRandom.current().nextInt(COUNT);

  /** Of this JVM: to open the file of one once more would end its lock. */
  private static final Set<Integer> TAKEN = new HashSet<>();

  static RedisPort free(Path home) throws IOException {
    synchronized (TAKEN) {
      for (int i = 0; i < COUNT; i++) {
        int number = FIRST + next;
        next = (next + 1) % COUNT;
        if (!TAKEN.contains(number)) {
          Optional<RedisPort> taken = take(home, number);
          if (taken.isPresent()) {
            TAKEN.add(number);
            return taken.get();
          }
        }
      }
    }
    throw new IllegalStateException("no port is free");
  }

  /** Empty if another JVM has it, or another program. */
  static Optional<RedisPort> take(Path home, int number) throws IOException {
    FileChannel file =
        FileChannel.open(
            home.resolve("port-" + number), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (file.tryLock() != null && isFree(number) && isFree(number + BUS)) {
      return Optional.of(new RedisPort(number, file));
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
