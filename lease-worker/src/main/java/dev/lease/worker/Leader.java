package dev.lease.worker;

import dev.lease.Limits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A candidate for the lease of a name, for as long as it is open: at most one of all candidates is
 * leader at a time, and if it dies or closes another takes over [W27]. Safe for use by many
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

  /** Who is told when this process begins and ends to be leader; always in turn. */
  public interface Listener {
    /**
     * This process is leader from now on. It should return soon: what goes on has threads of its
     * own, and {@link #end} is called only after this has returned.
     *
     * @param lease the lease, kept alive until the end; its token is larger than that of each
     *     leader before
     * @throws Exception if it cannot lead: {@link #end} is called, the lease is released, and this
     *     process tries again after a poll interval
     */
    void begin(HeldLease lease) throws Exception;

    /**
     * This process is leader no more. After a close the lease is released only when this has
     * returned; after a loss it is gone already, and another may have begun.
     */
    void end();
  }

  private static final Logger log = LoggerFactory.getLogger(Leader.class);

  private final Leases leases;
  private final String name;
  private final Listener listener;
  private final Signal wake = new Signal();
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean leads;

  private Leader(Leases leases, String name, Listener listener) {
    this.leases = leases;
    this.name = Limits.name("lease name", name);
    this.listener = Limits.notNull("listener", listener);
    thread = new Thread(this::campaign, "lease-leader-" + name);
    thread.setDaemon(true);
  }

  /**
   * Starts to ask for the lease of a name, and goes on until it is closed. Returns at once, whether
   * or not the store can be reached.
   *
   * @param leases where the lease is taken, under their owner and for their lease duration
   * @param name the name of what is leased, 1 to 200 bytes; the same for all candidates
   * @param listener who is told, on one thread that belongs to this candidate
   * @return the candidate
   */
  public static Leader start(Leases leases, String name, Listener listener) {
    var leader = new Leader(leases, name, listener);
    leader.thread.start();
    return leader;
  }

  /**
   * Tells whether this process leads now, by what is known here. For operators: whoever acts as
   * leader asks {@link HeldLease#checkHeld}.
   *
   * @return true from before {@link Listener#begin} until after {@link Listener#end}
   */
  public boolean isLeader() {
    return leads;
  }

  /**
   * Ends to be a candidate. If this process leads, the listener is told, and then the lease is
   * released. Returns when that is done, or when the caller is interrupted, in which case it is
   * still done. From inside the listener it returns at once. Harmless when done twice.
   */
  @Override
  public void close() {
    closing = true;
    wake.raise();
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void campaign() {
    boolean failing = false;
    while (!closing) {
      try {
        leases.tryAcquire(name).ifPresent(this::lead);
        failing = false;
      } catch (Throwable e) {
        if (!failing) {
          log.error(
              "This process cannot become leader under lease {}: {}; it tries again each {}",
              name,
              e.getMessage(),
              leases.pollInterval(),
              e);
        }
        failing = true;
      }
      wake.await(leases.pollInterval().toNanos());
    }
  }

  private void lead(HeldLease lease) {
    lease.onLost(wake::raise);
    leads = true;
    try (lease) {
      log.info("{} makes this process the leader", lease);
      try {
        listener.begin(lease);
        while (!closing && lease.isHeld()) {
          wake.await(Long.MAX_VALUE);
        }
      } catch (Throwable e) {
        log.error("{} is given up, since this process failed to begin as leader", lease, e);
      } finally {
        end(lease);
      }
    } finally {
      leads = false;
    }
  }

  private void end(HeldLease lease) {
    // What the listener's begin left behind must not cut its end short.
    Thread.interrupted();
    try {
      listener.end();
      log.info("{} makes this process the leader no more", lease);
    } catch (Throwable e) {
      log.error("{} is given up, though this process failed to end as leader", lease, e);
    }
  }
}
