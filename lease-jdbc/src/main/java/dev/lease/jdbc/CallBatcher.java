package dev.lease.jdbc;

import static java.util.Comparator.comparingLong;
import static java.util.stream.Collectors.toSet;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends the calls of several threads to the database in one trip, as group commit does. A thread
 * that comes while a trip is under way waits for its end. Then the first of those that wait makes
 * the next trip for all of them. A thread that comes alone goes at once.
 *
 * <p>A trip that lasts is not waited for: one of its calls may hang. The first of those that wait
 * makes another trip meanwhile, if there is a place for it. The keys of a trip that lasts are set
 * apart: each has a line of its own until one of its trips has worked. So of those that shared the
 * trip each makes one trip alone, and then rides with the others again. A key that hangs takes two
 * places, and three if it works now and then: it stays alone while two trips last that it shared.
 */
final class CallBatcher<T, R> {

  /** How long others wait for a trip before they make one themselves. */
  static final Duration PATIENCE = Duration.ofMillis(100);

  /** The largest total size of the calls in a trip; a single call may be larger. */
  private static final int MAX_SIZE = 1 << 20;

  /** So many keys may have a line of their own before those that nobody uses are forgotten. */
  private static final int MANY = Limits.MAX_BATCH;

  private final String what;
  private final Function<List<T>, List<R>> trip;
  private final Alone<T, R> alone;
  private final Failures failures;
  private final ToIntFunction<T> size;
  private final Function<T, String> key;
  private final int places;
  private final Duration patience;

  private final Lock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Line common = new Line();
  private final Map<String, Line> apart = new HashMap<>();

  /** The lines of single keys in which somebody may wait, since most are of keys at rest. */
  private final Set<Line> awaiting = new LinkedHashSet<>();

  private final List<Trip> underWay = new ArrayList<>();
  private long arrivals;

  /**
   * @param what what a trip does, for messages
   * @param trip makes the calls together, and answers each
   * @param alone makes one call by itself
   * @param failures tells kinds of failures apart
   * @param size the size of a call
   * @param key whose calls may hang together
   * @param places how many trips may be under way; with one place each trip is waited for
   * @param patience how long others wait for a trip before they make one themselves
   */
  CallBatcher(
      String what,
      Function<List<T>, List<R>> trip,
      Alone<T, R> alone,
      Failures failures,
      ToIntFunction<T> size,
      Function<T, String> key,
      int places,
      Duration patience) {
    this.what = what;
    this.trip = trip;
    this.alone = alone;
    this.failures = failures;
    this.size = size;
    this.key = key;
    this.places = places;
    this.patience = patience;
  }

  /** Makes one call by itself, until its deadline. */
  interface Alone<T, R> {
    /**
     * Makes the call.
     *
     * @param isLocked whether it was this call that met a lock; otherwise it shared a trip with the
     *     one that did, or that failed
     */
    R call(T item, boolean isLocked, Deadline deadline);
  }

  /** Tells kinds of failures apart. */
  interface Failures {
    /** Whether nothing was done because another transaction kept a row locked. */
    boolean isLockTimeout(StoreException e);

    /** Whether the database could not be reached, or may have done something all the same. */
    boolean isOutage(StoreException e);

    /** How long a thread waits for the next trip. */
    Duration callTimeout();

    /** When a call that begins now has to end. */
    Deadline deadline();
  }

  /** Those who wait together. Guarded by the lock. */
  private final class Line {
    final Queue<Caller> waiting = new PriorityQueue<>(comparingLong(caller -> caller.arrival));

    /** The trip that they wait for. */
    @Nullable Trip awaited;

    void add(Caller caller) {
      waiting.add(caller);
      caller.line = this;
      if (this != common) {
        awaiting.add(this);
      }
    }

    boolean isUnused() {
      return awaited == null && waiting.isEmpty();
    }

    /** Whether a trip may begin, if there is a place for it. */
    boolean mayBegin() {
      return awaited == null && !waiting.isEmpty();
    }

    /** When the first of them came. */
    long since() {
      return waiting.element().arrival;
    }

    /** The first of them makes a trip. */
    void begin() {
      var made = new Trip(this);
      underWay.add(made);
      awaited = made;
      Caller leader = waiting.remove();
      leader.line = null;
      leader.leads = made;
      made.group.add(leader);
      if (leader.thread != Thread.currentThread()) {
        LockSupport.unpark(leader.thread);
      }
    }
  }

