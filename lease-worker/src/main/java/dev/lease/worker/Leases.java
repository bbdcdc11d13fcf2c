package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.StoreException;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Acquires named leases and keeps them alive while you work under them. A name has at most one
 * holder at a time, among all processes that share the store. If a lease is lost, its holder is
 * told. If a process dies, its leases expire after {@link Builder#leaseDuration}. One instance for
 * a process is enough. Safe for use by many threads.
 *
 * <pre>{@code
 * Leases leases = Leases.of(backend);
 * boolean ran = leases.tryRun("nightly-report", lease -> report.write());
 * }</pre>
 *
 * <p>Two threads of one process exclude each other just as two processes do: leases are not
 * re-entrant [L03]. A lease cannot stop an old holder from acting. To be safe against that, pass
 * the {@linkplain HeldLease#token() token} to the resource that the lease protects.
 */
public final class Leases implements AutoCloseable {

  private final LeaseStore store;
  private final String owner;
  private final Duration leaseDuration;
  private final Duration pollInterval;
  private final LocalClock clock;
  private final LeaseKeeper keeper;

  /** What has to end before the leases are released. */
  record Dependent(Runnable stop, Runnable awaitEnd) {}

  private final Set<Dependent> dependents = ConcurrentHashMap.newKeySet();

  private Leases(Builder builder, LocalClock clock) {
    store = builder.store;
    owner = builder.owner;
    leaseDuration = builder.leaseDuration;
    pollInterval = builder.pollInterval;
    this.clock = clock;
    keeper = new LeaseKeeper(owner, leaseDuration);
  }

  /**
   * Makes an instance with the defaults of the {@linkplain #builder builder}.
   *
   * @param backend the store that has the leases; {@link #close} does not close it
   * @return the instance
   * @throws UnsupportedOperationException if the store comes without {@link
   *     dev.lease.Capability#LEASES}
   */
  public static Leases of(Backend backend) {
    return builder(backend).build();
  }

  /**
   * Starts to build. The defaults are an owner made of the host name and a random number, leases of
   * 30 s, and a poll each second by candidates for {@linkplain Leader leader}.
   *
   * @param backend the store that has the leases; {@link #close} does not close it
   * @return a builder
   * @throws UnsupportedOperationException if the store comes without {@link
   *     dev.lease.Capability#LEASES}
   */
  public static Builder builder(Backend backend) {
    return new Builder(backend.leaseStore());
  }

  /**
   * Acquires the lease of a name if nobody holds it. Does not wait for another holder. The lease is
   * kept alive until it is closed, so always close it, best with a try-with-resources statement.
   *
   * @param name the name of what is leased, 1 to 200 bytes
   * @return the lease; empty if it is held, by another process or by this one
   * @throws StoreException if the store could not answer; if the outcome is unknown, the name may
   *     stay taken for one lease duration. On an interrupted thread it may not answer [L24]
   * @throws IllegalArgumentException if the name breaks a rule of {@link Limits}
   * @throws IllegalStateException if this instance was closed, or no thread can be started to renew
   *     the lease
   */
  public Optional<HeldLease> tryAcquire(String name) {
    if (keeper.isClosed()) {
      throw new IllegalStateException(
          "cannot acquire lease " + name + ": these Leases were closed");
    }
    Deadline asked = clock.in(leaseDuration);
    Optional<Lease> granted = store.acquire(name, owner, leaseDuration);
    return granted.map(lease -> kept(lease, asked));
  }

  private HeldLease kept(Lease granted, Deadline asked) {
    var lease = new HeldLease(store, granted, leaseDuration, clock, asked, keeper::tell);
    try {
      if (lease.holds()) {
        keeper.keep(lease);
        return lease;
      }
    } catch (Throwable e) {
      lease.giveBack();
      throw e;
    }
    String what =
        "cannot acquire lease "
            + granted.name()
            + ": the store took longer to answer than the lease lasts";
    throw lease.giveBack()
        ? StoreException.notDone(what, null)
        : StoreException.outcomeUnknown(what, null);
  }

  /**
   * Runs work under the lease of a name, unless the lease is held. Releases the lease when the work
   * returns or throws.
   *
   * @param name the name of what is leased, 1 to 200 bytes
   * @param work what to do; its thread is interrupted if the lease is lost or closed meanwhile.
   *     That interrupt is cleared when the work has ended; any other one stays
   * @return true if the work ran and the lease was held to its end; false if the lease was held by
   *     another, and the work did not run
   * @throws LeaseLostException if the lease was lost, or closed by anybody, while the work ran, so
   *     that another holder may have begun the same work; an exception of the work is suppressed in
   *     it. Also if it was lost before the work began
   * @throws StoreException if the store could not answer when the lease was to be acquired; the
   *     work did not run. If the outcome is unknown, the name may stay taken for one lease
   *     duration, and nobody runs the work meanwhile
   * @throws IllegalArgumentException if an argument breaks a rule of {@link Limits}
   * @throws IllegalStateException if this instance was closed, or no thread can be started to renew
   *     the lease
   * @throws Exception whatever the work throws, which may be one of the above
   */
  public boolean tryRun(String name, HeldLease.Work work) throws Exception {
    return tryRun(name, Duration.ZERO, work);
  }

  /**
   * Runs work under the lease of a name, unless the lease is held, and keeps the name taken for
   * some time even if the work is done sooner. Use it for work that several processes start at the
   * same time of day: their clocks differ a little, and the work still runs once. The idea is that
   * of ShedLock's {@code lockAtLeastFor}.
   *
   * @param name the name of what is leased, 1 to 200 bytes
   * @param atLeast how long the name stays taken, counted from when the work begins, 0 to 365 days,
   *     also if the work throws. If this process dies while the work runs, or the lease is lost,
   *     the name is free after the lease duration
   * @param work what to do; its thread is interrupted if the lease is lost or closed meanwhile.
   *     That interrupt is cleared when the work has ended; any other one stays
   * @return true if the work ran and the lease was held to its end; false if the lease was held by
   *     another, and the work did not run
   * @throws LeaseLostException if the lease was lost, or closed by anybody, while the work ran, so
   *     that another holder may have begun the same work; an exception of the work is suppressed in
   *     it. Also if it was lost before the work began
   * @throws StoreException if the store could not answer when the lease was to be acquired; the
   *     work did not run. If the outcome is unknown, the name may stay taken for one lease
   *     duration, and nobody runs the work meanwhile
   * @throws IllegalArgumentException if an argument breaks a rule of {@link Limits}
   * @throws IllegalStateException if this instance was closed, or no thread can be started to renew
   *     the lease
   * @throws Exception whatever the work throws, which may be one of the above
   */
  public boolean tryRun(String name, Duration atLeast, HeldLease.Work work) throws Exception {
    Limits.between("atLeast", atLeast, Duration.ZERO, Limits.MAX_LEASE);
    Limits.notNull("work", work);
    Optional<HeldLease> acquired = tryAcquire(name);
    if (acquired.isEmpty()) {
      return false;
    }
    new LeaseRun(acquired.get()).run(atLeast, work);
    return true;
  }

  /** Ends this when the leases are closed, before any of them is released. */
  void endFirst(Dependent dependent) {
    dependents.add(dependent);
    if (keeper.isClosed()) {
      dependents.remove(dependent);
      throw new IllegalStateException("cannot become leader: these Leases were closed");
    }
  }

  void forget(Dependent dependent) {
    dependents.remove(dependent);
  }

  /** How often a candidate for leader asks for the lease. */
  Duration pollInterval() {
    return pollInterval;
  }

  /**
   * Closes the {@linkplain Leader leaders} that use these leases. When they have ended, it releases
   * the leases that are held. Work that still runs under a lease is interrupted, and its lease is
   * released when the work has ended. Close it before the store. Calling it twice is harmless.
   *
   * <p>It waits twice. First it waits until the leaders have ended, as {@link Leader#close} does: a
   * listener or a store that hangs holds it up, and an interrupt ends this wait. Then it waits for
   * the releases, for at most 20 seconds, also if it is interrupted. A release that the store does
   * not take by then is tried again in the background until the lease expires. Called from inside
   * the work, it does not wait for that work.
   */
  @Override
  public void close() {
    dependents.forEach(it -> it.stop().run());
    keeper.takeNoMore();
    // Once more, for a leader that has started meanwhile.
    dependents.forEach(it -> it.stop().run());
    dependents.forEach(it -> it.awaitEnd().run());
    keeper.close();
  }

  /** All settings, for log messages. */
  @Override
  public String toString() {
    return "Leases[owner=%s, leaseDuration=%s, pollInterval=%s]"
        .formatted(Limits.oneLine(owner), leaseDuration, pollInterval);
  }

  /** Builds {@link Leases}. Not safe for use by several threads. */
  public static final class Builder {
    private final LeaseStore store;
    private String owner = WorkerConfig.defaultName();
    private Duration leaseDuration = Duration.ofSeconds(30);
    private Duration pollInterval = Duration.ofSeconds(1);

    private Builder(LeaseStore store) {
      this.store = store;
    }

    /**
     * Sets the owner of the leases. It is for operators: two processes may have the same owner, and
     * still exclude each other.
     *
     * @param owner 1 to 200 bytes
     * @return this
     * @throws IllegalArgumentException if it breaks a rule of {@link Limits}
     */
    public Builder owner(String owner) {
      this.owner = Limits.name("owner", owner);
      return this;
    }

    /**
     * Sets how long a name stays taken when its holder has died. A lease is renewed when a third of
     * its time has passed, so it survives an outage of the store of up to two thirds of its time.
     *
     * @param leaseDuration 100 ms to 365 days; choose at least 3 s, so that a renewal may hang once
     *     [L31]
     * @return this
     * @throws IllegalArgumentException if it is outside that range
     */
    public Builder leaseDuration(Duration leaseDuration) {
      this.leaseDuration =
          Limits.between("leaseDuration", leaseDuration, Duration.ofMillis(100), Limits.MAX_LEASE);
      return this;
    }

    /**
     * Sets how often a candidate for {@link Leader} asks for the lease.
     *
     * @param pollInterval 1 ms to 1 hour
     * @return this
     * @throws IllegalArgumentException if it is outside that range
     */
    public Builder pollInterval(Duration pollInterval) {
      this.pollInterval =
          Limits.between("pollInterval", pollInterval, Duration.ofMillis(1), Duration.ofHours(1));
      return this;
    }

    /**
     * Builds the instance.
     *
     * @return the instance
     */
    public Leases build() {
      return build(LocalClock.SYSTEM);
    }

    Leases build(LocalClock clock) {
      return new Leases(this, clock);
    }
  }
}
