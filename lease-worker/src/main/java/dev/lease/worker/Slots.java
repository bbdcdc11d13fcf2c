package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
 * The slots in which handlers run, and the jobs that wait for a slot. When a handler has returned,
 * its thread goes on with a waiting job.
 */
final class Slots {

  private static final Logger log = LoggerFactory.getLogger(Slots.class);
  private static final long PAUSE_WITHOUT_THREAD = Duration.ofMillis(100).toNanos();

  /** A job in a slot, or waiting for one. */
  private static final class Place {
    final HeldJob job;
    final PolledQueue queue;
    final long order;

    /** When the job came; once it runs, when it started. */
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
  private final Trust trust;
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
              .thenComparing(place -> !place.job.hasKey())
              .thenComparingLong(place -> place.order));
  private long accepted;
  private boolean closed;
  private boolean lacksThread;
  private long lackedThreadAt;

  /**
   * @param runner runs a handler, and never throws
   * @param nanoTime the monotonic clock
   * @param onFree called when a job has left its slot
   * @param unsettled how many settlements of a queue have failed or hang. Each takes a slot of its
   *     own queue, so that their number is bounded, but no slot of other queues
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
    this.trust = new Trust(lookAhead.longestWait());
    this.threads = threads;
    this.runner = runner;
    this.nanoTime = nanoTime;
    this.onFree = onFree;
    this.unsettled = unsettled;
  }

  void open() {
    if (threads instanceof ThreadPoolExecutor pool) {
      // Starts the threads now: if the machine has too few, the operator sees the error at once.
      pool.prestartAllCoreThreads();
    }
  }

  /** How many more jobs of the queue may be claimed. */
  int room(PolledQueue queue) {
    lock.lock();
    try {
      if (closed || areAllStuck() || lacksThread()) {
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

  /** The room in so many slots, which are the queue's alone or shared with all queues. */
  private int room(PolledQueue queue, int slots, boolean alone) {
    int blocked = blocked(queue);
    int free = slots - blocked - inHand(alone ? queue : null);
    if (!queue.isKnown() || lookAhead.most() == 0 || waitingBytes() >= lookAhead.mostBytes()) {
      return free;
    }
    long most = (long) free + lookAhead.most();
    if (queue.bringsFragile()) {
      int fragile = Math.max(0, free) + Math.max(0, trust.most() - waitingFragile());
      most = Math.min(most, queue.mostWith(fragile));
    }
    if (queue.bringsKeyed()) {
      most = Math.min(most, queue.mostWithKeyed(roomForKeyed(queue, slots, alone)));
    }
    long bridge = lookAhead.bridge(queue);
    long fills = lookAhead.fills(queue, bridge);
    long room =
        fills < bridge
            ? (slots * bridge - filled(queue, alone, bridge, false)) / fills
            // Long jobs are claimed one per slot. Slots with short jobs count: they are soon free.
            : slots - blocked - filled(queue, alone, bridge, true) / bridge;
    return (int) Math.max(0, Math.min(most, room));
  }

  /**
   * How many jobs with keys a claim may bring, so that none waits here for longer than a call to
   * the store takes: as many as the slots start until another call could bring them, and no more
   * than they start during one call [W36].
   */
  private long roomForKeyed(PolledQueue queue, int slots, boolean alone) {
    long now = nanoTime.getAsLong();
    long twoTrips = lookAhead.twoTrips();
    int busy = 0;
    long starts = 0;
    for (Place place : running.values()) {
      if (!alone || place.queue == queue) {
        busy++;
        starts += lookAhead.starts(queue, twoTrips, lookAhead.left(place.queue, now - place.since));
      }
    }
    starts += Math.max(0, slots - busy) * lookAhead.starts(queue, twoTrips, 0);
    long keyed = waiting.stream().filter(place -> place.job.hasKey()).count();
    long mostAtOnce = slots * lookAhead.starts(queue, twoTrips / 2, 0);
    return Math.max(0, Math.min(starts - keyed - blocked(queue), mostAtOnce));
  }

  /** How many slots jobs of the queue take that are not here: yet to come, or yet to be settled. */
  private int blocked(PolledQueue queue) {
    return queue.askedFor() + unsettled.applyAsInt(queue.name());
  }

  private int inHand(@Nullable PolledQueue of) {
    return of == null ? running.size() + waiting.size() : running(of) + waiting(of);
  }

  private int waitingFragile() {
    return (int) waiting.stream().filter(place -> place.job.isFragile()).count();
  }

  private int running(PolledQueue of) {
    return (int) running.values().stream().filter(place -> place.queue == of).count();
  }

  private int waiting(PolledQueue of) {
    return (int) waiting.stream().filter(place -> place.queue == of).count();
  }

  /** How much of the bridge the jobs in hand fill; only long ones count if {@code onlyLong}. */
  private long filled(PolledQueue queue, boolean alone, long bridge, boolean onlyLong) {
    long now = nanoTime.getAsLong();
    long filled = onlyLong ? 0 : blocked(queue) * bridge;
    for (Place place : running.values()) {
      if (!alone || place.queue == queue) {
        // A job that has run longer than usual fills its slot for as long as it has run.
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

  /** Whether the queue has no room only because its jobs may not wait and all slots are taken. */
  boolean waitsForFreeSlot(PolledQueue queue) {
    lock.lock();
    try {
      return !closed
          && !mayWait(queue)
          && running.size() >= concurrency
          && inHand(queue) + blocked(queue) < queue.limit();
    } finally {
      lock.unlock();
    }
  }

  private boolean mayWait(PolledQueue queue) {
    return queue.isKnown() && (!queue.bringsFragile() || trust.most() > waitingFragile());
  }

  void tripTook(long nanos) {
    lock.lock();
    try {
      lookAhead.tripTook(nanos);
    } finally {
      lock.unlock();
    }
  }

  /** Notes that a claim has finished jobs that had crashed too often. */
  void sawCrash() {
    lock.lock();
    try {
      trust.sawCrash(nanoTime.getAsLong());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts these jobs or lets them wait. Returns those to release: which can do neither, and which
   * waited and may not wait any more, since a crash was seen [W06].
   */
  List<HeldJob> accept(PolledQueue queue, List<HeldJob> jobs) {
    Map<HeldJob, Throwable> withoutThread = new LinkedHashMap<>();
    List<HeldJob> back = accept(queue, jobs, withoutThread);
    // Not under the lock: a logger that hangs must not keep the other slots from going on.
    withoutThread.forEach(Slots::complain);
    return back;
  }

  private List<HeldJob> accept(
      PolledQueue queue, List<HeldJob> jobs, Map<HeldJob, Throwable> withoutThread) {
    lock.lock();
    try {
      if (closed || areAllStuck()) {
        return jobs;
      }
      long now = nanoTime.getAsLong();
      if (jobs.stream().anyMatch(HeldJob::hasCrashed)) {
        trust.sawCrash(now);
      }
      List<HeldJob> back = new ArrayList<>();
      int mayWait = trust.most() - waitingFragile();
      if (mayWait < 0) {
        back.addAll(takeBeyondTrust());
        mayWait = 0;
      }
      int fragile = 0;
      int keyed = 0;
      for (HeldJob job : inOrder(jobs)) {
        var place = new Place(job, queue, accepted++, now);
        fragile += job.isFragile() ? 1 : 0;
        keyed += job.hasKey() ? 1 : 0;
        boolean starts = starts(place, withoutThread);
        if (!starts && job.isFragile() && mayWait == 0) {
          back.add(job);
        } else if (!starts) {
          waiting.add(place);
          mayWait -= job.isFragile() ? 1 : 0;
        }
      }
      if (!jobs.isEmpty()) {
        queue.brought(jobs.size(), fragile, keyed);
      }
      return back;
    } finally {
      lock.unlock();
    }
  }

  /** A job that has crashed may crash this worker too: no more wait beside it than may. */
  private List<HeldJob> takeBeyondTrust() {
    List<Place> beyond =
        waiting.stream()
            .filter(place -> place.job.isFragile())
            .sorted(waiting.comparator())
            .skip(trust.most())
            .toList();
    waiting.removeAll(beyond);
    return beyond.stream().map(place -> place.job).toList();
  }

  /** By priority. Of the same priority the fragile ones come first, then those with keys. */
  private static List<HeldJob> inOrder(List<HeldJob> jobs) {
    return jobs.stream()
        .sorted(
            Comparator.comparingInt((HeldJob job) -> -job.claimed().priority())
                .thenComparing(job -> !job.isFragile())
                .thenComparing(job -> !job.hasKey()))
        .toList();
  }

  private boolean starts(Place place, Map<HeldJob, Throwable> withoutThread) {
    if (running.size() >= concurrency || !isBelowLimit(place.queue)) {
      return false;
    }
    try {
      threads.execute(() -> runAll(place.job));
    } catch (Throwable e) {
      lacksThread = true;
      lackedThreadAt = place.since;
      withoutThread.put(place.job, e);
      return false;
    }
    run(place);
    return true;
  }

  /**
   * Whether there was no thread for a job just now. Then nothing is claimed for a while: what
   * cannot start is released, and would be claimed again at once.
   */
  private boolean lacksThread() {
    lacksThread = lacksThread && nanoTime.getAsLong() - lackedThreadAt < PAUSE_WITHOUT_THREAD;
    return lacksThread;
  }

  private static void complain(HeldJob job, Throwable failure) {
    try {
      log.warn(
          "Job {} cannot start: there is no thread for it; it waits for a slot, or is released",
          job,
          failure);
    } catch (Throwable e) {
      // A logger that fails, for example without memory, must not cost the job its slot.
    }
  }

  private boolean isBelowLimit(PolledQueue queue) {
    return queue.limit() >= concurrency || running(queue) < queue.limit();
  }

  private void run(Place place) {
    place.since = nanoTime.getAsLong();
    running.put(place.job, place);
    trust.starts(place.job);
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
        trust.ran(done);
      }
      Place next = pollWaiting();
      if (next != null) {
        run(next);
      }
      // Called again: when the settlement called it, this job still had its slot.
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

  /** Takes out jobs that have waited too long, or all if every slot is stuck [W06, W13, W36]. */
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
        if (now - place.since >= longestWait(place)) {
          each.remove();
          stranded.add(place.job);
        }
      }
      return stranded;
    } finally {
      lock.unlock();
    }
  }

  private long longestWait(Place place) {
    return place.job.hasKey() ? lookAhead.longestKeyedWait() : lookAhead.longestWait();
  }

  /** How long until a job with a key has waited too long; {@code MAX_VALUE} if none waits. */
  long nanosToStrand() {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      return waiting.stream()
          .filter(place -> place.job.hasKey())
          .mapToLong(place -> Math.max(0, longestWait(place) - (now - place.since)))
          .min()
          .orElse(Long.MAX_VALUE);
    } finally {
      lock.unlock();
    }
  }

  /** Call this when one more slot is stuck: a stop no longer waits for it. */
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

  /** Accepts no more jobs; returns those that wait, which must be released [W05]. */
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

  /**
   * Waits until all handlers that still run are stuck; false if others still run after this time.
   */
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

  /** Waits until the threads have ended; false if some still run after this time. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    return threads.awaitTermination(nanos, TimeUnit.NANOSECONDS);
  }

  /** Frees the slots of these jobs, whose handlers may still run; returns the jobs. */
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

  /** How many bytes of payloads a claim may bring, given those of the jobs that wait. */
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

  /** The queues of the jobs that wait, one for each job. */
  List<String> waitingQueues() {
    lock.lock();
    try {
      return waiting.stream().map(place -> place.queue.name()).toList();
    } finally {
      lock.unlock();
    }
  }
}
