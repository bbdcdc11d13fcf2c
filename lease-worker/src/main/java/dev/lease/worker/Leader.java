package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A candidate for leader under the lease of a name. Of all open candidates at most one is leader at
 * a time. If the leader dies or closes, another candidate takes over [W27]. Safe for use by many
 * threads.
 *
 * <pre>{@code
 * Leader leader = Leader.start(leases, "price-feed", new Leader.Listener() {
 *   public void begin(HeldLease lease) { feed.connect(lease.token()); }
 *   public void end() { feed.disconnect(); }
 * });
 * }</pre>
 */
public final class Leader implements AutoCloseable {

  /**
   * Is told when this process becomes leader and when it stops being leader. The two calls
   * alternate. Users implement it, and a leader calls it. It grows only by methods that do nothing
   * by default.
   */
  public interface Listener {
    /**
     * Begins to lead. Should return soon: start threads of your own for work that goes on. {@link
     * #end} is called only after this has returned or thrown. If the lease is lost meanwhile, or
     * another thread closes it, the thread is interrupted.
     *
     * @param lease the lease, which is kept alive until the end; its token is larger than that of
     *     every earlier leader
     * @throws Exception if this process cannot lead: {@link #end} is called, the lease is released,
     *     and this process asks again after a poll interval
     */
    void begin(HeldLease lease) throws Exception;

    /**
     * Stops leading. After {@link Leader#close} the lease is released only when this has returned.
     * After a loss the lease is gone already, and another leader may have begun.
     */
    void end();
  }

  private static final Logger log = LoggerFactory.getLogger(Leader.class);

  /** A leader looks at its clocks at least this often, even if nothing wakes it. */
  private static final long LONGEST_LOOK = Duration.ofSeconds(1).toNanos();

  /** Whether the thread is that of a leader. */
  private static final ThreadLocal<Boolean> LEADS = ThreadLocal.withInitial(() -> false);

  private final Leases leases;
  private final String name;
  private final Listener listener;
  private final Signal wake = new Signal();
  private final Leases.Dependent dependent = new Leases.Dependent(this::stop, this::awaitEnd);
  private final Loop loop;
  private volatile boolean closing;
  private volatile @Nullable Thread thread;
  private volatile @Nullable HeldLease current;
  private boolean isBeginning; // Guarded by this.
  private boolean askFails;
  private @Nullable Level toldOfBegin;

  private Leader(Leases leases, String name, Listener listener) {
    this.leases = leases;
    this.name = Limits.name("lease name", name);
    this.listener = Limits.notNull("listener", listener);
    loop =
        new Loop(
            "candidate for leader",
            wake,
            this::campaign,
            task -> HandlerThreads.daemon(() -> run(task), "lease-leader-" + Limits.oneLine(name)));
  }

  private void run(Runnable task) {
    thread = Thread.currentThread();
    LEADS.set(true);
    try {
      task.run();
    } finally {
      leases.forget(dependent);
    }
  }

  /**
   * Starts a candidate. It asks for the lease of the name, again and again, until it is closed.
   * Returns at once, whether or not the store can be reached.
   *
   * @param leases acquires the lease; its owner, lease duration and poll interval apply
   * @param name the name of the lease, 1 to 200 bytes, the same for all candidates
   * @param listener is told on one thread, which belongs to this candidate
   * @return the candidate
   * @throws IllegalArgumentException if the name breaks a rule of {@link Limits}
   * @throws IllegalStateException if the leases were closed
   */
  public static Leader start(Leases leases, String name, Listener listener) {
    var leader = new Leader(leases, name, listener);
    leases.endFirst(leader.dependent);
    try {
      leader.loop.start();
    } catch (Throwable e) {
      leases.forget(leader.dependent);
      throw e;
    }
    return leader;
  }

  /**
   * Tells whether this process is leader now, as far as it knows. Code that acts as leader should
   * call {@link HeldLease#checkHeld} instead.
   *
   * @return true from before {@link Listener#begin} until {@link Listener#end} has returned; false
   *     as soon as the lease is lost or closed, and while the store is being asked whether it is
   *     still held
   */
  public boolean isLeader() {
    HeldLease lease = current;
    return lease != null && lease.isHeld();
  }

