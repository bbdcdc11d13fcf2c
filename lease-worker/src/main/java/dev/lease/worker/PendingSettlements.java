package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The settlements that wait for the dispatcher, by queue, since one call carries those of one queue
 * only. While one batch is under way, the next one gathers. Each settlement is sent from here once.
 * If it is not accepted, it goes to the {@link SettlementRepair}, so that nothing else waits for it
 * [W23].
 */
final class PendingSettlements {

  /**
   * How long a settlement waits, at most, to be sent together with a claim. If jobs come one after
   * the other, one call then settles a job and claims the next.
   */
  private static final long WAIT_FOR_CLAIM = Duration.ofMillis(2).toNanos();

  /** How long it waits, at most, for the turn of its queue while claims go to other queues. */
  private static final long WAIT_FOR_TURN = Duration.ofMillis(10).toNanos();

  /** How long a call may be under way until a stop sends its settlements again. */
  static final long WAIT_FOR_ANSWER = Duration.ofMillis(250).toNanos();

  private final HeldJobs held;
  private final SettlementRepair repair;
  private final Signal dispatcher;
  private final LongSupplier nanoTime;
  private final Map<String, OfQueue> queues = new ConcurrentHashMap<>();

  private volatile boolean laneHasEnded;

  /** When the batches were sent that are not answered. Only for the dispatcher. */
  private final IdentityHashMap<List<PendingSettlement>, Long> sent = new IdentityHashMap<>();

  private static final class OfQueue {
    final Queue<PendingSettlement> waiting = new ConcurrentLinkedQueue<>();
    final AtomicInteger open = new AtomicInteger();
  }

  /**
   * @param dispatcher wakes the dispatcher
   * @param nanoTime the monotonic clock
   */
  PendingSettlements(
      HeldJobs held, SettlementRepair repair, Signal dispatcher, LongSupplier nanoTime) {
    this.held = held;
    this.repair = repair;
    this.dispatcher = dispatcher;
    this.nanoTime = nanoTime;
  }

  void add(PendingSettlement settlement) {
    if (repair.isFailing(settlement.queue()) && !laneHasEnded) {
      repair.add(List.of(settlement));
    } else {
      OfQueue queue = of(settlement.queue());
      queue.open.incrementAndGet();
      queue.waiting.add(settlement);
      dispatcher.raise();
    }
  }

  /** From now on the repair is over too: what comes late is sent once. */
  void laneHasEnded() {
    laneHasEnded = true;
  }

  private OfQueue of(String queue) {
    return queues.computeIfAbsent(queue, name -> new OfQueue());
  }

  /**
   * Settles a claimed job at once if its handler has already returned here: it came back because
   * its lease expired before it could be settled. Its handler does not run again [W03].
   *
   * @return whether it is such a job
   */
  boolean settleAgain(HeldJob later) {
    if (later.claimed().attempt() == 1) {
      return false;
    }
    PendingSettlement done = repair.doneButCameBack(later.claimed());
    if (done == null) {
      return false;
    }
    held.cameBack(done.job());
    add(done.under(later));
    return true;
  }

  boolean isEmpty() {
    return queues.values().stream().allMatch(queue -> queue.waiting.isEmpty());
  }

  /** How many settlements of a queue wait here or are under way. */
  int open(String queue) {
    return of(queue).open.get();
  }

  /**
   * The settlement that has waited longest, of the queues for which one can be sent; null if there
   * is none.
   */
  @Nullable PendingSettlement next(Predicate<String> canBeSent) {
    PendingSettlement longest = null;
    for (OfQueue queue : queues.values()) {
      PendingSettlement first = queue.waiting.peek();
      if (first != null
          && (longest == null || first.nanosWaiting() > longest.nanosWaiting())
          && canBeSent.test(first.queue())) {
        longest = first;
      }
    }
    return longest;
  }

  /** How long until a settlement is sent even without a claim; {@code MAX_VALUE} if it is null. */
  static long nanosToSend(@Nullable PendingSettlement next) {
    return next == null ? Long.MAX_VALUE : Math.max(0, WAIT_FOR_CLAIM - next.nanosWaiting());
  }

  /** Whether a settlement has waited so long that the claims of other queues come after it. */
  static boolean isLate(@Nullable PendingSettlement next) {
    return next != null && next.nanosWaiting() >= WAIT_FOR_TURN;
  }

  /** Takes those of the queue that have waited longest, no more than fit into a batch. */
  List<PendingSettlement> take(String queue) {
    Queue<PendingSettlement> waiting = of(queue).waiting;
    List<PendingSettlement> batch = new ArrayList<>();
    while (batch.size() < Limits.MAX_BATCH) {
      PendingSettlement settlement = waiting.poll();
      if (settlement == null) {
        break;
      }
      batch.add(settlement);
    }
    if (!batch.isEmpty()) {
      sent.put(batch, nanoTime.getAsLong());
    }
    return batch;
  }

  void answered(List<PendingSettlement> batch, List<Settlement.Result> results) {
    boolean isFirst = isOver(batch);
    List<PendingSettlement> others = List.of();
    try {
      for (int i = 0; i < batch.size(); i++) {
        PendingSettlement settlement = batch.get(i);
        if (results.get(i) == Settlement.Result.ACCEPTED) {
          held.end(settlement, PendingSettlement.Verdict.SETTLED);
        } else if (isFirst) {
          if (results.get(i) == Settlement.Result.LOST) {
            // It may have been accepted before, or the handler settled the job itself [W03].
            settlement.setSaidLost();
          }
          others = others.isEmpty() ? new ArrayList<>() : others;
          others.add(settlement);
        }
      }
    } catch (Throwable e) {
      // A logger has failed, say. The repair drops what is settled, and nothing is forgotten.
      SettlementRepair.markUnknown(batch, e);
      others = isFirst ? batch : List.of();
    }
    repair.add(others);
  }

  /** The call failed: any part of the batch may be to blame, and any part may be accepted. */
  void failed(List<PendingSettlement> batch, Throwable failure) {
    if (isOver(batch)) {
      SettlementRepair.markUnknown(batch, failure);
      repair.add(batch);
    }
  }

  /** What a call failed with that was not made, since another lane took the place. */
  static StoreException noRoom() {
    return StoreException.notDone("too many calls are under way", null);
  }

  /**
   * Repairs the settlements of calls that do not return, since the worker stops [W31].
   *
   * @return how long until another call counts as such; {@code MAX_VALUE} if none is under way
   */
  long repairSent() {
    long wait = Long.MAX_VALUE;
    for (List<PendingSettlement> batch : List.copyOf(sent.keySet())) {
      long sentAt = Objects.requireNonNull(sent.get(batch));
      long left = WAIT_FOR_ANSWER - (nanoTime.getAsLong() - sentAt);
      if (left > 0) {
        wait = Math.min(wait, left);
      } else {
        failed(batch, StoreException.outcomeUnknown("the store has not answered yet", null));
      }
    }
    return wait;
  }

  /** Notes the first answer to a batch; false if there was one before. */
  private boolean isOver(List<PendingSettlement> batch) {
    boolean isFirst = sent.remove(batch) != null;
    if (isFirst) {
      of(batch.get(0).queue()).open.addAndGet(-batch.size());
    }
    return isFirst;
  }
}
