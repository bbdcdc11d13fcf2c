package dev.lease.worker;

import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps named leases alive. One thread watches the clocks, and other threads call the store. So
 * while a call hangs, other leases are still renewed and holders are still told of a loss [W25,
 * W26].
 */
final class LeaseKeeper {

  private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);
  private static final long SHORTEST_WAIT = Duration.ofMillis(1).toNanos();
  private static final long FOR_EVER = Long.MAX_VALUE;

  private final long longestWait;
  private final ExecutorService calls;
  private final Signal signal = new Signal();
  private final Loop loop;
  private final Set<HeldLease> held = ConcurrentHashMap.newKeySet();
  private boolean started; // Guarded by this.
  private boolean closed; // Guarded by this.

  /**
   * @param calls runs the calls to the store
   */
  LeaseKeeper(String owner, Duration leaseDuration, ExecutorService calls) {
    this.calls = calls;
    this.longestWait = Math.min(leaseDuration.toNanos() / 12, Duration.ofMillis(500).toNanos());
    this.loop =
        new Loop(
            "keeper of named leases",
            signal,
            this::step,
            task -> {
              var thread = new Thread(task, "lease-keeper-" + owner);
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Keeps a lease alive until it is closed or lost; false if this was closed. */
  synchronized boolean keep(HeldLease lease) {
    if (closed) {
      return false;
    }
    if (!started) {
      loop.start();
      started = true;
    }
    loop.revive();
    held.add(lease);
    signal.raise();
    return true;
  }

  synchronized void takeNoMore() {
    closed = true;
  }

  /** Closes all leases that are held. */
  void close() {
    held.forEach(HeldLease::close);
    loop.end();
    calls.shutdown();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  private long step() {
    long wait = held.isEmpty() ? FOR_EVER : longestWait;
    for (Iterator<HeldLease> each = held.iterator(); each.hasNext(); ) {
      HeldLease lease = each.next();
      lease.look();
      if (lease.isOver()) {
        each.remove();
        continue;
      }
      long toRenewal = lease.nanosToRenewal();
      if (toRenewal == 0) {
        renew(lease);
      } else {
        wait = Math.min(wait, toRenewal);
      }
    }
    return Math.max(wait, SHORTEST_WAIT);
  }

  private void renew(HeldLease lease) {
    lease.beginRenewal();
    try {
      calls.execute(
          () -> {
            lease.renew();
            signal.raise();
          });
    } catch (Throwable e) {
      // This thread makes the call then: a lease that is not renewed is lost.
      log.debug("{} has no thread for its renewal; the keeper's own thread renews it", lease, e);
      lease.renew();
    }
  }
}