  /**
   * Ends the candidacy. If this process is leader, the listener is told, and then the lease is
   * released. Returns when that is done, however long the listener takes. If the caller is
   * interrupted, this returns sooner, and the rest is done in the background. Calling it twice is
   * harmless.
   *
   * <p>It returns at once on the thread of a listener, be it of this leader or of another one, and
   * if the listener is inside {@code System.exit}. A listener must not wait for another thread that
   * calls this: the two would wait for each other.
   */
  @Override
  public void close() {
    stop();
    awaitEnd();
  }

  private void stop() {
    closing = true;
    loop.end();
  }

  private void awaitEnd() {
    // Two listeners that close each other's leader must not wait for each other.
    boolean waits = !LEADS.get();
    try {
      while (waits && !loop.awaitEnd(LONGEST_LOOK)) {
        Thread leading = thread;
        waits = leading == null || !HandlerThreads.isInExit(leading);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks for the lease, and leads if it is free; answers how long to wait until the next time. */
  private long campaign() {
    try {
      Optional<HeldLease> lease = leases.tryAcquire(name);
      if (askFails) {
        log.info("This process can ask for lease {} again, to become leader", Limits.oneLine(name));
      }
      askFails = false;
      lease.ifPresent(this::lead);
      // Whatever woke the leader while it led must not cut the pause short.
      wake.clear();
    } catch (RuntimeException e) {
      if (!askFails && !closing) {
        log.error(
            "This process could not ask for lease {} to become leader: {}; it tries again every {}",
            Limits.oneLine(name),
            HeldLease.reason(e),
            Limits.shown(leases.pollInterval()),
            e);
      }
      askFails = true;
    }
    return closing ? Loop.END : leases.pollInterval().toNanos();
  }

  private void lead(HeldLease lease) {
    try (lease) {
      lease.awaitCertainty();
      if (closing || !isBegun(lease)) {
        return;
      }
      current = lease;
      log.info("{}: this process is leader now", lease);
      try {
        begin(lease);
      } finally {
        end(lease);
        current = null;
        lease.endUse();
      }
    }
  }

  /** Wakes the thread of this leader, also out of a listener that blocks while it begins. */
  private void leaseIsOver() {
    wake.raise();
    synchronized (this) {
      Thread leading = thread;
      if (isBeginning && leading != null && leading != Thread.currentThread()) {
        leading.interrupt();
      }
    }
  }

  private synchronized void setBeginning(boolean isBeginning) {
    this.isBeginning = isBeginning;
  }

  private boolean isBegun(HeldLease lease) {
    // First, so that a loss before the listener is called interrupts it, too.
    setBeginning(true);
    var user = new HeldLease.User(Thread.currentThread(), true, this::leaseIsOver);
    boolean isBegun = lease.beginUse(user, Duration.ZERO);
    if (!isBegun) {
      setBeginning(false);
    }
    return isBegun;
  }

  private void tellBegin(HeldLease lease) throws Exception {
    try {
      listener.begin(lease);
    } finally {
      setBeginning(false);
      // What interrupted the listener is no reason to wait less from now on.
      Thread.interrupted();
    }
  }

  private void begin(HeldLease lease) {
    try {
      tellBegin(lease);
      toldOfBegin = null;
    } catch (Throwable e) {
      failedToBegin(lease, e);
      return;
    }
    while (!closing && lease.holds()) {
      wake.await(LONGEST_LOOK);
    }
  }

  private void failedToBegin(HeldLease lease, Throwable failure) {
    boolean isOver = !lease.holds();
    if (isOver && failure instanceof InterruptedException) {
      // The listener did as it was told.
      log.warn(
          "{} was over before this process had begun as leader, and the listener was interrupted",
          lease);
      return;
    }
    Level level = isOver ? Level.WARN : Level.ERROR;
    if (toldOfBegin != level && toldOfBegin != Level.ERROR) {
      // Not the exception itself: its methods, called by a logger, may throw.
      log.atLevel(level)
          .log(
              "{}: this process failed to begin as leader{}{} (logged once until it has begun): {}",
              lease,
              isOver ? ", and the lease was over before" : ", and releases the lease",
              closing ? "" : "; it asks again in " + Limits.shown(leases.pollInterval()),
              ErrorText.trace(ErrorText.of(failure)));
      toldOfBegin = level;
    }
  }

  private void end(HeldLease lease) {
    // An interrupt that the listener's begin left behind must not cut its end short.
    Thread.interrupted();
    try {
      listener.end();
      log.info("{}: this process is no longer leader", lease);
    } catch (Throwable e) {
      log.error(
          "{}: this process failed to end as leader, and gives up the lease all the same; its work"
              + " as leader may go on",
          lease,
          e);
    }
  }
}