  /** A trip. Guarded by the lock until all are aboard. */
  private final class Trip {
    final Line line;
    final Deadline patienceEnds = Deadline.in(patience);
    final List<Caller> group = new ArrayList<>();

    /** Once others no longer wait for it, the keys that are set apart for that; else empty. */
    Set<String> hanging = Set.of();

    Trip(Line line) {
      this.line = line;
    }

    boolean isLate() {
      return patienceEnds.isOver();
    }

    Set<String> keys() {
      return group.stream().map(CallBatcher.this::keyOf).collect(toSet());
    }
  }

  /** A thread with its call, and what becomes of it. */
  private final class Caller {
    final T item;
    final Thread thread = Thread.currentThread();

    /** Where it waits for a trip. Guarded by the lock, as the next. */
    @Nullable Line line;

    long arrival;

    /** The trip that it makes. */
    volatile @Nullable Trip leads;

    /** The answer or the failure is there; written last. */
    volatile boolean done;

    @Nullable R answer;

    /** It was alone on a trip that met a lock. */
    boolean isLocked;

    /** An {@code Error} ended its trip, which may have been made. */
    boolean cutOff;

    @Nullable StoreException failure;

    Caller(T item) {
      this.item = item;
    }
  }

  /**
   * Makes a call, with the next trip. If that trip met a lock, the call is made by itself; so it is
   * if the trip had several calls and failed for another reason than an outage, since one of them
   * may have made the others fail.
   *
   * @throws StoreException if the thread is interrupted or has to wait too long for the next trip:
   *     then nothing was done. A trip under way is waited for.
   * @throws RuntimeException what was thrown by a trip with this call alone
   */
  R call(T item) {
    Deadline deadline = failures.deadline();
    var caller = new Caller(item);
    R answer = together(caller);
    return answer == null ? alone.call(item, caller.isLocked, deadline) : answer;
  }

  private @Nullable R together(Caller caller) {
    join(caller);
    if (caller.leads == null) {
      await(caller);
    }
    Trip leads = caller.leads;
    if (leads != null) {
      make(leads, caller);
    }
    return answer(caller);
  }

  /** Joins its line. Whoever may go now, goes. */
  private void join(Caller caller) {
    lock.lock();
    try {
      caller.arrival = arrivals++;
      lineOf(caller).add(caller);
      advance();
    } finally {
      lock.unlock();
    }
  }

  /** Lets trips begin while there are places, and the caller that has waited longest first. */
  private void advance() {
    while (underWay.size() < places) {
      Trip awaited = common.awaited;
      if (awaited != null && awaited.isLate() && !common.waiting.isEmpty()) {
        common.awaited = null;
        setApart(awaited);
      }
      Line next = common.mayBegin() ? common : null;
      awaiting.removeIf(line -> line.waiting.isEmpty());
      for (Line line : awaiting) {
        if (line.mayBegin() && (next == null || line.since() < next.since())) {
          next = line;
        }
      }
      if (next == null) {
        return;
      }
      next.begin();
    }
  }

  private Line lineOf(Caller caller) {
    return apart.getOrDefault(keyOf(caller), common);
  }

  private String keyOf(Caller caller) {
    return key.apply(caller.item);
  }

