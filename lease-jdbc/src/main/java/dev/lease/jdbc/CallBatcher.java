package dev.lease.jdbc;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
 */
final class CallBatcher<T, R> {

  /** The largest total size of the calls in a trip; a single call may be larger. */
  private static final int MAX_SIZE = 1 << 20;

  private final String what;
  private final Function<List<T>, List<R>> trip;
  private final BiFunction<T, Deadline, R> alone;
  private final Failures failures;
  private final ToIntFunction<T> size;
  private final Lock lock = new ReentrantLock();
  private final Queue<Caller> waiting = new ArrayDeque<>();
  private boolean underWay;

  /**
   * @param what what a trip does, for messages
   * @param trip makes the calls together, and answers each
   * @param alone makes one call by itself, until its deadline
   * @param failures tells kinds of failures apart
   * @param size the size of a call
   */
  CallBatcher(
      String what,
      Function<List<T>, List<R>> trip,
      BiFunction<T, Deadline, R> alone,
      Failures failures,
      ToIntFunction<T> size) {
    this.what = what;
    this.trip = trip;
    this.alone = alone;
    this.failures = failures;
    this.size = size;
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

  /** A thread with its call, and what becomes of it. */
  private final class Caller {
    final T item;
    final Thread thread = Thread.currentThread();

    /** It makes the next trip. */
    volatile boolean leads;

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
    if (takesLead(caller)) {
      return lead(caller);
    }
    await(caller);
    return caller.done ? answer(caller) : lead(caller);
  }

  /** Takes the lead if no trip is under way; otherwise joins those that wait. */
  private boolean takesLead(Caller caller) {
    lock.lock();
    try {
      if (underWay) {
        waiting.add(caller);
        return false;
      }
      underWay = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the call is made, or until this thread has to make the next trip. */
  private void await(Caller caller) {
    boolean interrupted = false;
    Deadline boarding = Deadline.in(failures.callTimeout());
    while (!caller.done && !caller.leads) {
      // A condition would wake them one after the other, and the one that leads last.
      if (boarding.isOver()) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, boarding.left().toNanos());
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

  /** Gives up, unless its call is on a trip or it has to make the next one. */
  private void leave(Caller caller, String reason) {
    lock.lock();
    try {
      if (waiting.remove(caller)) {
        caller.failure = StoreException.notDone("could not " + what + ": " + reason, null);
        caller.done = true;
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable R lead(Caller leader) {
    List<Caller> group = new ArrayList<>();
    group.add(leader);
    List<R> answers = List.of();
    StoreException failure = null;
    boolean cutOff = true;
    try {
      take(group);
      answers = trip.apply(group.stream().map(caller -> caller.item).toList());
      cutOff = false;
    } catch (RuntimeException e) {
      cutOff = false;
      StoreException told = e instanceof StoreException store ? store : null;
      if (group.size() == 1 && (told == null || !failures.isLockTimeout(told))) {
        throw e;
      }
      failure = told != null && failures.isOutage(told) ? told : null;
    } finally {
      passOn(group, answers, failure, cutOff);
    }
    return answer(leader);
  }

  private void take(List<Caller> group) {
    int total = size.applyAsInt(group.get(0).item);
    lock.lock();
    try {
      for (Caller next = waiting.peek(); next != null; next = waiting.peek()) {
        total += size.applyAsInt(next.item);
        if (total > MAX_SIZE || group.size() == Limits.MAX_BATCH) {
          return;
        }
        group.add(next);
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
      List<Caller> group, List<R> answers, @Nullable StoreException failure, boolean cutOff) {
    Caller next = next();
    if (next != null) {
      next.leads = true;
      LockSupport.unpark(next.thread);
    }
    for (int i = 0; i < group.size(); i++) {
      Caller caller = group.get(i);
      caller.answer = i < answers.size() ? answers.get(i) : null;
      caller.failure = failure;
      caller.cutOff = cutOff;
      caller.done = true;
      if (i > 0) {
        LockSupport.unpark(caller.thread);
      }
    }
  }

  private @Nullable Caller next() {
    lock.lock();
    try {
      Caller next = waiting.poll();
      underWay = next != null;
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
