package dev.lease.jdbc;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** How a process waits for its turn if several open an empty database at once. */
final class StartupRetry {

  static final int MAX_TRIES = 30;

  private StartupRetry() {}

  static void pause() {
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(20_000_000L, 250_000_000L));
  }
}
