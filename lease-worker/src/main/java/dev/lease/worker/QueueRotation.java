package dev.lease.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The queues of a worker, which claims from them in turn, so that a full one starves no other. Any
 * thread may add and remove queues. Everything else is for the dispatcher, unless said otherwise.
 */
final class QueueRotation {

  /** A queue to claim from, and how many jobs to claim. */
  record Turn(PolledQueue queue, int room) {}

  /** Replaced as a whole, under the lock of this. */
  private volatile List<PolledQueue> queues;

  private final Map<String, PolledQueue> byName = new ConcurrentHashMap<>();

  /**
   * Those that were removed, until they are added again: jobs of them may still take slots, and
   * claims may be under way. Null for one that was never here. Guarded by this.
   */
  private final Map<String, @Nullable PolledQueue> removed = new HashMap<>();

  private final long pollInterval;

  private long pollAt = System.nanoTime();
  private int turn;
  private int turnsTaken;
  private int hintedTurn;

  /** True once before each queue's turns, so that each queue gets its turn despite many hints. */
  private boolean mayGoToHint;

  QueueRotation(Collection<PolledQueue> queues, Duration pollInterval) {
    this.queues = List.copyOf(queues);
    this.pollInterval = pollInterval.toNanos();
    queues.forEach(queue -> byName.put(queue.name(), queue));
  }

  /** The queues now, for any thread. */
  List<PolledQueue> all() {
    return queues;
  }

  /** The names of the queues now, for any thread. */
  List<String> names() {
    return queues.stream().map(PolledQueue::name).toList();
  }

  /** How many queues there are now, for any thread. */
  int size() {
    return queues.size();
  }

  /** Whether the worker has a queue now, for any thread. */
  boolean contains(String queue) {
    return byName.containsKey(queue);
  }

  /**
   * Returns false if there is such a queue already. One that was removed comes back as it was, with
   * the share of this.
   */
  synchronized boolean add(PolledQueue queue) {
    PolledQueue before = removed.remove(queue.name());
    if (before == null) {
      return take(queue);
    }
    before.shareOf(queue);
    before.setRemoved(false);
    before.expect();
    return take(before);
  }

  /** Adds a queue unless it was removed; returns false if it was, or if there is such a queue. */
  synchronized boolean addFound(PolledQueue queue) {
    return !removed.containsKey(queue.name()) && take(queue);
  }

  private boolean take(PolledQueue queue) {
    boolean isNew = byName.putIfAbsent(queue.name(), queue) == null;
    if (isNew) {
      List<PolledQueue> more = new ArrayList<>(queues);
      more.add(queue);
      queues = List.copyOf(more);
    }
    return isNew;
  }

  /** Returns false if there is no such queue. */
  synchronized boolean remove(String name) {
    PolledQueue gone = byName.remove(name);
    if (gone == null) {
      removed.putIfAbsent(name, null);
      return false;
    }
    gone.setRemoved(true);
    removed.put(name, gone);
    queues = queues.stream().filter(queue -> queue != gone).toList();
    return true;
  }

  /** Expects work in a queue, if the worker has it. */
  void expect(String name) {
    PolledQueue queue = byName.get(name);
    if (queue != null) {
      queue.expect();
    }
  }

  /**
   * Expects work in all queues when the poll interval has passed, and in those to look at again.
   */
  void expectWhenDue() {
    for (PolledQueue queue : queues) {
      if (queue.nanosToLookAgain() == 0) {
        queue.expect();
      }
    }
    if (pollAt - System.nanoTime() <= 0) {
      queues.forEach(PolledQueue::expect);
      double jitter = ThreadLocalRandom.current().nextDouble(0.9, 1.1);
      pollAt = System.nanoTime() + (long) (pollInterval * jitter);
    }
  }

  /**
   * How long until the worker may have to claim from a queue from which it should not claim yet.
   */
  long nanosToWait() {
    long wait = Math.max(0, pollAt - System.nanoTime());
    for (PolledQueue queue : queues) {
      if (!queue.isExpected()) {
        wait = Math.min(wait, queue.nanosToLookAgain());
      } else if (queue.nanosToPause() > 0) {
        wait = Math.min(wait, queue.nanosToPause());
      }
    }
    return wait;
  }

  /**
   * The next queue in which work is expected and for which there is room. If there is none, but a
   * settlement is due, the claim rides with it, from the queue of that settlement.
   *
   * @param mayClaim whether a claim may be made from a queue now
   * @param ride the queue of the settlement that is due; null if none is
   * @param late the queue whose settlement must not wait for a claim of another; null if none
   */
  @Nullable Turn next(
      Slots slots, Predicate<String> mayClaim, @Nullable String ride, @Nullable String late) {
    List<PolledQueue> queues = this.queues;
    for (int i = 0; i < queues.size(); i++) {
      int at = (turn + i) % queues.size();
      PolledQueue queue = queues.get(at);
      if (queue.isExpected() && mayBeAsked(queue, mayClaim)) {
        int room = slots.room(queue);
        if (room > 0) {
          if (late != null && !late.equals(queue.name())) {
            return null;
          }
          Turn hinted = mayGoToHint ? hinted(queues, slots, mayClaim) : null;
          if (hinted != null) {
            mayGoToHint = false;
            return hinted;
          }
          passTurn(queues, at);
          return new Turn(queue, room);
        }
        if (slots.waitsForFreeSlot(queue)) {
          // Otherwise waiting jobs of other queues would take every slot that becomes free.
          return null;
        }
      }
    }
    return ride == null ? null : ride(slots, mayClaim, ride);
  }

  /** A queue for which a hint came. With thousands of queues its turn would come late. */
  private @Nullable Turn hinted(List<PolledQueue> queues, Slots slots, Predicate<String> mayClaim) {
    for (int i = 0; i < queues.size(); i++) {
      int at = (hintedTurn + i) % queues.size();
      PolledQueue queue = queues.get(at);
      if (queue.isHinted() && queue.isExpected() && mayBeAsked(queue, mayClaim)) {
        int room = slots.room(queue);
        if (room > 0) {
          hintedTurn = (at + 1) % queues.size();
          return new Turn(queue, room);
        }
      }
    }
    return null;
  }

  private static boolean mayBeAsked(PolledQueue queue, Predicate<String> mayClaim) {
    return queue.nanosToPause() <= 0 && mayClaim.test(queue.name());
  }

  private void passTurn(List<PolledQueue> queues, int at) {
    turnsTaken = at == turn ? turnsTaken + 1 : 1;
    turn = at;
    if (turnsTaken >= queues.get(at).weight()) {
      turn = (at + 1) % queues.size();
      turnsTaken = 0;
      mayGoToHint = true;
    }
  }

  private @Nullable Turn ride(Slots slots, Predicate<String> mayClaim, String name) {
    PolledQueue queue = byName.get(name);
    if (queue == null || !mayBeAsked(queue, mayClaim)) {
      return null;
    }
    int room = slots.room(queue);
    return room > 0 ? new Turn(queue, room) : null;
  }
}
