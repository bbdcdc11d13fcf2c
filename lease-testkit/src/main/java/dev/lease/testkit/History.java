package dev.lease.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/** Records what several threads do to a store. Safe for use by many threads. */
final class History {

  /** Moves the time of the store. */
  interface Mover {
    void advance(Duration by) throws Exception;
  }

  private final long origin = System.nanoTime();
  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final ReadWriteLock moving = new ReentrantReadWriteLock(true);
  private final Mover mover;
  private final boolean moveDuringCalls;

  /**
   * Makes an empty history.
   *
   * @param moveDuringCalls whether the time can be moved while calls are under way; if not, calls
   *     wait for a move and a move waits for calls
   */
  History(Mover mover, boolean moveDuringCalls) {
    this.mover = mover;
    this.moveDuringCalls = moveDuringCalls;
  }

  long now() {
    return System.nanoTime() - origin;
  }

  void add(Event event) {
    events.add(event);
  }

  List<Event> events() {
    return List.copyOf(events);
  }

  /** Makes a call. If the time must not be moved during calls, it waits for a move to end. */
  <T> T duringCall(Supplier<T> call) {
    moving.readLock().lock();
    try {
      return call.get();
    } finally {
      moving.readLock().unlock();
    }
  }

  void advance(Duration by) {
    Lock turn = moveDuringCalls ? moving.readLock() : moving.writeLock();
    turn.lock();
    try {
      long sent = now();
      mover.advance(by);
      add(new Event.Advanced(new Span("time", sent, now(), false), by));
    } catch (Exception e) {
      throw new IllegalStateException("the time of the store could not be moved", e);
    } finally {
      turn.unlock();
    }
  }
}
