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
 * A named lease that is kept alive until it is closed. It is renewed whenever a third of its time
 * has passed. If a renewal fails, it is tried again for as long as the lease lasts [W25]. {@link
 * Leases} makes these. Safe for use by many threads.
 *
 * <p>A lease can still be lost: the store did not answer for too long, or this process was
 * suspended. The holder is then told, once [W26]. But a holder may act in the very moment in which
 * the lease expires, before anybody can tell it. To be safe against that, pass the {@linkplain
 * #token() token} to the resource that the lease protects.
 */
public final class HeldLease implements AutoCloseable {

  /** Work that is done under a lease. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does the work, on the thread that called {@code tryRun}.
     *
     * @param lease the lease, which is held when this begins
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

  /** Held during a call to the store, so that a release comes after a renewal under way. */
  private final Lock call = new ReentrantLock();

  private volatile Lease lease;
  private volatile State state = State.HELD;

  // All guarded by this, so that the interrupt never reaches what the thread does after the work.
  private final List<Runnable> listeners = new ArrayList<>();
  private Runnable whenOver = () -> {};
  private final Backoff failures;
  private boolean renewing;
  private @Nullable Thread runner;
  private boolean interrupted;
  private boolean endedEarly;
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
   * The fencing token. It is larger than the token of every earlier holder of the name [L05]. Pass
   * it to the resource that the lease protects, and let the resource refuse smaller ones.
   *
   * @return the token, which stays the same for as long as the lease is held
   */
  public long token() {
    return lease().token();
  }

  /**
   * The lease as the store last granted or renewed it.
   *
   * @return the lease
   */
  public Lease lease() {
    return lease;
  }

  /**
   * Tells whether the lease is held, as far as this process knows. It checks the local clocks and
   * does not call the store, so it is cheap. Once false, it stays false.
   *
   * @return false if the lease was closed or is lost
   */
  public boolean isHeld() {
    return state == State.HELD && !time.hasExpired();
  }

  /**
   * Throws if the lease is not held any more. Call it before every side effect. The check narrows
   * the gap in which a lost lease goes unnoticed, but cannot close it. Only the token can. The
   * check waits only in one case, for at most 10 seconds: the wall clock has jumped, and the store
   * is being asked whether the lease is still held [W26].
   *
   * @throws LeaseLostException if the lease is lost
   * @throws IllegalStateException if the lease was closed
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
   * Sets a listener that is called once when the lease is lost, on a thread of its own. It is
   * called at once if the lease is lost already, and never if the lease is closed before.
   *
   * @param listener what to do when the lease is lost
   */
  public synchronized void onLost(Runnable listener) {
    if (state == State.LOST) {
      tell(listener);
    } else {
      listeners.add(listener);
    }
  }

  /**
   * Releases the lease: the name is free at once [L13]. Does nothing if the lease was closed or
   * lost before. If the store does not answer, this logs a warning, and the lease expires by
   * itself. May take as long as a call to the store. An interrupt does not end the call, and the
   * thread stays interrupted.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (state != State.HELD) {
        return;
      }
      state = State.CLOSED;
      whenOver.run();
      if (runner != null && runner != Thread.currentThread()) {
        interruptWork();
      }
    }
    boolean interrupted = Thread.interrupted();
    call.lock();
    try {
      end();
    } catch (RuntimeException e) {
      log.warn(
          "{} could not be released: {}; the name stays taken until the lease expires, within {}",
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

  /** Sets what is called once, under the monitor, when the lease is closed or lost. */
  synchronized void whenOver(Runnable action) {
    if (isOver()) {
      action.run();
    } else {
      whenOver = action;
    }
  }

  private void end() {
    Duration rest = rest();
    boolean held = rest.isZero() ? store.release(lease()) : store.renew(lease(), rest).isPresent();
    if (!held) {
      log.warn("{} was lost before it could be released; another owner may hold it now", this);
    }
  }

  /** How much longer the name should stay taken. */
  private synchronized Duration rest() {
    long millis = takenUntil == null ? 0 : takenUntil.nanosLeft() / 1_000_000;
    return Duration.ofMillis(Math.max(0, millis));
  }

  /** Keeps the name taken for this time from now on, even if the lease is closed before. */
  synchronized void keepTaken(Duration time) {
    takenUntil = clock.in(time);
  }

  /**
   * Runs the work on this thread and interrupts the thread if the lease is lost meanwhile.
   *
   * @throws LeaseLostException if the lease was lost; whatever the work threw is suppressed in it
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
    if (isLost() || endedEarly) {
      var lost =
          new LeaseLostException(
              this
                  + (isLost() ? " was lost while its work ran" : " was closed while its work ran"));
      if (failure != null) {
        lost.addSuppressed(failure);
      }
      throw lost;
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Called under the monitor: the lease is over, and the work under it must stop. */
  private void interruptWork() {
    if (runner != null) {
      endedEarly = true;
      interrupted = true;
      runner.interrupt();
    }
  }

  private synchronized void endRun() {
    runner = null;
    if (interrupted) {
      // The interrupt was meant for the work, not for what the thread does next.
      Thread.interrupted();
    }
  }

  private boolean isLost() {
    return state == State.LOST || (state == State.HELD && time.hasExpired());
  }

  /** Whether the lease was closed or lost, so that there is nothing to renew. */
  boolean isOver() {
    return state != State.HELD;
  }

  /** Checks the clocks, and tells the holder if the lease has expired. */
  void look() {
    if (time.hasExpired()) {
      lost("it could not be renewed in time");
    }
  }

  /** How long until the lease must be renewed, or checked; 0 if it must be renewed now. */
  synchronized long nanosToRenewal() {
    if (renewing) {
      return Math.max(1, time.nanosLeft());
    }
    long due = time.isDoubtful() ? 0 : time.nanosLeft() - leaseDuration.toNanos() * 2 / 3;
    return Math.max(0, Math.max(due, failures.nanosLeft(Long.MAX_VALUE)));
  }

  /** Call this before {@link #renew}, so that no second renewal begins while one hangs. */
  synchronized void beginRenewal() {
    renewing = true;
  }

  /** Asks the store to renew the lease. */
  void renew() {
    call.lock();
    try {
      if (isHeld()) {
        Deadline next = clock.in(leaseDuration);
        Optional<Lease> answer = store.renew(lease(), leaseDuration);
        if (answer.isPresent()) {
          renewed(answer.get(), next);
        } else {
          lost("the store refused to renew it");
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
          log.info("{} is renewed again after a failure", this);
        }
        time.extended(next);
        return;
      }
    }
    // The holder has been told that the lease is lost, so nobody works under it any more.
    store.release(answer);
  }

  private synchronized void failed(Throwable failure) {
    if (isOver()) {
      return;
    }
    if (!failures.isFailing()) {
      log.warn(
          "{} could not be renewed: {}; this is tried again until the lease expires in {}",
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
    whenOver.run();
    interruptWork();
    log.warn(
        "{} is lost: {}; {}",
        this,
        how,
        runner == null
            ? "its listeners are called"
            : "the thread that works under it is interrupted");
    listeners.forEach(this::tell);
  }

  private void tell(Runnable listener) {
    callbacks.execute(
        () -> {
          try {
            listener.run();
          } catch (Throwable e) {
            log.error("{} is lost, and a listener that was told so threw an exception", this, e);
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
