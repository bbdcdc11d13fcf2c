package dev.lease.jdbc;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
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
  private final Function<List<T>, List<@Nullable R>> trip;
  private final Function<T, R> alone;
  private final Predicate<StoreException> isInTheWay;
  private final Function<T, String> key;
  private final ToIntFunction<T> size;
  private final Lock lock = new ReentrantLock();
  private final Queue<Caller> waiting = new ArrayDeque<>();
  private boolean underWay;

  /**
   * @param what what a trip does, for the errors
   * @param trip answers for each of some; null for one that is to go alone
   * @param alone does it for one, and may take its time
   * @param isInTheWay whether a trip did nothing since something was in its way
   * @param key what it is about: a trip takes one for each key
   * @param size how large one is
   */
  Gathering(
      String what,
      Function<List<T>, List<@Nullable R>> trip,
      Function<T, R> alone,
      Predicate<StoreException> isInTheWay,
      Function<T, String> key,
      ToIntFunction<T> size) {
    this.what = what;
    this.trip = trip;
    this.alone = alone;
    this.isInTheWay = isInTheWay;
    this.key = key;
    this.size = size;
  }

  /** One whose items are small. */
  Gathering(
      String what,
      Function<List<T>, List<@Nullable R>> trip,
      Function<T, R> alone,
      Predicate<StoreException> isInTheWay,
      Function<T, String> key) {
    this(what, trip, alone, isInTheWay, key, item -> 0);
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
   * Goes along with the next trip; alone where a trip of several failed and did nothing, since one
   * may have been in the way of the others, and where a trip says so.
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
    List<@Nullable R> answers = List.of();
    // What an error ends may be done.
    StoreException failure = StoreException.outcomeUnknown("could not " + what + ": cut off", null);
    try {
      take(group);
      answers = trip.apply(group.stream().map(caller -> caller.item).toList());
      failure = null;
    } catch (RuntimeException e) {
      boolean known = e instanceof StoreException store && isInTheWay.test(store);
      if (group.size() == 1 && !known) {
        throw e;
      }
      failure = e instanceof StoreException store && store.isOutcomeUnknown() ? store : null;
    } finally {
      passOn(group, answers, failure);
    }
    return answer(leader);
  }

  private void take(List<Caller> group) {
    int total = size.applyAsInt(group.get(0).item);
    Set<String> keys = new HashSet<>();
    keys.add(key.apply(group.get(0).item));
    lock.lock();
    try {
      Iterator<Caller> callers = waiting.iterator();
      while (callers.hasNext() && group.size() < Limits.MAX_BATCH) {
        Caller next = callers.next();
        int more = size.applyAsInt(next.item);
        if (total + more > MAX_SIZE) {
          return;
        }
        if (keys.add(key.apply(next.item))) {
          total += more;
          next.taken = true;
          group.add(next);
          callers.remove();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Wakes those who were taken along, and the first of those who wait, who makes the next trip. */
  private void passOn(
      List<Caller> group, List<@Nullable R> answers, @Nullable StoreException failure) {
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
