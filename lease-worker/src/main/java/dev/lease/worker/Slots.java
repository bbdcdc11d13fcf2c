package dev.lease.worker;

import dev.lease.Limits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where handlers run, and what waits for them to end. A slot that becomes free goes on with what
 * waits, on the same thread.
 */
final class Slots {

  private static final Logger log = LoggerFactory.getLogger(Slots.class);

  /** A job in a slot, or before one. */
  private static final class Place {
    final HeldJob job;
    final PolledQueue queue;
    final long order;

    /** When it came, and once it runs, when it began to. */
    long since;

    Place(HeldJob job, PolledQueue queue, long order, long since) {
      this.job = job;
      this.queue = queue;
      this.order = order;
      this.since = since;
    }
  }

  private final int concurrency;
  private final LookAhead lookAhead;
  private final ExecutorService threads;
  private final Consumer<HeldJob> runner;
  private final LongSupplier nanoTime;
  private final Runnable onFree;
  private final ToIntFunction<String> unsettled;

  private final Lock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Map<HeldJob, Place> running = new HashMap<>();
  private final PriorityQueue<Place> waiting =
      new PriorityQueue<>(
          Comparator.comparingInt((Place place) -> -place.job.claimed().priority())
              .thenComparingLong(place -> place.order));
  private long accepted;
  private boolean closed;

  /**
   * @param runner runs a handler, and never throws
   * @param nanoTime the monotonic clock
   * @param onFree called when a job has left its slot
   * @param unsettled how many jobs of that queue have ended and cannot be settled now: they take
   *     slots of their queue, so that what waits for the store is bounded, and none of another
   */
  Slots(
      int concurrency,
      LookAhead lookAhead,
      ExecutorService threads,
      Consumer<HeldJob> runner,
      LongSupplier nanoTime,
      Runnable onFree,
      ToIntFunction<String> unsettled) {
    this.concurrency = concurrency;
    this.lookAhead = lookAhead;
    this.threads = threads;
    this.runner = runner;
    this.nanoTime = nanoTime;
    this.onFree = onFree;
    this.unsettled = unsettled;
  }

  void open() {
    if (threads instanceof ThreadPoolExecutor pool) {
      // Now, where a machine that has no more threads to give is an error that its operator sees.
      pool.prestartAllCoreThreads();
    }
  }

  /** How many more jobs of that queue may be claimed. */
  int room(PolledQueue queue) {
    lock.lock();
    try {
      if (closed || areAllStuck()) {
        return 0;
      }
      int room = room(queue, concurrency, false);
      if (queue.limit() < concurrency) {
        room = Math.min(room, room(queue, queue.limit(), true));
      }
      return Math.min(Math.max(0, room), Limits.MAX_BATCH);
    } finally {
      lock.unlock();
    }
  }

  /** The room in so many slots, for a queue that has them alone or shares them with all. */
  private int room(PolledQueue queue, int slots, boolean alone) {
    int blocked = unsettled.applyAsInt(queue.name());
    int taken = blocked + inHand(alone ? queue : null);
    if (!queue.claimsAhead() || lookAhead.most() == 0 || waitingBytes() >= lookAhead.mostBytes()) {
      return slots - taken;
    }
    int most = slots + lookAhead.most() - taken;
    long bridge = lookAhead.bridge(queue);
    long fills = lookAhead.fills(queue, bridge);
    return fills < bridge
        ? (int) Math.min(most, (slots * bridge - filled(queue, alone, bridge, false)) / fills)
        // What runs for long is claimed for slots, and those with short jobs will soon be free.
        : (int) Math.min(most, slots - blocked - filled(queue, alone, bridge, true) / bridge);
  }

  private int inHand(@Nullable PolledQueue of) {
    return of == null ? running.size() + waiting.size() : running(of) + waiting(of);
  }

  private int running(PolledQueue of) {
    return (int) running.values().stream().filter(place -> place.queue == of).count();
  }

  private int waiting(PolledQueue of) {
    return (int) waiting.stream().filter(place -> place.queue == of).count();
  }

  /** How much of the bridge is filled by what is in hand, or by what fills its slot alone. */
  private long filled(PolledQueue queue, boolean alone, long bridge, boolean onlyLong) {
    long now = nanoTime.getAsLong();
    long filled = onlyLong ? 0 : unsettled.applyAsInt(queue.name()) * bridge;
    for (Place place : running.values()) {
      if (!alone || place.queue == queue) {
        // One that runs on, whatever its like do, holds its slot.
        long ran = Math.min(now - place.since, bridge);
        filled += counted(Math.max(lookAhead.fills(place.queue, bridge), ran), bridge, onlyLong);
      }
    }
    for (Place place : waiting) {
      if (!alone || place.queue == queue) {
        filled += counted(lookAhead.fills(place.queue, bridge), bridge, onlyLong);
      }
    }
    return filled;
  }

  private static long counted(long fills, long bridge, boolean onlyLong) {
    return onlyLong && fills < bridge ? 0 : fills;
  }

  /** Whether it has no room since its jobs must not wait, and gets some when a slot is free. */
  boolean waitsForFreeSlot(PolledQueue queue) {
    lock.lock();
    try {
      return !closed
          && !queue.claimsAhead()
          && running.size() >= concurrency
          && inHand(queue) + unsettled.applyAsInt(queue.name()) < queue.limit();
    } finally {
      lock.unlock();
    }
  }

  void tripTook(long nanos) {
    lock.lock();
    try {
      lookAhead.tripTook(nanos);
    } finally {
      lock.unlock();
    }
  }

  boolean isSlow(long tripNanos) {
    lock.lock();
    try {
      return lookAhead.isSlow(tripNanos);
    } finally {
      lock.unlock();
    }
  }

