package dev.lease.router;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One {@link Backend} over several: each queue is in one of them, by its name. Workers, clients and
 * operators' programs use it as any other, so that what is too much for one database is spread over
 * several.
 *
 * <pre>{@code
 * Backend all = QueueRouter.builder()
 *     .store("east", east, "orders-0", "orders-1", "mail-*")
 *     .store("west", west, "*")                               // every other queue
 *     .leases("west")
 *     .build();
 * }</pre>
 *
 * <p>A queue is in the store that names it; else in that of the longest pattern that it matches. A
 * pattern is the beginning of a name and a {@code *}. One store has the pattern {@code *}.
 *
 * <p>What a queue can do, it can do here: a call that is about one queue goes to its store, on the
 * caller's thread, and the whole contract holds for it. The others:
 *
 * <ul>
 *   <li>A batch of several stores is split, and each of these gets its part at the same time, on a
 *       thread of the router. The answers are in the order of the batch. If a store fails, the
 *       others have done theirs all the same. An enqueue or a settlement then throws, and may be
 *       repeated [policy 6]; of an extension the leases of that store are busy [Q22].
 *   <li>A list, a count or the acts of operators are put together from all stores. One that does
 *       not answer within its own {@link Backend#longestCall} is named in the answer's {@code
 *       missing}. If none answers, the call throws [L22, Q86]. A list goes on without a store that
 *       did not answer. Where times are compared, each is by the clock of its own store.
 *   <li>A call by a filter changes the jobs of one store after the other.
 * </ul>
 *
 * <p>All named leases are in one store, which {@link Builder#leases} names: if they followed a map
 * of names, two processes with different maps would each hold the same name.
 *
 * <p>A queue that gets another store leaves its jobs, its limits and its pause where they are, and
 * the new store does not know the ids and dedup keys of the old one. All processes need the same
 * map: change it for a queue that is empty, or let workers over the old store alone finish what is
 * there. Jobs that are left are listed and counted, but never claimed here.
 *
 * <p>It can do what all of its stores can ({@link #capabilities}), but for named leases. A store
 * that is closed by somebody else fails as one that cannot be reached. To close the router is to
 * close all of its stores. Safe for use by many threads.
 */
public final class QueueRouter implements Backend {

  private final List<RoutedStore> stores;
  private final QueueMap map;
  private final @Nullable LeaseStore leases;
  private final Set<Capability> capabilities;
  private final JobQueue jobQueue;
  private final @Nullable JobAdmin jobAdmin;
  private final @Nullable Admission admission;
  private final @Nullable JobGraphs jobGraphs;

  private QueueRouter(List<RoutedStore> stores, QueueMap map, RoutedStore leases) {
    this.stores = stores;
    this.map = map;
    this.capabilities = capabilities(stores, leases);
    this.leases = has(Capability.LEASES) ? new RoutedLeases(leases) : null;
    this.jobQueue = new RoutedQueue(parts(Backend::jobQueue), has(Capability.KEYS));
    this.jobAdmin = has(Capability.ADMIN) ? new RoutedAdmin(parts(Backend::jobAdmin)) : null;
    this.admission = has(Capability.KEYS) ? new RoutedAdmission(parts(Backend::admission)) : null;
    this.jobGraphs = has(Capability.GRAPHS) ? new RoutedGraphs(parts(Backend::jobGraphs)) : null;
  }

  private <P> Parts<P> parts(Function<Backend, P> part) {
    return Parts.of(map, stores, part);
  }

  private boolean has(Capability capability) {
    return capabilities.contains(capability);
  }

  private static Set<Capability> capabilities(List<RoutedStore> stores, RoutedStore leases) {
    Set<Capability> all = EnumSet.allOf(Capability.class);
    stores.forEach(store -> all.retainAll(store.backend().capabilities()));
    for (Capability ofLeases : List.of(Capability.LEASES, Capability.NOTES)) {
      all.remove(ofLeases);
      if (leases.backend().capabilities().contains(ofLeases)) {
        all.add(ofLeases);
      }
    }
    return Collections.unmodifiableSet(all);
  }

  /**
   * Starts a builder.
   *
   * @return a builder without stores
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * What all stores can do; of {@link Capability#LEASES} and {@link Capability#NOTES}, what the
   * store of the named leases can.
   */
  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  /** The named leases of the store that {@link Builder#leases} names. */
  @Override
  public LeaseStore leaseStore() {
    return leases == null ? Backend.super.leaseStore() : leases;
  }

  @Override
  public JobQueue jobQueue() {
    return jobQueue;
  }

  @Override
  public JobAdmin jobAdmin() {
    return jobAdmin == null ? Backend.super.jobAdmin() : jobAdmin;
  }

  @Override
  public Admission admission() {
    return admission == null ? Backend.super.admission() : admission;
  }

  @Override
  public JobGraphs jobGraphs() {
    return jobGraphs == null ? Backend.super.jobGraphs() : jobGraphs;
  }

  /**
   * The store of a queue.
   *
   * @return the name that the builder was given
   */
  @Override
  public String storeOf(String queue) {
    return map.of(queue).name();
  }

  /**
   * The longest of the stores' times, since all that a call is about are called at the same time.
   * Two calls may last twice as long, because they ask stores one after the other: a page of a list
   * of all queues, of jobs or of actions, and {@code settleAndClaim} if some settlements are not in
   * the store of the claim. A worker makes neither.
   */
  @Override
  public Duration longestCall() {
    return stores.stream()
        .map(store -> store.backend().longestCall())
        .max(Duration::compareTo)
        .orElseThrow();
  }

  /** Closes all stores. A second close does nothing. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (RoutedStore store : stores) {
      try {
        store.close();
      } catch (RuntimeException e) {
        // The other stores are closed all the same.
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Builds a {@link QueueRouter}. Not safe for use by many threads. */
  public static final class Builder {

    private final Map<String, RoutedStore> stores = new LinkedHashMap<>();
    private final QueueMap map = new QueueMap();
    private @Nullable String leases;

    private Builder() {}

    /**
     * Adds a store with its queues.
     *
     * @param name its name for people, and in the cursors of lists: keep it. It has to obey the
     *     rules of names
     * @param store the store. It has {@link Capability#JOBS}, and is closed with the router
     * @param queues the names of queues, or the beginnings of names followed by {@code *}
     * @return this
     * @throws IllegalArgumentException if a store has that name, or one of the queues or patterns,
     *     already; if the store has a name already; or if a {@code *} is not at the end. Nothing is
     *     added then
     * @throws UnsupportedOperationException if the store has no queues of jobs
     */
    public Builder store(String name, Backend store, String... queues) {
      Limits.name("store", name);
      Limits.notNull("store", store);
      Limits.notNull("queues", queues);
      if (stores.containsKey(name)) {
        throw new IllegalArgumentException(
            "each store must have a name of its own, was twice " + Limits.oneLine(name));
      }
      if (!store.capabilities().contains(Capability.JOBS)) {
        throw Capability.JOBS.missing("queues of jobs, so a router cannot use it: " + name);
      }
      if (stores.values().stream().anyMatch(other -> other.backend() == store)) {
        throw new IllegalArgumentException(
            "each store must have one name, was given twice, also as " + Limits.oneLine(name));
      }
      var routed = new RoutedStore(name, store);
      map.putAll(Arrays.asList(queues), routed);
      stores.put(name, routed);
      return this;
    }

    /**
     * Sets which store has all named leases. Keep it: two processes that differ in this can hold
     * one name at the same time.
     *
     * @param store the name of a store
     * @return this
     */
    public Builder leases(String store) {
      this.leases = Limits.notNull("store", store);
      return this;
    }

    /**
     * Builds the router. Calls no store.
     *
     * @return the router
     * @throws IllegalStateException if no store has the pattern {@code *}, or {@link #leases} was
     *     not called
     * @throws IllegalArgumentException if {@link #leases} named no store
     */
    public QueueRouter build() {
      if (!map.isComplete()) {
        throw new IllegalStateException(
            "every queue must be in a store: give one of them the pattern \"*\"");
      }
      RoutedStore ofLeases = leases == null ? null : stores.get(leases);
      if (ofLeases == null) {
        String message =
            "leases must name the store that has the named leases, one of "
                + stores.keySet()
                + ", was "
                + leases;
        throw leases == null
            ? new IllegalStateException(message)
            : new IllegalArgumentException(message);
      }
      return new QueueRouter(List.copyOf(stores.values()), map.copy(), ofLeases);
    }
  }
}
