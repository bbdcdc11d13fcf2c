package dev.lease.router;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The queues of all stores. */
final class RoutedQueue implements JobQueue {

  /** A store may take so long for an extension, however short the lease is [L31]. */
  private static final Duration LEAST_TO_EXTEND = Duration.ofSeconds(1);

  private final Parts<JobQueue> queues;
  private final boolean hasKeys;

  RoutedQueue(Parts<JobQueue> queues, boolean hasKeys) {
    this.queues = queues;
    this.hasKeys = hasKeys;
  }

  /** The elements of a batch, by the store that has their queues. */
  private final class Split<E> {

    private final List<E> batch;
    private final Function<E, String> queue;
    private final Map<RoutedStore, List<E>> byStore = new LinkedHashMap<>();

    Split(List<E> batch, Function<E, String> queue) {
      this.batch = batch;
      this.queue = queue;
      for (E element : batch) {
        byStore.computeIfAbsent(storeOf(element), store -> new ArrayList<>()).add(element);
      }
    }

    private RoutedStore storeOf(E element) {
      return queues.storeOf(queue.apply(element));
    }

    /** The only store, or any one for no elements; null if there are several. */
    @Nullable RoutedStore only() {
      Collection<RoutedStore> stores = byStore.isEmpty() ? queues.stores() : byStore.keySet();
      return byStore.size() > 1 ? null : stores.iterator().next();
    }

    List<E> of(RoutedStore store) {
      return Objects.requireNonNull(byStore.get(store));
    }

    /** The answers of the stores in the order of the batch. */
    <T> List<T> inOrder(Answers<List<T>> answers, Function<E, T> ofMissing) {
      Map<RoutedStore, Iterator<T>> rest = new HashMap<>();
      answers.values().forEach((store, some) -> rest.put(store, some.iterator()));
      List<T> inOrder = new ArrayList<>(batch.size());
      for (E element : batch) {
        Iterator<T> ofStore = rest.get(storeOf(element));
        inOrder.add(ofStore == null ? ofMissing.apply(element) : ofStore.next());
      }
      return inOrder;
    }

    /** The answers of stores that all have answered. */
    <T> List<T> inOrder(Answers<List<T>> answers) {
      return inOrder(
          answers.orThrow(),
          element -> {
            throw new IllegalStateException("no answer for " + element);
          });
    }
  }

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    List<NewJob> batch = Limits.batch("jobs", jobs);
    if (!hasKeys) {
      NewJob.requireNoKeys(batch);
    }
    var split = new Split<>(batch, NewJob::queue);
    RoutedStore only = split.only();
    return only != null
        ? queues.in(only, queue -> queue.enqueue(batch))
        : split.inOrder(
            queues.inEach(
                split.byStore.keySet(), (store, queue) -> queue.enqueue(split.of(store))));
  }

  @Override
  public Claim claim(ClaimRequest request) {
    Limits.notNull("request", request);
    return queues.at(request.queue(), queue -> queue.claim(request));
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration leaseDuration) {
    List<JobLease> batch = Limits.batch("leases", leases);
    Limits.lease("leaseDuration", leaseDuration);
    var split = new Split<>(batch, JobLease::queue);
    RoutedStore only = split.only();
    if (only != null) {
      return queues.in(only, queue -> queue.extend(batch, leaseDuration));
    }
    Answers<List<Extension>> answers =
        queues.inEach(
            split.byStore.keySet(),
            (store, queue) -> queue.extend(split.of(store), leaseDuration),
            store -> longestExtension(store, leaseDuration));
    // Of the leases that others have extended the caller must learn.
    return split.inOrder(answers.orThrowIfNone(), lease -> Extension.busy());
  }

  private static Duration longestExtension(RoutedStore store, Duration leaseDuration) {
    Duration longest = store.backend().longestCall();
    Duration third = leaseDuration.dividedBy(3);
    Duration most = third.compareTo(LEAST_TO_EXTEND) < 0 ? LEAST_TO_EXTEND : third;
    return most.compareTo(longest) < 0 ? most : longest;
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    List<Settlement> batch = Limits.batch("settlements", settlements);
    var split = new Split<>(batch, RoutedQueue::queueOf);
    RoutedStore only = split.only();
    return only != null
        ? queues.in(only, queue -> queue.settle(batch))
        : split.inOrder(
            queues.inEach(split.byStore.keySet(), (store, queue) -> queue.settle(split.of(store))));
  }

  private static String queueOf(Settlement settlement) {
    return settlement.lease().queue();
  }

  @Override
  public SettledAndClaimed settleAndClaim(List<Settlement> settlements, ClaimRequest request) {
    Limits.notNull("request", request);
    List<Settlement> batch = Limits.batch("settlements", settlements);
    RoutedStore store = queues.storeOf(request.queue());
    return batch.stream().allMatch(each -> queues.storeOf(queueOf(each)) == store)
        ? queues.in(store, queue -> queue.settleAndClaim(batch, request))
        : JobQueue.super.settleAndClaim(batch, request);
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    Limits.notNull("lease", lease);
    return queues.at(lease.queue(), queue -> queue.progress(lease, progress));
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    Limits.notNull("lease", lease);
    return queues.at(lease.queue(), queue -> queue.checkpoint(lease, step, value));
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    Limits.notNull("lease", lease);
    return queues.at(lease.queue(), queue -> queue.checkpoints(lease));
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    return queues.at(queue, each -> each.find(queue, id));
  }

  @Override
  public Subscription onWork(String queue, Runnable hint) {
    return queues.at(queue, each -> each.onWork(queue, hint));
  }

  @Override
  public void hint(String queue) {
    queues.run(queue, each -> each.hint(queue));
  }
}
