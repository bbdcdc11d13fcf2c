package dev.lease.jdbc;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Takes the calls of several threads along in one trip to the database, as a log does with commits:
 * who comes while a trip is under way waits for its end, and the first of those makes the next trip
 * for all. Who comes alone goes at once.
 */
final class Gathering<T, R> {

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
  Gathering(
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

  /** One who waits, and what becomes of it; guarded by the lock. */
  private final class Caller {
    final T item;
    final Condition changed = lock.newCondition();
    boolean taken;
    boolean leads;
    boolean done;
    @Nullable R answer;
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
    lock.lock();
    try {
      if (underWay) {
        waiting.add(caller);
        await(caller);
      }
      if (caller.done) {
        return answer(caller);
      }
      underWay = true;
    } finally {
      lock.unlock();
    }
    return lead(caller);
  }

  /** Waits until it is done, or is to make the next trip. */
  private void await(Caller caller) {
    boolean interrupted = false;
    while (!caller.done && !caller.leads) {
      try {
        caller.changed.await();
      } catch (InterruptedException e) {
        interrupted = true;
        if (!caller.taken && !caller.leads && waiting.remove(caller)) {
          caller.done = true;
          caller.failure = StoreException.notDone("could not " + what + ": interrupted", e);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable R lead(Caller leader) {
    List<Caller> group = new ArrayList<>();
    group.add(leader);
    List<R> answers = List.of();
    // What an error ends may be done.
    StoreException failure = StoreException.outcomeUnknown("could not " + what + ": cut off", null);
    try {
      take(group);
      answers = trip.apply(group.stream().map(caller -> caller.item).toList());
      failure = null;
    } catch (RuntimeException e) {
      StoreException told = e instanceof StoreException store ? store : null;
      if (group.size() == 1 && (told == null || !failures.isLockTimeout(told))) {
        throw e;
      }
      failure = told != null && failures.isOutage(told) ? told : null;
    } finally {
      passOn(group, answers, failure);
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
        next.taken = true;
        group.add(next);
        waiting.remove();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Wakes those who were taken along, and the first of those who wait, who makes the next trip. */
  private void passOn(List<Caller> group, List<R> answers, @Nullable StoreException failure) {
    lock.lock();
    try {
      for (int i = 0; i < group.size(); i++) {
        Caller caller = group.get(i);
        caller.done = true;
        caller.answer = i < answers.size() ? answers.get(i) : null;
        caller.failure = failure;
        caller.changed.signal();
      }
      Caller next = waiting.poll();
      underWay = next != null;
      if (next != null) {
        next.leads = true;
        next.changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable R answer(Caller caller) {
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