  /** Waits until the call is made, or until this thread has to make the next trip. */
  private void await(Caller caller) {
    boolean interrupted = false;
    Deadline boarding = Deadline.in(failures.callTimeout());
    while (!caller.done && caller.leads == null) {
      LockSupport.parkNanos(this, look(caller, boarding));
      if (Thread.interrupted()) {
        interrupted = true;
        leave(caller, "the thread was interrupted");
      } else if (boarding.isOver()) {
        leave(caller, "other calls of this process took too long");
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Goes if it may; else how long it waits until it looks again. */
  private long look(Caller caller, Deadline boarding) {
    lock.lock();
    try {
      if (caller.line == null) {
        // Its trip has begun, or its call was made.
        return caller.done || caller.leads != null ? 0 : Long.MAX_VALUE;
      }
      advance();
      if (caller.leads != null) {
        return 0;
      }
      long left = boarding.left().toNanos();
      if (places == 1) {
        // The end of each trip lets the next begin, and nothing else does.
        return left;
      }
      Trip awaited = common.awaited;
      Deadline next =
          awaited != null && caller.line == common && !awaited.isLate()
              ? awaited.patienceEnds
              : Deadline.in(patience);
      return Math.min(left, next.left().toNanos());
    } finally {
      lock.unlock();
    }
  }

  /** This trip lasts. From now on each key on it has a line of its own, until it has worked. */
  private void setApart(Trip lasting) {
    lasting.hanging = lasting.keys();
    if (apart.size() > MANY) {
      apart.entrySet().removeIf(own -> own.getValue().isUnused() && hung(own.getKey()) == 0);
    }
    lasting.hanging.forEach(key -> apart.computeIfAbsent(key, it -> new Line()));
    for (Caller caller : List.copyOf(common.waiting)) {
      Line own = lineOf(caller);
      if (own != common) {
        common.waiting.remove(caller);
        own.add(caller);
      }
    }
  }

  /** How many trips of the common line last that carry a key. */
  private long hung(String key) {
    return underWay.stream().filter(made -> made.hanging.contains(key)).count();
  }

  /** The key has worked, and rides with the others again, unless it may be what hangs. */
  private void comeBack(String key) {
    Line own = apart.get(key);
    if (own != null && own.awaited == null && hung(key) < 2) {
      apart.remove(key);
      awaiting.remove(own);
      own.waiting.forEach(common::add);
    }
  }

  /** The keys that have a line of their own, for tests. */
  Set<String> keysApart() {
    lock.lock();
    try {
      return Set.copyOf(apart.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** Gives up, unless its call is on a trip or it has to make the next one. */
  private void leave(Caller caller, String reason) {
    lock.lock();
    try {
      if (caller.line != null) {
        caller.line.waiting.remove(caller);
        caller.line = null;
        caller.failure = StoreException.notDone("could not " + what + ": " + reason, null);
        caller.done = true;
      }
    } finally {
      lock.unlock();
    }
  }

  private void make(Trip made, Caller leader) {
    List<R> answers = List.of();
    StoreException failure = null;
    boolean cutOff = true;
    try {
      take(made, leader);
      answers = trip.apply(made.group.stream().map(caller -> caller.item).toList());
      cutOff = false;
    } catch (RuntimeException e) {
      cutOff = false;
      StoreException told = e instanceof StoreException store ? store : null;
      if (made.group.size() == 1 && (told == null || !failures.isLockTimeout(told))) {
        throw e;
      }
      failure = told != null && failures.isOutage(told) ? told : null;
    } finally {
      passOn(made, answers, failure, cutOff);
    }
  }

  private void take(Trip made, Caller leader) {
    int total = size.applyAsInt(leader.item);
    lock.lock();
    try {
      if (!made.hanging.isEmpty()) {
        // This thread woke so late that the others went on without it.
        return;
      }
      Queue<Caller> waiting = made.line.waiting;
      for (Caller next = waiting.peek(); next != null; next = waiting.peek()) {
        total += size.applyAsInt(next.item);
        if (total > MAX_SIZE || made.group.size() == Limits.MAX_BATCH) {
          return;
        }
        made.group.add(next);
        next.line = null;
        waiting.remove();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets the next trips begin, and wakes those whose calls were made. */
  private void passOn(
      Trip made, List<R> answers, @Nullable StoreException failure, boolean cutOff) {
    try {
      end(made, !answers.isEmpty());
    } finally {
      for (int i = 0; i < made.group.size(); i++) {
        Caller caller = made.group.get(i);
        caller.answer = i < answers.size() ? answers.get(i) : null;
        caller.isLocked = answers.isEmpty() && made.group.size() == 1;
        caller.failure = failure;
        caller.cutOff = cutOff;
        caller.done = true;
        if (i > 0) {
          LockSupport.unpark(caller.thread);
        }
      }
    }
  }

  private void end(Trip made, boolean works) {
    lock.lock();
    try {
      underWay.remove(made);
      if (made.line.awaited == made) {
        made.line.awaited = null;
      }
      if (!works && made.isLate() && made.hanging.isEmpty() && places > 1) {
        setApart(made);
      }
      if (works && !apart.isEmpty()) {
        made.keys().forEach(this::comeBack);
      }
      advance();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable R answer(Caller caller) {
    if (caller.cutOff) {
      throw StoreException.outcomeUnknown("could not " + what + ": an error ended the trip", null);
    }
    StoreException failure = caller.failure;
    if (failure != null) {
      // A new one for each thread: an exception must not be shared.
      String message = String.valueOf(failure.getMessage());
      throw failure.isOutcomeUnknown()
          ? StoreException.outcomeUnknown(message, failure.getCause())
          : StoreException.notDone(message, failure.getCause());
    }
    return caller.answer;
  }
}
