package dev.lease.worker;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.lease.Backend;
import dev.lease.Due;
import dev.lease.worker.HangCell.Ground;
import java.time.Duration;

/**
 * Writes to a store all the time, in its own name, to see whether the store and this JVM go on at
 * all. On a machine that stood still for too much of a lease, leases are lost for no fault of the
 * worker, and a cell shows nothing.
 */
final class HangWitness {

  private static final long EVERY = Duration.ofMillis(100).toNanos();

  private final Duration tooLong;
  private volatile boolean ends;
  private volatile boolean hasFailed;

  /** Guarded by this, as is what follows. */
  private long lastWrite;

  private long longest;

  HangWitness(Duration lease) {
    tooLong = lease.dividedBy(4);
  }

  synchronized boolean sawStandstill() {
    return hasFailed || longest > tooLong.toNanos();
  }

  /** The same ground, watched until it is closed. */
  Ground watch(Ground ground) {
    synchronized (this) {
      lastWrite = System.nanoTime();
    }
    var thread = new Thread(() -> write(JobClient.of(ground.plain())), "test-witness");
    thread.setDaemon(true);
    thread.start();
    return new Ground() {
      @Override
      public Backend backend() {
        return ground.backend();
      }

      @Override
      public Backend plain() {
        return ground.plain();
      }

      @Override
      public Hang hang() {
        return ground.hang();
      }

      @Override
      public void close() {
        ends = true;
        // A write that has not ended yet counts as well.
        wrote();
        ground.close();
      }
    };
  }

  private void write(JobClient client) {
    try {
      for (int i = 0; !ends; i++) {
        client.enqueue(
            client
                .job(HangCell.B, "witness" + i, "witness")
                .due(Due.after(Duration.ofDays(1)))
                .build());
        NANOSECONDS.sleep(EVERY);
        wrote();
      }
    } catch (InterruptedException | RuntimeException e) {
      // At the end the store is closed under it.
      hasFailed = !ends;
    }
  }

  private synchronized void wrote() {
    long now = System.nanoTime();
    longest = Math.max(longest, now - lastWrite - EVERY);
    lastWrite = now;
  }

  @Override
  public synchronized String toString() {
    return hasFailed
        ? "the store failed by itself"
        : "the store or the machine stood still for " + Duration.ofNanos(longest);
  }
}
