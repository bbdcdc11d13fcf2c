package dev.lease.jdbc;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Takes the calls of several threads along in one trip to the database, as a log does with commits:
 * who comes while a trip is under way waits for its end, and the first of those makes the next trip
 * for all. Who comes alone goes at once.
 */
final class CallBatcher<T, R> {

  /** How large a trip may be, by the sizes of what it takes; a single one may be larger. */
  private static final int MAX_SIZE = 1 << 20;

  private final String what;
  private final Function<List<T>, List<R>> trip;
  private final Function<T, R> alone;
  private final Failures failures;
  private final ToIntFunction<T> size;
  private final Lock lock = new ReentrantLock();
  private final Queue<Caller> waiting = new ArrayDeque<>();
  private boolean underWay;

  /**
   * @param what what a trip does, for the errors
   * @param trip answers for each of some
   * @param alone does it for one, and may take its time
   * @param failures tells failures from each other
   * @param size how large one is
   */
  CallBatcher(
      String what,
      Function<List<T>, List<R>> trip,
      Function<T, R> alone,
      Failures failures,
      ToIntFunction<T> size) {
    this.what = what;
    this.trip = trip;
    this.alone = alone;
    this.failures = failures;
    this.size = size;
  }

  /** What a failure says. */
  interface Failures {
    /** Whether nothing was done since a row stayed locked by another transaction. */
    boolean isLockTimeout(StoreException e);

    /** Whether the database could not be asked, or may have done something all the same. */
    boolean isOutage(StoreException e);
  }

  /** One who waits, and what becomes of it. */
  private final class Caller {
    final T item;
    final Thread thread = Thread.currentThread();

    /** It is to make the next trip. */
    volatile boolean leads;

    /** Written last: the answer or the failure is there. */
    volatile boolean done;

    @Nullable R answer;

    /** An error has ended its trip, which may be done. */
    boolean cutOff;

    @Nullable StoreException failure;

    Caller(T item) {
      this.item = item;
    }
  }

  /**
   * Goes along with the next trip; then alone, if that met a lock, or was one of several and failed
   * for another reason than an outage: one may have been in the way of the others.
   *
   * @throws StoreException that nothing was done, if the thread is interrupted while it waits for a
   *     trip; what is under way is waited for
   * @throws RuntimeException what a trip threw that it made alone
   */
  R call(T item) {
    R answer = along(item);
    return answer == null ? alone.apply(item) : answer;
  }

  private @Nullable R along(T item) {
    var caller = new Caller(item);
    if (takesLead(caller)) {
      return lead(caller);
    }
    await(caller);
    return caller.done ? answer(caller) : lead(caller);
  }

  /** Takes the lead if no trip is under way, else joins those who wait. */
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

  /** Waits until it is done, or is to make the next trip. */
  private void await(Caller caller) {
    boolean interrupted = false;
    while (!caller.done && !caller.leads) {
      // A condition would wake them one after the other, and who leads as the last.
      LockSupport.park(this);
      if (Thread.interrupted()) {
        interrupted = true;
        leave(caller);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives up, unless it is on a trip or is to make the next. */
  private void leave(Caller caller) {
    lock.lock();
    try {
      if (waiting.remove(caller)) {
        caller.failure = StoreException.notDone("could not " + what + ": interrupted", null);
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

  /** Wakes the first of those who wait, who makes the next trip, and those who were taken along. */
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
      throw StoreException.outcomeUnknown("could not " + what + ": cut off", null);
    }
    StoreException failure = caller.failure;
    if (failure != null) {
      // Its own: an exception belongs to one thread.
      String message = String.valueOf(failure.getMessage());
      throw failure.isOutcomeUnknown()
          ? StoreException.outcomeUnknown(message, failure.getCause())
          : StoreException.notDone(message, failure.getCause());
    }
    return caller.answer;
  }
}
