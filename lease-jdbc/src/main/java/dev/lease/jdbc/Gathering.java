package dev.lease.jdbc;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
   * @param trip answers for each of some
   * @param size how large one is
   */
  Gathering(Function<List<T>, List<R>> trip, ToIntFunction<T> size) {
    this.trip = trip;
    this.size = size;
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
   * Goes along with the next trip.
   *
   * @return the answer; nothing where a trip of several failed and did nothing, so that each is to
   *     go alone: one may have been in the way of the others
   * @throws StoreException that nothing was done, if the thread is interrupted while it waits for a
   *     trip; what is under way is waited for
   * @throws RuntimeException what a trip threw that it made alone
   */
  Optional<R> call(T item) {
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
          caller.failure = StoreException.notDone("could not enqueue: interrupted", e);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<R> lead(Caller leader) {
    List<Caller> group = new ArrayList<>();
    group.add(leader);
    List<R> answers = List.of();
    // What an error ends may be done.
    StoreException failure = StoreException.outcomeUnknown("could not enqueue: cut off", null);
    try {
      take(group);
      answers = trip.apply(group.stream().map(caller -> caller.item).toList());
      failure = null;
    } catch (RuntimeException e) {
      if (group.size() == 1) {
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

  private Optional<R> answer(Caller caller) {
    StoreException failure = caller.failure;
    if (failure != null) {
      // Its own: an exception belongs to one thread.
      String message = String.valueOf(failure.getMessage());
      throw failure.isOutcomeUnknown()
          ? StoreException.outcomeUnknown(message, failure.getCause())
          : StoreException.notDone(message, failure.getCause());
    }
    return Optional.ofNullable(caller.answer);
  }
}
