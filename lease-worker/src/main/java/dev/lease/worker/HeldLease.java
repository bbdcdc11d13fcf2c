package dev.lease.worker;

import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.LeaseStore;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named lease that is kept alive until it is closed: renewed whenever a third of its time has
 * passed, and again after a failure for as long as it lasts [W25]. Made by {@link Leases}. Safe for
 * use by many threads.
 *
 * <p>A lease can be lost all the same: the store did not answer for too long, or this process was
 * suspended. Then the holder is told, once [W26]. It cannot be told before it acts in the very
 * moment in which the lease expires: hand the {@linkplain #token() token} to the resource that the
 * lease protects.
 */
public final class HeldLease implements AutoCloseable {

  /** What is done under a lease. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does the work, on the thread that asked for it.
     *
     * @param lease the lease, held when this begins
     * @throws Exception if the work failed
     */
    void run(HeldLease lease) throws Exception;
  }

  private enum State {
    HELD,
    LOST,
    CLOSED
  }

  private static final Logger log = LoggerFactory.getLogger(HeldLease.class);
  private static final long FIRST_PAUSE = Duration.ofMillis(50).toNanos();

  private final LeaseStore store;
  private final Duration leaseDuration;
  private final LocalClock clock;
  private final Executor callbacks;
  private final LeaseTime time;

  /** Held during a call to the store: one that ends the lease comes after one that renews it. */
  private final Lock call = new ReentrantLock();

  private volatile Lease lease;
  private volatile State state = State.HELD;

  // All guarded by this, so that an interrupt never reaches what the thread does afterwards.
  private final List<Runnable> listeners = new ArrayList<>();
  private final Backoff failures;
  private boolean renewing;
  private @Nullable Thread runner;
  private boolean interrupted;
  private @Nullable Deadline takenUntil;

  HeldLease(
      LeaseStore store,
      Lease lease,
      Duration leaseDuration,
      LocalClock clock,
      Deadline deadline,
      Executor callbacks) {
    this.store = store;
    this.lease = lease;
    this.leaseDuration = leaseDuration;
    this.clock = clock;
    this.callbacks = callbacks;
    this.time = new LeaseTime(deadline);
    this.failures = new Backoff(FIRST_PAUSE, leaseDuration.toNanos() / 12);
  }

  /**
   * The name of what is leased.
   *
   * @return the name
   */
  public String name() {
    return lease().name();
  }

  /**
   * The fencing token: larger than that of every earlier holder of the name [L05]. Hand it to the
   * resource that the lease protects, and let that refuse smaller ones.
   *
   * @return the token, the same for as long as the lease is held
   */
  public long token() {
    return lease().token();
  }

  /**
   * The lease as the store granted or last renewed it.
   *
   * @return the lease
   */
  public Lease lease() {
    return lease;
  }

  /**
   * Tells whether the lease is held, by what is known here: it asks the clocks of this machine, not
   * the store, so it is cheap. Never becomes true again.
   *
   * @return false if it was closed or is lost
   */
  public boolean isHeld() {
    return state == State.HELD && !time.hasExpired();
  }

  /**
   * Throws if the lease is not held any more. Call it before each effect. It narrows the gap in
   * which a lost lease goes unnoticed, but cannot close it: that takes the token. Where only the
   * wall clock says that the lease has expired, which may have been set, it waits for the store to
   * answer, for at most 10 seconds [W26].
   *
   * @throws LeaseLostException if the lease is lost
   * @throws IllegalStateException if it was closed
   */
  public void checkHeld() {
    if (isHeld() && time.isDoubtful()) {
      time.awaitCertainty(this::isHeld);
    }
    if (state == State.CLOSED) {
      throw new IllegalStateException(this + " was closed");
    }
    if (!isHeld()) {
      throw new LeaseLostException(this + " is lost");
    }
  }

  /**
   * Asks to be told when the lease is lost. Runs once, on a thread of its own; at once if the lease
   * is lost already; never if the lease is closed before it is lost.
   *
   * @param listener what to do then
   */
  public synchronized void onLost(Runnable listener) {
    if (state == State.LOST) {
      tell(listener);
    } else {
      listeners.add(listener);
    }
  }

  /**
   * Gives the lease back: the name is free at once [L13]. Does nothing if the lease was closed or
   * lost before. Where the store does not answer, the log says so, and the lease expires by itself.
   * May take as long as a call to the store; an interrupt does not end it, and is kept.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (state != State.HELD) {
        return;
      }
      state = State.CLOSED;
    }
    boolean interrupted = Thread.interrupted();
    call.lock();
    try {
      end();
    } catch (RuntimeException e) {
      log.warn(
          "{} could not be released: {}; it expires by itself within {}",
          this,
          e.getMessage(),
          leaseDuration,
          e);
    } finally {
      call.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void end() {
    Duration rest = rest();
    boolean held = rest.isZero() ? store.release(lease()) : store.renew(lease(), rest).isPresent();
    if (!held) {
      log.warn("{} was lost before it was released; another may hold it", this);
    }
  }

  /** How long the name is to stay taken. */
  private synchronized Duration rest() {
    long millis = takenUntil == null ? 0 : takenUntil.nanosLeft() / 1_000_000;
    return Duration.ofMillis(Math.max(0, millis));
  }

  /** Keeps the name taken for that time from now on, even if the lease is closed before. */
  synchronized void keepTaken(Duration time) {
    takenUntil = clock.in(time);
  }

  /**
   * Runs the work on this thread, which is interrupted if the lease is lost meanwhile.
   *
   * @throws LeaseLostException if it was lost; what the work threw is suppressed
   */
  void run(Work work) throws Exception {
    checkHeld();
    synchronized (this) {
      runner = Thread.currentThread();
    }
    Exception failure = null;
    try {
      work.run(this);
    } catch (Exception e) {
      failure = e;
    } finally {
      endRun();
    }
    if (isLost()) {
      var lost = new LeaseLostException(this + " was lost while its work ran");
      if (failure != null) {
        lost.addSuppressed(failure);
      }
      throw lost;
    }
    if (failure != null) {
      throw failure;
    }
  }

  private synchronized void endRun() {
    runner = null;
    if (interrupted) {
      // It was meant for the work, not for what the thread does next.
      Thread.interrupted();
    }
  }

  private boolean isLost() {
    return state == State.LOST || (state == State.HELD && time.hasExpired());
  }

  /** Whether there is nothing left to keep. */
  boolean isOver() {
    return state != State.HELD;
  }

  /** Looks at the clocks, and tells the holder if the lease has expired. */
  void look() {
    if (time.hasExpired()) {
      lost("it could not be renewed in time");
    }
  }

  /** How long until it has to be renewed, or looked at; 0 if it has to be renewed now. */
  synchronized long nanosToRenewal() {
    if (renewing) {
      return Math.max(1, time.nanosLeft());
    }
    long due = time.isDoubtful() ? 0 : time.nanosLeft() - leaseDuration.toNanos() * 2 / 3;
    return Math.max(0, Math.max(due, failures.nanosLeft(Long.MAX_VALUE)));
  }

  /** To be called before {@link #renew}: a renewal that hangs is not asked for again. */
  synchronized void beginRenewal() {
    renewing = true;
  }

  /** Asks the store for more time. */
  void renew() {
    call.lock();
    try {
      if (isHeld()) {
        Deadline next = clock.in(leaseDuration);
        Optional<Lease> answer = store.renew(lease(), leaseDuration);
        if (answer.isPresent()) {
          renewed(answer.get(), next);
        } else {
          lost("the store says so");
        }
      }
    } catch (Throwable e) {
      failed(e);
    } finally {
      call.unlock();
      synchronized (this) {
        renewing = false;
      }
    }
  }

  private void renewed(Lease answer, Deadline next) {
    synchronized (this) {
      lease = answer;
      if (state == State.CLOSED) {
        return;
      }
      if (!isLost()) {
        if (failures.isFailing()) {
          failures.succeeded();
          log.info("{} is renewed again", this);
        }
        time.extended(next);
        return;
      }
    }
    // The holder has been told that it is lost, so that nobody works under it any more.
    store.release(answer);
  }

  private synchronized void failed(Throwable failure) {
    if (isOver()) {
      return;
    }
    if (!failures.isFailing()) {
      log.warn(
          "{} could not be renewed: {}; it is tried again until the lease expires in {}",
          this,
          failure.getMessage(),
          Duration.ofNanos(Math.max(0, time.nanosLeft())),
          failure);
    }
    failures.failed();
  }

  private synchronized void lost(String how) {
    if (state != State.HELD) {
      return;
    }
    state = State.LOST;
    if (runner != null) {
      interrupted = true;
      runner.interrupt();
    }
    log.warn(
        "{} is lost: {}; {}",
        this,
        how,
        runner == null ? "its holder is told" : "the thread of its work is interrupted");
    listeners.forEach(this::tell);
  }

  private void tell(Runnable listener) {
    callbacks.execute(
        () -> {
          try {
            listener.run();
          } catch (Throwable e) {
            log.error("{} is lost, and the listener that was told of it failed", this, e);
          }
        });
  }

  /** For log messages. */
  @Override
  public String toString() {
    Lease current = lease();
    return "Lease " + current.name() + " (token " + current.token() + ")";
  }
}
