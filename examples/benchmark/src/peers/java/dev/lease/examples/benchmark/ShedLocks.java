package dev.lease.examples.benchmark;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;

/** Locks of any provider of ShedLock. */
record ShedLocks(LockProvider provider, Runnable closing) implements Locks {

  private static final Duration AT_MOST = Duration.ofSeconds(30);

  @Override
  public boolean pair(String name) {
    Optional<SimpleLock> lock =
        provider.lock(new LockConfiguration(Instant.now(), name, AT_MOST, Duration.ZERO));
    lock.ifPresent(SimpleLock::unlock);
    return lock.isPresent();
  }

  @Override
  public void close() {
    closing.run();
  }
}
