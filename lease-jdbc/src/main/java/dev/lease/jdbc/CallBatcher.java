package dev.lease.jdbc;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends the calls of several threads to the database in one trip, as group commit does. A thread
 * that comes while a trip is under way waits for its end. Then the first of those that wait makes
 * the next trip for all of them. A thread that comes alone goes at once.
 *
 * <p>A trip that lasts is not waited for: one of its calls may hang. The first of those that wait
 * makes another trip meanwhile. From then on the calls of each key that went on the trip that
 * lasted travel by themselves, until one of their trips worked. So a key that hangs costs another
 * key no more than that one trip.
 */
final class CallBatcher<T, R> {

  /** How long others wait for a trip before they make one themselves. */
  static final Duration PATIENCE = Duration.ofMillis(100);

  /** The largest total size of the calls in a trip; a single call may be larger. */
  private static final int MAX_SIZE = 1 << 20;

  /** So many keys may travel by themselves before those that nobody uses are forgotten. */
  private static final int MANY = Limits.MAX_BATCH;

  private final String what;
  private final Function<List<T>, List<R>> trip;
  private final BiFunction<T, Deadline, R> alone;
  private final Failures failures;
  private final ToIntFunction<T> size;
  private final Function<T, String> key;
  private final Duration patience;

  private final Lock lock = new ReentrantLock();
  private final Line common = new Line();

  /** Those of keys that travel by themselves. */
  private final Map<String, Line> apart = new HashMap<>();

  /**
   * @param what what a trip does, for messages
   * @param trip makes the calls together, and answers each
   * @param alone makes one call by itself, until its deadline
   * @param failures tells kinds of failures apart
   * @param size the size of a call
   * @param key whose calls may hang together
   * @param patience how long others wait for a trip before they make one themselves
   */
  CallBatcher(
      String what,
      Function<List<T>, List<R>> trip,
      BiFunction<T, Deadline, R> alone,
      Failures failures,
      ToIntFunction<T> size,
      Function<T, String> key,
      Duration patience) {
    this.what = what;
    this.trip = trip;
    this.alone = alone;
    this.failures = failures;
    this.size = size;
    this.key = key;
    this.patience = patience;
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

  /** Those who wait for a trip, and the last one that has begun. Guarded by the lock. */
  private final class Line {
    final Queue<Caller> waiting = new ArrayDeque<>();
    @Nullable Trip last;

    void add(Caller caller) {
      waiting.add(caller);
      caller.line = this;
    }

    Trip begin(Caller leader) {
      leader.line = null;
      last = leader.leads = new Trip(this);
      return last;
    }

    boolean isIdle() {
      return last == null;
    }
  }

  /** A trip. */
  private final class Trip {
    final Line line;

    /** How long others wait for its end. */
    final Deadline wait = Deadline.in(patience);

    /** Guarded by the lock until all are aboard. */
    final List<Caller> group = new ArrayList<>();

    Trip(Line line) {
      this.line = line;
    }
  }

  /** A thread with its call, and what becomes of it. */
  private final class Caller {
    final T item;
    final Thread thread = Thread.currentThread();

    /** Where it waits for a trip. Guarded by the lock. */
    @Nullable Line line;

    /** The trip that it makes. */
    volatile @Nullable Trip leads;

    /** The answer or the failure is there; written last. */
    volatile boolean done;

    @Nullable R answer;

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
    R answer = together(item);
    return answer == null ? alone.apply(item, deadline) : answer;
  }

  private @Nullable R together(T item) {
    var caller = new Caller(item);
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

  /** Takes the lead if no trip is under way; otherwise joins those that wait. */
  private void join(Caller caller) {
    lock.lock();
    try {
      Line line = lineOf(caller);
      if (line.isIdle()) {
        line.begin(caller);
      } else {
        line.add(caller);
      }
    } finally {
      lock.unlock();
    }
  }

  private Line lineOf(Caller caller) {
    return apart.getOrDefault(key.apply(caller.item), common);
  }

  /** Waits until the call is made, or until this thread has to make the next trip. */
  private void await(Caller caller) {
    boolean interrupted = false;
    Deadline boarding = Deadline.in(failures.callTimeout());
    while (!caller.done && caller.leads == null) {
      // A condition would wake them one after the other, and the one that leads last.
      long wait = nanosToWait(caller, boarding);
      if (wait > 0) {
        LockSupport.parkNanos(this, wait);
      }
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

  /** How long it waits until it looks again. It may have to make the next trip now. */
  private long nanosToWait(Caller caller, Deadline boarding) {
    lock.lock();
    try {
      if (caller.line == null) {
        // Its trip has begun, or its call was made.
        return caller.done || caller.leads != null ? 0 : Long.MAX_VALUE;
      }
      long left = boarding.left().toNanos();
      Trip last = common.last;
      if (caller.line == common && last != null) {
        if (last.wait.isOver()) {
          setApart(last);
          if (caller.line == common) {
            common.waiting.remove(caller);
            common.begin(caller);
          }
          return 0;
        }
        left = Math.min(left, last.wait.left().toNanos());
      }
      return left;
    } finally {
      lock.unlock();
    }
  }

  /** From now on the keys that went on this trip travel by themselves. */
  private void setApart(Trip lasting) {
    if (apart.size() > MANY) {
      apart.values().removeIf(Line::isIdle);
    }
    for (Caller caller : lasting.group) {
      apart.computeIfAbsent(key.apply(caller.item), it -> new Line());
    }
    for (Caller caller : List.copyOf(common.waiting)) {
      Line own = lineOf(caller);
      if (own != common) {
        common.waiting.remove(caller);
        if (own.isIdle()) {
          own.begin(caller);
          LockSupport.unpark(caller.thread);
        } else {
          own.add(caller);
        }
      }
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
      made.group.add(leader);
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

  /**
   * Wakes the first of those that wait, which makes the next trip, and those whose calls were made.
   */
  private void passOn(
      Trip made, List<R> answers, @Nullable StoreException failure, boolean cutOff) {
    Caller next = next(made, !answers.isEmpty());
    if (next != null) {
      LockSupport.unpark(next.thread);
    }
    for (int i = 0; i < made.group.size(); i++) {
      Caller caller = made.group.get(i);
      caller.answer = i < answers.size() ? answers.get(i) : null;
      caller.failure = failure;
      caller.cutOff = cutOff;
      caller.done = true;
      if (i > 0) {
        LockSupport.unpark(caller.thread);
      }
    }
  }

  private @Nullable Caller next(Trip made, boolean works) {
    lock.lock();
    try {
      Line line = made.line;
      if (line.last != made) {
        // Others did not wait for its end.
        return null;
      }
      if (!works && made.wait.isOver() && line == common) {
        setApart(made);
      }
      Caller next = line.waiting.poll();
      if (next != null) {
        line.begin(next);
      } else {
        line.last = null;
        if (works && line != common) {
          apart.values().remove(line);
        }
      }
      return next;
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
