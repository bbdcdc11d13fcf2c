package dev.lease.worker;

import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.StoreException;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Named leases for those who work under them: at most one holder at a time in all processes that
 * share the store. A lease is kept alive while the work goes on, its holder is told if it is lost
 * all the same, and a process that dies loses it after {@link Builder#leaseDuration}. Safe for use
 * by many threads; one for a process is enough.
 *
 * <pre>{@code
 * Leases leases = Leases.of(backend.leaseStore());
 * boolean ran = leases.tryRun("nightly-report", lease -> report.write());
 * }</pre>
 *
 * <p>Two threads of one process exclude each other as two processes do: leases are not re-entrant
 * [L03]. A lease cannot stop an old holder from acting: hand its {@linkplain HeldLease#token()
 * token} to what it protects.
 */
public final class Leases implements AutoCloseable {

  private final LeaseStore store;
  private final String owner;
  private final Duration leaseDuration;
  private final Duration pollInterval;
  private final LocalClock clock;
  private final ExecutorService calls;
  private final LeaseKeeper keeper;

  private Leases(Builder builder, LocalClock clock) {
    store = builder.store;
    owner = builder.owner;
    leaseDuration = builder.leaseDuration;
    pollInterval = builder.pollInterval;
    this.clock = clock;
    calls = HandlerThreads.onDemand("lease-renewal-" + owner + "-");
    keeper = new LeaseKeeper(owner, leaseDuration, calls);
  }

  /**
   * Takes leases of a store with the defaults of the {@linkplain #builder builder}.
   *
   * @param store where the leases are; it is not closed with this
   * @return the leases
   */
  public static Leases of(LeaseStore store) {
    return builder(store).build();
  }

  /**
   * Starts to build: named after the host and a random number, leases of 30 s, and a poll each
   * second by those who wait to become {@linkplain Leader leader}.
   *
   * @param store where the leases are; it is not closed with what is built
   * @return a builder
   */
  public static Builder builder(LeaseStore store) {
    return new Builder(store);
  }

  /**
   * Takes the lease of a name if nobody holds it. Never waits for its holder. The lease is kept
   * alive until it is closed, so close it in any case, best by a try-with-resources statement.
   *
   * @param name the name of what is leased, 1 to 200 bytes
   * @return the lease; empty if it is held, by another or by this process itself
   * @throws StoreException if the store could not answer; where the outcome is unknown, the name
   *     may be taken for a lease duration
   * @throws IllegalStateException if this was closed
   */
  public Optional<HeldLease> tryAcquire(String name) {
    if (keeper.isClosed()) {
      throw closed(name);
    }
    Deadline deadline = clock.in(leaseDuration);
    Optional<Lease> granted = store.acquire(name, owner, leaseDuration);
    return granted.map(lease -> kept(lease, deadline));
  }

  private HeldLease kept(Lease granted, Deadline deadline) {
    var lease = new HeldLease(store, granted, leaseDuration, clock, deadline, this::call);
    if (!keeper.keep(lease)) {
      lease.close();
      throw closed(granted.name());
    }
    return lease;
  }

  private static IllegalStateException closed(String name) {
    return new IllegalStateException("no lease of " + name + ": these leases were closed");
  }

  /** A listener is heard also when no thread is left for it, or this was closed meanwhile. */
  private void call(Runnable listener) {
    try {
      calls.execute(listener);
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      listener.run();
    }
  }

  /**
   * Runs work under the lease of a name, unless another holds it. The lease is released when the
   * work returns or throws.
   *
   * @param name the name of what is leased, 1 to 200 bytes
   * @param work what to do; its thread is interrupted if the lease is lost meanwhile
   * @return true if the work ran, under the lease to its end; false if the lease is held elsewhere
   *     and nothing was run
   * @throws LeaseLostException if the lease was lost while the work ran, so that another may have
   *     begun the same; what the work threw is suppressed
   * @throws StoreException if the store could not answer; nothing was run
   * @throws Exception what the work throws
   */
  public boolean tryRun(String name, HeldLease.Work work) throws Exception {
    return tryRun(name, Duration.ZERO, work);
  }

  /**
   * Runs work under the lease of a name, unless another holds it, and keeps the name taken for some
   * time, even if the work is done sooner. So what several processes start by their clocks, each a
   * little later than the others, runs once. The idea is that of ShedLock's {@code lockAtLeastFor}.
   *
   * @param name the name of what is leased, 1 to 200 bytes
   * @param atLeast for how long nobody can take the lease after it was taken now, 0 to 365 days. If
   *     this process dies meanwhile it is free after the lease duration
   * @param work what to do; its thread is interrupted if the lease is lost meanwhile
   * @return true if the work ran, under the lease to its end; false if the lease is held elsewhere
   *     and nothing was run
   * @throws LeaseLostException if the lease was lost while the work ran, so that another may have
   *     begun the same; what the work threw is suppressed
   * @throws StoreException if the store could not answer; nothing was run
   * @throws Exception what the work throws
   */
  public boolean tryRun(String name, Duration atLeast, HeldLease.Work work) throws Exception {
    Limits.between("atLeast", atLeast, Duration.ZERO, Limits.MAX_LEASE);
    Optional<HeldLease> taken = tryAcquire(name);
    if (taken.isEmpty()) {
      return false;
    }
    try (HeldLease lease = taken.get()) {
      lease.keepTaken(atLeast);
      lease.run(work);
    }
    return true;
  }

  /** How often those who wait for a lease ask for it. */
  Duration pollInterval() {
    return pollInterval;
  }

  /**
   * Releases the leases that are held, and ends the thread that keeps them. Harmless when done
   * twice.
   */
  @Override
  public void close() {
    keeper.close();
  }

  /** Builds {@link Leases}; not for use by several threads. */
  public static final class Builder {
    private final LeaseStore store;
    private String owner = WorkerConfig.defaultName();
    private Duration leaseDuration = Duration.ofSeconds(30);
    private Duration pollInterval = Duration.ofSeconds(1);

    private Builder(LeaseStore store) {
      this.store = Limits.notNull("store", store);
    }

    /**
     * Sets under which name the leases are held, for operators; two processes may carry the same.
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
     * Sets for how long a name stays taken by a process that has died. A lease is renewed when a
     * third of it has passed, so the store may be out of reach for up to two thirds of it.
     *
     * @param leaseDuration 100 ms to 365 days; at least three times the call timeout of the store
     * @return this
     * @throws IllegalArgumentException if it is less or more
     */
    public Builder leaseDuration(@Nullable Duration leaseDuration) {
      this.leaseDuration =
          Limits.between("leaseDuration", leaseDuration, Duration.ofMillis(100), Limits.MAX_LEASE);
      return this;
    }

    /**
     * Sets how often those who wait to become {@link Leader} ask for the lease.
     *
     * @param pollInterval 1 ms to 1 hour
     * @return this
     * @throws IllegalArgumentException if it is less or more
     */
    public Builder pollInterval(@Nullable Duration pollInterval) {
      this.pollInterval =
          Limits.between("pollInterval", pollInterval, Duration.ofMillis(1), Duration.ofHours(1));
      return this;
    }

    /**
     * Builds the leases.
     *
     * @return the leases
     */
    public Leases build() {
      return build(LocalClock.SYSTEM);
    }

    Leases build(LocalClock clock) {
      return new Leases(this, clock);
    }
  }
}
