package dev.lease.worker;

import dev.lease.LeaseLostException;
import dev.lease.worker.HeldLease.User;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Work under a lease, on the thread that asked for it. The thread is interrupted if the lease is
 * lost or closed meanwhile, and the lease is closed when the work has ended.
 */
final class LeaseRun {

  /** The run of this thread; if the work runs other work under another lease, the innermost. */
  private static final ThreadLocal<LeaseRun> INNERMOST = new ThreadLocal<>();

  private final HeldLease lease;
  private final Thread thread = Thread.currentThread();
  private final @Nullable LeaseRun outer = INNERMOST.get();

  /** Whether the lease has interrupted the work. Set under the monitor of the lease. */
  private volatile boolean interrupted;

  LeaseRun(HeldLease lease) {
    this.lease = lease;
  }

  /**
   * Runs the work and closes the lease.
   *
   * @param atLeast how long the name stays taken from now on, even if the work ends sooner
   * @throws LeaseLostException if the lease was lost or closed; an exception of the work is
   *     suppressed in it
   */
  void run(Duration atLeast, HeldLease.Work work) throws Exception {
    Exception failure = null;
    String broken = null;
    try {
      lease.checkHeld();
      begin(atLeast);
      try {
        work.run(lease);
      } catch (Exception e) {
        failure = e;
      } finally {
        end();
      }
      broken = lease.whatEnded();
    } finally {
      if (!lease.finish() && broken == null) {
        broken = "lost";
      }
    }
    if (broken != null) {
      var lost = new LeaseLostException(lease + " was " + broken + " while its work ran");
      if (failure != null) {
        lost.addSuppressed(failure);
      }
      if (failure instanceof InterruptedException && isInterruptOfOthers()) {
        thread.interrupt();
      }
      throw lost;
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void begin(Duration atLeast) {
    if (!lease.beginUse(new User(thread, false, this::interrupt), atLeast)) {
      throw new LeaseLostException(lease + " was " + lease.whatEnded() + " before its work began");
    }
    INNERMOST.set(this);
  }

  private void interrupt() {
    if (!interrupted) {
      interrupted = true;
      thread.interrupt();
    }
  }

  private void end() {
    lease.endUse();
    // The interrupt was meant for the work, not for what the thread does next.
    boolean cleared = interrupted && Thread.interrupted();
    if (outer == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(outer);
    }
    if (cleared && isAnyInterrupted(outer)) {
      thread.interrupt();
    }
  }

  /**
   * Whether an interrupt of the work was also meant for the caller: it came from elsewhere, or from
   * a lease outside of this one.
   */
  private boolean isInterruptOfOthers() {
    return !interrupted || isAnyInterrupted(outer);
  }

  /** Whether the lease of this run, or of one outside of it, has interrupted its work. */
  private static boolean isAnyInterrupted(@Nullable LeaseRun innermost) {
    for (LeaseRun run = innermost; run != null; run = run.outer) {
      if (run.interrupted) {
        return true;
      }
    }
    return false;
  }
}
