package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.worker.StoreCalls.Call;
import dev.lease.worker.StoreCalls.Kind;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps named leases alive. One thread watches the clocks, and others call the store. So a call
 * that hangs does not stop the renewal of other leases, and does not keep a holder from being told
 * [W25, W26].
 */
final class LeaseKeeper {

  private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);
  private static final long SHORTEST_WAIT = Duration.ofMillis(1).toNanos();
  private static final long FOR_EVER = Long.MAX_VALUE;

  /** Its calls are not given up: a lease that is not renewed is told to be lost. */
  private static final Duration FOR_LONG = Duration.ofDays(365);

  /** So many calls to the store at the same time, at most. */
  private static final int MAX_CALLS = 16;

  /**
   * How long a close waits for the leases to be released. After that it goes on in the background.
   */
  private static final Duration MAX_CLOSE = Duration.ofSeconds(20);

  private final String owner;
  private final long longestWait;
  private final ExecutorService threads;
  private final StoreCalls calls;
  private final Signal signal = new Signal();
  private final Loop loop;
  private final Set<HeldLease> held = ConcurrentHashMap.newKeySet();
  private final Queue<Runnable> toTell = new ConcurrentLinkedQueue<>();
  private boolean started; // Guarded by this.
  private volatile boolean closed;
  private volatile boolean ended;

  LeaseKeeper(String owner, Duration leaseDuration) {
    this.owner = owner;
    this.longestWait = Math.min(leaseDuration.toNanos() / 12, Duration.ofMillis(500).toNanos());
    this.threads = HandlerThreads.onDemand("lease-renewal-" + Limits.oneLine(owner) + "-");
    this.calls =
        new StoreCalls(
            MAX_CALLS,
            Stream::empty,
            name -> "",
            FOR_LONG,
            threads,
            System::nanoTime,
            signal::raise);
    this.loop =
        new Loop(
            "keeper of named leases",
            signal,
            this::round,
            task -> HandlerThreads.daemon(task, "lease-keeper-" + Limits.oneLine(owner)));
  }

  /**
   * Keeps a lease alive until it is closed or lost.
   *
   * @throws IllegalStateException if this was closed, or has no thread to keep it with
   */
  synchronized void keep(HeldLease lease) {
    if (closed) {
      throw new IllegalStateException("these Leases were closed");
    }
    if (!startOrRevive()) {
      throw new IllegalStateException("the thread that renews leases cannot be started");
    }
    held.add(lease);
    signal.raise();
  }

  private boolean startOrRevive() {
    if (started) {
      return loop.revive();
    }
    try {
      loop.start();
      started = true;
      return true;
    } catch (OutOfMemoryError e) {
      // So the JVM says that it has no thread.
      log.error("The thread that renews leases cannot be started", e);
      return false;
    }
  }

  /** Runs a listener on a thread of its own, as soon as there is one. */
  void tell(Runnable listener) {
    toTell.add(listener);
    signal.raise();
    if (ended) {
      tellAll();
    }
  }

  synchronized void takeNoMore() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  /** Closes all leases that are held, at the same time. The thread ends when they are over. */
  void close() {
    List<HeldLease> all = List.copyOf(held);
    // Whoever works under a lease releases it, this thread as well.
    List<HeldLease> unused =
        all.stream().filter(HeldLease::stop).filter(lease -> !lease.isUsedHere()).toList();
    long until = System.nanoTime() + MAX_CLOSE.toNanos();
    for (HeldLease lease : unused) {
      await(until, () -> started(lease, lease::close));
    }
    // But not for leases under which this thread itself works.
    all.forEach(lease -> await(until, () -> lease.isOver() || lease.isUsedHere()));
    synchronized (this) {
      if (!started) {
        threads.shutdown();
      }
    }
    signal.raise();
  }

  /** Waits until something is so. An interrupt does not end the wait, and is kept. */
  private static void await(long until, BooleanSupplier isSo) {
    boolean interrupted = false;
    while (!isSo.getAsBoolean() && until - System.nanoTime() > 0) {
      try {
        TimeUnit.MILLISECONDS.sleep(5);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private long round() {
    tellAll();
    long wait = held.isEmpty() ? FOR_EVER : longestWait;
    for (Iterator<HeldLease> each = held.iterator(); each.hasNext(); ) {
      HeldLease lease = each.next();
      try {
        lease.look();
        if (lease.isOver()) {
          each.remove();
          continue;
        }
        long toCall = lease.nanosToCall();
        if (toCall == 0) {
          callStore(lease);
        } else {
          wait = Math.min(wait, toCall);
        }
        wait = Math.min(wait, Math.max(1, lease.nanosLeft()));
      } catch (Throwable e) {
        log.error("{} could not be looked after; this is tried again", lease, e);
      }
    }
    if (closed && held.isEmpty() && toTell.isEmpty()) {
      threads.shutdown();
      ended = true;
      tellAll();
      return Loop.END;
    }
    return Math.max(toTell.isEmpty() ? wait : Math.min(wait, longestWait), SHORTEST_WAIT);
  }

  private synchronized void tellAll() {
    for (Runnable next = toTell.peek(); next != null; next = toTell.peek()) {
      try {
        HandlerThreads.daemon(next, "lease-lost-" + Limits.oneLine(owner)).start();
      } catch (Throwable e) {
        // No thread can be made. The listener waits for one.
        return;
      }
      toTell.remove();
    }
  }

  private void callStore(HeldLease lease) {
    lease.beginCall();
    if (!started(lease, lease::callStore)) {
      // The end of another call wakes this thread.
      lease.endCall();
    }
  }

  private boolean started(HeldLease lease, Runnable call) {
    return calls.start(
        new Call<>(
            Kind.NAMED,
            lease.name(),
            () -> {
              call.run();
              return true;
            },
            done -> signal.raise(),
            e -> log.error("{} could not be looked after; this is tried again", lease, e)));
  }
}
