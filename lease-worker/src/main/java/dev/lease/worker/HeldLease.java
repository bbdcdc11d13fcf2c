package dev.lease.worker;

import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.StoreException;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
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

  /** Work that is done under a lease. Users implement it, and a held lease calls it. */
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

  /**
   * Who works under the lease, on one thread. It releases the lease when it has ended, and no other
   * thread does.
   *
   * @param leads if so, its own thread does not release the lease sooner either
   * @param stop is called under the monitor when the lease is closed or lost
   */
  record User(Thread thread, boolean leads, Runnable stop) {

    boolean isHere() {
      return thread == Thread.currentThread();
    }
  }

  private enum State {
    HELD,
    /** The store said so, or the time has run out. */
    LOST,
    /** Closed, and not yet released. */
    ENDING,
    ENDED
  }

  private static final Logger log = LoggerFactory.getLogger(HeldLease.class);
  private static final long PAUSE_IN_DOUBT = Duration.ofMillis(100).toNanos();

  private final LeaseStore store;
  private final Duration leaseDuration;
  private final LocalClock clock;
  private final Executor tellers;
  private final LeaseTime time;

  /** Held during a call to the store, so that a release comes after a renewal under way. */
  private final Lock call = new ReentrantLock();

  private volatile Lease lease;
  private volatile State state = State.HELD;

  // All guarded by this.
  private final List<Runnable> listeners = new ArrayList<>();
  private final Backoff failures;
  private long trusted;
  private boolean calling;

  /** Whether the store may hold the lease for longer than this process has relied on it. */
  private boolean mayOutlast;

  private boolean lostAtEnd;
  private boolean mayBeReleased;
  private @Nullable User user;
  private @Nullable Deadline takenUntil;

  /**
   * @param asked the deadline by what was asked for, read before the request was sent
   * @param tellers runs listeners, each on a thread of its own
   */
  HeldLease(
      LeaseStore store,
      Lease lease,
      Duration leaseDuration,
      LocalClock clock,
      Deadline asked,
      Executor tellers) {
    this.store = store;
    this.lease = lease;
    this.leaseDuration = leaseDuration;
    this.clock = clock;
    this.tellers = tellers;
    this.failures = new Backoff(leaseDuration.dividedBy(12));
    this.trusted = granted(lease);
    this.time = new LeaseTime(asked.earlier(leaseDuration.toNanos() - trusted));
  }

  /** For how long the store has granted the lease: it may grant less than was asked for [L01]. */
  private long granted(Lease lease) {
    return Math.min(leaseDuration.toNanos(), lease.remaining().toNanos());
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
   * does not call the store, so it is cheap. If the lease was lost or closed, the answer stays
   * false. If only the wall clock has jumped, it is false until the store has said whether the
   * lease is still held.
   *
   * @return true if the lease is held; false if it was closed, is lost, or may be lost
   */
  public boolean isHeld() {
    return holds() && !time.isDoubtful();
  }

  /** Whether the lease is held, though the store may be asked about it just now. */
  boolean holds() {
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
    awaitCertainty();
    if (state == State.ENDING || state == State.ENDED) {
      throw new IllegalStateException(this + " was closed");
    }
    if (!holds()) {
      throw new LeaseLostException(this + " is lost");
    }
  }

  /** If the store is being asked whether the lease is still held, waits for its answer. */
  void awaitCertainty() {
    if (holds() && time.isDoubtful()) {
      time.awaitCertainty(this::holds);
    }
  }

  /**
   * Adds a listener that is called once when the lease is lost, on a thread of its own. It is
   * called at once if the lease is lost already, and never if the lease is closed before.
   *
   * @param listener what to do when the lease is lost
   */
  public void onLost(Runnable listener) {
    Limits.notNull("listener", listener);
    synchronized (this) {
      if (state != State.LOST) {
        listeners.add(listener);
        return;
      }
    }
    tell(listener);
  }

  /**
   * Releases the lease: the name is free at once [L13]. Calling it twice is harmless, and so is
   * calling it after a loss. If the store does not answer, the release is tried again in the
   * background until the lease expires; after a loss it is tried only once. If another thread works
   * under the lease in {@code tryRun}, that thread is interrupted, and the lease is released when
   * its work has ended. The lease of a {@link Leader} is released when its listener has ended, also
   * if the listener itself closes the lease.
   *
   * <p>May take as long as three calls to the store. An interrupt does not keep the lease from
   * being released, and the thread stays interrupted.
   */
  @Override
  public void close() {
    finish();
  }

  /** Closes the lease; false if it was lost before, or may have been. */
  boolean finish() {
    if (stop()) {
      boolean wasInterrupted = Thread.interrupted();
      try {
        end();
        if (isEnding() && Thread.interrupted()) {
          // An interrupt that came during the call may have broken it.
          wasInterrupted = true;
          end();
        }
      } finally {
        if (wasInterrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
    return !isLostAtEnd();
  }

  /**
   * Closes the lease here, and tells whoever works under it to stop. Does not call the store.
   *
   * @return whether the lease can be released now; if not, whoever works under it releases it
   */
  boolean stop() {
    look();
    synchronized (this) {
      if (state == State.HELD) {
        state = State.ENDING;
        failures.succeeded();
      }
      if (user == null || (user.isHere() && !user.leads())) {
        return true;
      }
      user.stop().run();
      return false;
    }
  }

  /**
   * Releases a lease that was never handed out, also one that has expired by the local clock.
   *
   * @return whether the store has released it
   */
  boolean giveBack() {
    synchronized (this) {
      state = State.ENDING;
    }
    end();
    return state == State.ENDED;
  }

  /** A loss may also come after the work has ended, and before the lease is closed. */
  private synchronized boolean isLostAtEnd() {
    return lostAtEnd || state == State.LOST;
  }

  /**
   * Makes a call to the store, while no other is made. Answers what is to be logged when no lock is
   * held: a log that hangs must not keep the holder from closing the lease.
   */
  private Runnable alone(Supplier<Runnable> act) {
    call.lock();
    try {
      return act.get();
    } finally {
      call.unlock();
    }
  }

  /** Releases the lease, unless that was done. */
  private void end() {
    alone(this::released).run();
  }

  private Runnable released() {
    try {
      if (!isEnding()) {
        return HeldLease::nothing;
      }
      Duration rest = rest();
      return ended(rest.isZero() ? store.release(lease) : store.renew(lease, rest).isPresent());
    } catch (IllegalStateException e) {
      // The store is closed, so another try would fail as well [L26].
      noteEndFailed(e);
      isLostBefore(true);
      return () ->
          log.warn(
              "{} could not be released: {}; it expires by itself in {}",
              this,
              reason(e),
              timeLeft());
    } catch (Throwable e) {
      return endFailed(e);
    }
  }

  /** Whether the store has something to release, as after a renewal that was answered too late. */
  private synchronized boolean isEnding() {
    return state == State.ENDING || (state == State.LOST && mayOutlast);
  }

  private Runnable ended(boolean held) {
    return isLostBefore(held)
        ? () ->
            log.warn("{} was lost before it could be released; another owner may hold it now", this)
        : HeldLease::nothing;
  }

  private synchronized boolean isLostBefore(boolean held) {
    mayOutlast = false;
    if (state != State.ENDING) {
      return false;
    }
    state = State.ENDED;
    // A release that was done, and whose answer was lost, finds nothing the second time.
    boolean isLost = !held && !mayBeReleased;
    lostAtEnd |= isLost;
    return isLost;
  }

  private Runnable endFailed(Throwable failure) {
    State ending = noteEndFailed(failure);
    if (ending == State.ENDING) {
      return () ->
          log.warn(
              "{} could not be released: {}; this is tried again until the lease expires in {}{}",
              this,
              reason(failure),
              timeLeft(),
              takenUntil() == null
                  ? ""
                  : ", and the name may be free before the time it was to be taken",
              failure);
    }
    if (ending == State.LOST) {
      return () ->
          log.warn(
              "{} was lost, and could not be released: {}; in the store it expires by itself",
              this,
              reason(failure),
              failure);
    }
    return HeldLease::nothing;
  }

  /** Notes that a release failed; returns the state that is to be told, or null for none. */
  private synchronized @Nullable State noteEndFailed(Throwable failure) {
    mayBeReleased |= isOutcomeUnknown(failure);
    // Nobody can say any more whether the lease lasted until here.
    lostAtEnd |= time.isDoubtful();
    if (failure instanceof IllegalStateException) {
      return null;
    }
    boolean isTold = state == State.LOST || (state == State.ENDING && !failures.isFailing());
    failures.failed();
    return isTold ? state : null;
  }

  private synchronized @Nullable Deadline takenUntil() {
    return takenUntil;
  }

  private static boolean isOutcomeUnknown(Throwable failure) {
    return !(failure instanceof StoreException e) || e.isOutcomeUnknown();
  }

  /** How much longer the name should stay taken. */
  private synchronized Duration rest() {
    Deadline until = takenUntil;
    boolean isWanted = state == State.ENDING && !time.hasExpired();
    long millis = until != null && isWanted ? until.nanosLeft() / 1_000_000 : 0;
    return Duration.ofMillis(Math.max(0, millis));
  }

  /**
   * Begins a use of the lease, together with the check: a loss between the two would stop nobody.
   *
   * @param atLeast how long the name stays taken from now on, even if the use ends sooner
   * @return false if the lease is over
   */
  synchronized boolean beginUse(User user, Duration atLeast) {
    if (!holds()) {
      return false;
    }
    this.user = user;
    takenUntil = atLeast.isZero() ? null : clock.in(atLeast);
    return true;
  }

  synchronized void endUse() {
    user = null;
  }

  /** What has ended the lease: that it was "lost" or "closed"; null if it is held. */
  synchronized @Nullable String whatEnded() {
    if (state == State.HELD) {
      return time.hasExpired() ? "lost" : null;
    }
    return state == State.LOST ? "lost" : "closed";
  }

  /** Whether this thread works or leads under the lease, so that it cannot wait for its end. */
  synchronized boolean isUsedHere() {
    return user != null && user.isHere();
  }

  /** Whether the keeper has nothing left to do for the lease. */
  synchronized boolean isOver() {
    return state == State.LOST
        || state == State.ENDED
        || (state == State.ENDING && time.nanosLeft() <= 0);
  }

  /** Checks the clocks, and tells the holder if the lease has expired. */
  void look() {
    looked().run();
  }

  private Runnable looked() {
    if (!time.hasExpired()) {
      return HeldLease::nothing;
    }
    synchronized (this) {
      // After a doubt, the store may have been right all the time.
      mayOutlast |= state == State.HELD && time.nanosLeft() > 0;
    }
    return lost("it could not be renewed in time");
  }

  /** How long the lease lasts, as far as this process knows. */
  long nanosLeft() {
    return time.nanosLeft();
  }

  /**
   * How long until {@link #callStore} has something to do; 0 if it has now. A lease is renewed when
   * a third of its time has passed, and one that could not be released is tried again.
   */
  synchronized long nanosToCall() {
    if (calling || (state == State.ENDING && (user != null || !failures.isFailing()))) {
      return Math.max(1, time.nanosLeft());
    }
    boolean doubtful = time.isDoubtful();
    boolean soon = doubtful || state == State.ENDING;
    long due = soon ? 0 : time.nanosLeft() - trusted * 2 / 3;
    long pause = failures.nanosLeft(doubtful ? PAUSE_IN_DOUBT : Long.MAX_VALUE);
    return Math.max(0, Math.max(due, pause));
  }

  /** Call this before {@link #callStore}, so that no second call begins while one hangs. */
  synchronized void beginCall() {
    calling = true;
  }

  /** No call is made after all. */
  synchronized void endCall() {
    calling = false;
  }

  /** Asks the store to renew the lease, or once more to release it. */
  void callStore() {
    Runnable message;
    try {
      message = alone(state == State.ENDING ? this::released : this::renewed);
    } finally {
      // Before the log, too: one that hangs must not keep the lease from being renewed again.
      endCall();
    }
    message.run();
  }

  private Runnable renewed() {
    try {
      if (!holds()) {
        return HeldLease::nothing;
      }
      Deadline asked = clock.in(leaseDuration);
      Optional<Lease> answer = store.renew(lease, leaseDuration);
      return answer.isPresent()
          ? renewed(answer.get(), asked)
          : lost("the store refused to renew it");
    } catch (Throwable e) {
      return renewalFailed(e);
    }
  }

  private Runnable renewed(Lease answer, Deadline asked) {
    boolean isExtended;
    boolean hadFailed;
    synchronized (this) {
      lease = answer;
      trusted = granted(answer);
      isExtended = holds() && time.extended(asked.earlier(leaseDuration.toNanos() - trusted));
      hadFailed = isExtended && failures.isFailing();
      if (hadFailed) {
        failures.succeeded();
      }
      // If not, the name stays taken while the holder is being told, and stops. It is released when
      // the holder closes the lease.
      mayOutlast = !isExtended && state != State.ENDING;
    }
    if (!isExtended) {
      return looked();
    }
    return hadFailed
        ? () -> log.info("{} is renewed again after a failure", this)
        : HeldLease::nothing;
  }

  private Runnable renewalFailed(Throwable failure) {
    return isFirstFailure(failure)
        ? () ->
            log.warn(
                "{} could not be renewed: {}; this is tried again until the lease expires in {}",
                this,
                reason(failure),
                timeLeft(),
                failure)
        : HeldLease::nothing;
  }

  private synchronized boolean isFirstFailure(Throwable failure) {
    // If the lease is lost before the store answers, it may hold the name for longer.
    mayOutlast |= isOutcomeUnknown(failure);
    if (state != State.HELD) {
      return false;
    }
    boolean isFirst = !failures.isFailing();
    failures.failed();
    return isFirst;
  }

  private String timeLeft() {
    return Limits.shown(Duration.ofNanos(Math.max(0, time.nanosLeft())));
  }

  static String reason(Throwable failure) {
    return Limits.oneLine(failure.getMessage() == null ? failure.toString() : failure.getMessage());
  }

  private Runnable lost(String how) {
    boolean interrupted;
    synchronized (this) {
      if (state != State.HELD) {
        return HeldLease::nothing;
      }
      state = State.LOST;
      if (user != null) {
        user.stop().run();
      }
      interrupted = user != null && !user.leads();
      // Here, so that the keeper does not end before.
      listeners.forEach(this::tell);
    }
    return () ->
        log.warn(
            "{} is lost: {}; {}",
            this,
            how,
            interrupted ? "the thread that works under it is interrupted" : "its holder is told");
  }

  private void tell(Runnable listener) {
    tellers.execute(
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
    return "Lease " + Limits.oneLine(current.name()) + " (token " + current.token() + ")";
  }

  /** Nothing is to be told. */
  private static void nothing() {}
}
