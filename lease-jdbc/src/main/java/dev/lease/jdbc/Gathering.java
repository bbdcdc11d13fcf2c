package dev.lease.jdbc;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

  private final Function<List<T>, List<R>> trip;
  private final ToIntFunction<T> size;
  private final Lock lock = new ReentrantLock();
  private final Queue<Caller> waiting = new ArrayDeque<>();
  private boolean underWay;

  /**
   * @param trip answers for each of some; what it throws, each caller gets
   * @param size how large one is
   */
  Gathering(Function<List<T>, List<R>> trip, ToIntFunction<T> size) {
    this.trip = trip;
    this.size = size;
  }

  /** One who waits, and what becomes of it; guarded by the lock. */
  private final class Caller {
    final T item;
    final boolean alone;
    final Condition changed = lock.newCondition();
    boolean taken;
    boolean leads;
    @Nullable R answer;
    @Nullable RuntimeException failure;

    Caller(T item, boolean alone) {
      this.item = item;
      this.alone = alone;
    }

    boolean isDone() {
      return answer != null || failure != null;
    }
  }

  /**
   * Goes along with the next trip.
   *
   * @throws StoreException that nothing was done, if the thread is interrupted while it waits for a
   *     trip; what is under way is waited for
   */
  R call(T item) {
    return call(new Caller(item, false));
  }

  /** Goes alone, one after the other: for what may have been in the way of others. */
  R callAlone(T item) {
    return call(new Caller(item, true));
  }

  private R call(Caller caller) {
    lock.lock();
    try {
      if (underWay) {
        waiting.add(caller);
        await(caller);
      }
      if (caller.isDone()) {
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
    while (!caller.isDone() && !caller.leads) {
      try {
        caller.changed.await();
      } catch (InterruptedException e) {
        interrupted = true;
        if (!caller.taken && !caller.leads && waiting.remove(caller)) {
          caller.failure = StoreException.notDone("could not enqueue: interrupted", e);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private R lead(Caller leader) {
    List<Caller> group = new ArrayList<>();
    group.add(leader);
    try {
      take(group);
      List<R> answers = trip.apply(group.stream().map(caller -> caller.item).toList());
      lock.lock();
      try {
        for (int i = 0; i < answers.size(); i++) {
          group.get(i).answer = answers.get(i);
        }
      } finally {
        lock.unlock();
      }
    } catch (RuntimeException e) {
      group.forEach(caller -> caller.failure = e);
    } finally {
      passOn(group);
    }
    return answer(leader);
  }

  private void take(List<Caller> group) {
    Caller leader = group.get(0);
    if (leader.alone) {
      return;
    }
    int total = size.applyAsInt(leader.item);
    lock.lock();
    try {
      for (Caller next = waiting.peek(); next != null; next = waiting.peek()) {
        total += size.applyAsInt(next.item);
        if (next.alone || total > MAX_SIZE || group.size() == Limits.MAX_BATCH) {
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
  private void passOn(List<Caller> group) {
    lock.lock();
    try {
      for (Caller caller : group) {
        if (!caller.isDone()) {
          // An error ended the trip.
          caller.failure = StoreException.outcomeUnknown("could not enqueue: cut off", null);
        }
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

  private R answer(Caller caller) {
    RuntimeException failure = caller.failure;
    if (failure instanceof StoreException e) {
      // Its own: an exception belongs to one thread.
      throw e.isOutcomeUnknown()
          ? StoreException.outcomeUnknown(String.valueOf(e.getMessage()), e.getCause())
          : StoreException.notDone(String.valueOf(e.getMessage()), e.getCause());
    }
    if (failure != null) {
      throw failure;
    }
    return Objects.requireNonNull(caller.answer);
  }
}