  /** Runs these, or lets them wait; answers those that can do neither and go back [W06]. */
  List<HeldJob> accept(PolledQueue queue, List<HeldJob> jobs) {
    lock.lock();
    try {
      if (closed || areAllStuck()) {
        return jobs;
      }
      long now = nanoTime.getAsLong();
      List<HeldJob> back = new ArrayList<>();
      boolean someMustNotWait = false;
      // Those that must not wait choose first; what waits for them is no more than a batch.
      for (HeldJob job : jobs) {
        if (job.mustNotWait()) {
          someMustNotWait = true;
          if (!starts(new Place(job, queue, accepted++, now))) {
            back.add(job);
          }
        }
      }
      for (HeldJob job : jobs) {
        if (!job.mustNotWait()) {
          var place = new Place(job, queue, accepted++, now);
          if (!starts(place)) {
            waiting.add(place);
          }
        }
      }
      if (!jobs.isEmpty()) {
        queue.setClaimsAhead(!someMustNotWait);
      }
      return back;
    } finally {
      lock.unlock();
    }
  }

  private boolean starts(Place place) {
    if (running.size() >= concurrency || !isBelowLimit(place.queue)) {
      return false;
    }
    try {
      threads.execute(() -> runAll(place.job));
    } catch (Throwable e) {
      complain(place.job, e);
      return false;
    }
    run(place);
    return true;
  }

  private static void complain(HeldJob job, Throwable failure) {
    try {
      log.warn("There is no thread for {}; it waits for a slot, or goes back", job, failure);
    } catch (Throwable e) {
      // A logger that finds no memory must not keep the job from either.
    }
  }

  private boolean isBelowLimit(PolledQueue queue) {
    return queue.limit() >= concurrency || running(queue) < queue.limit();
  }

  private void run(Place place) {
    place.since = nanoTime.getAsLong();
    running.put(place.job, place);
  }

  private void runAll(HeldJob first) {
    HeldJob job = first;
    while (job != null) {
      runner.accept(job);
      job = next(job);
    }
  }

  private @Nullable HeldJob next(HeldJob done) {
    lock.lock();
    try {
      Place before = running.remove(done);
      if (before != null) {
        before.queue.runTimes().add(nanoTime.getAsLong() - before.since);
      }
      Place next = pollWaiting();
      if (next != null) {
        run(next);
      }
      // Again, since the settlement woke it when this job still counted.
      onFree.run();
      ended.signalAll();
      return next == null ? null : next.job;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Place pollWaiting() {
    List<Place> passedOver = List.of();
    Place next = waiting.poll();
    while (next != null && !isBelowLimit(next.queue)) {
      passedOver = passedOver.isEmpty() ? new ArrayList<>() : passedOver;
      passedOver.add(next);
      next = waiting.poll();
    }
    waiting.addAll(passedOver);
    return next;
  }

  private boolean areAllStuck() {
    return running.size() >= concurrency && running.keySet().stream().allMatch(HeldJob::isStuck);
  }

  /** Takes out what has waited too long, or waits for slots that are all stuck [W06, W13]. */
  List<HeldJob> stranded() {
    lock.lock();
    try {
      if (waiting.isEmpty()) {
        return List.of();
      }
      if (areAllStuck()) {
        return takeWaiting();
      }
      long now = nanoTime.getAsLong();
      List<HeldJob> stranded = new ArrayList<>();
      for (Iterator<Place> each = waiting.iterator(); each.hasNext(); ) {
        Place place = each.next();
        if (now - place.since >= lookAhead.longestWait()) {
          each.remove();
          stranded.add(place.job);
        }
      }
      return stranded;
    } finally {
      lock.unlock();
    }
  }

  /** To be called when one more is stuck: it is waited for no longer. */
  void slotIsStuck() {
    lock.lock();
    try {
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private List<HeldJob> takeWaiting() {
    List<HeldJob> unstarted = waiting.stream().map(place -> place.job).toList();
    waiting.clear();
    return unstarted;
  }

  /** No more is accepted; answers what waits, which is handed back [W05]. */
  List<HeldJob> close() {
    lock.lock();
    try {
      closed = true;
      threads.shutdown();
      return takeWaiting();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no handler runs that is not stuck; false if some still do after that time. */
  boolean awaitIdle(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!isIdle() && left > 0) {
        left = ended.awaitNanos(left);
      }
      return isIdle();
    } finally {
      lock.unlock();
    }
  }

  private boolean isIdle() {
    return running.keySet().stream().allMatch(HeldJob::isStuck);
  }

  /** Waits until the threads have ended; false if some go on after that time. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    return threads.awaitTermination(nanos, TimeUnit.NANOSECONDS);
  }

  /** No longer waits for these; answers them. */
  List<HeldJob> forget(Predicate<HeldJob> which) {
    lock.lock();
    try {
      List<HeldJob> forgotten = running.keySet().stream().filter(which).toList();
      forgotten.forEach(running::remove);
      ended.signalAll();
      return forgotten;
    } finally {
      lock.unlock();
    }
  }

  List<HeldJob> running() {
    lock.lock();
    try {
      return List.copyOf(running.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** How many bytes of payloads a claim may bring, so that those that wait stay few. */
  int bytesToClaim() {
    lock.lock();
    try {
      return (int) Math.max(1, lookAhead.mostBytes() - waitingBytes());
    } finally {
      lock.unlock();
    }
  }

  private long waitingBytes() {
    long bytes = 0;
    for (Place place : waiting) {
      bytes += place.job.claimed().payload().length();
    }
    return bytes;
  }

  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
