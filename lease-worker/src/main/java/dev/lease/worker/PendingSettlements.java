package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The settlements that wait for the dispatcher. While one batch is under way, the next one gathers.
 * Each settlement is sent from here once. If it is not accepted, it goes to the {@link
 * SettlementRepair}, so that nothing else waits for it [W23].
 */
final class PendingSettlements {

  /**
   * How long a settlement waits, at most, to be sent together with a claim. If jobs come one after
   * the other, one call then settles a job and claims the next.
   */
  private static final long WAIT_FOR_CLAIM = Duration.ofMillis(2).toNanos();

  private final HeldJobs held;
  private final SettlementRepair repair;
  private final Predicate<String> isIsolated;
  private final Signal dispatcher;
  private final ConcurrentLinkedQueue<PendingSettlement> waiting = new ConcurrentLinkedQueue<>();

  /**
   * @param isIsolated whether claims of a queue fail or are slow. Its settlements then go to the
   *     repair lane at once, and so do those of a queue whose settlements fail
   */
  PendingSettlements(
      HeldJobs held, SettlementRepair repair, Predicate<String> isIsolated, Signal dispatcher) {
    this.held = held;
    this.repair = repair;
    this.isIsolated = isIsolated;
    this.dispatcher = dispatcher;
  }

  void add(PendingSettlement settlement) {
    if (isIsolated.test(settlement.queue()) || repair.isFailing(settlement.queue())) {
      repair.add(List.of(settlement));
    } else {
      waiting.add(settlement);
      dispatcher.raise();
    }
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
    return waiting.isEmpty();
  }

  /** How long until they are sent even without a claim; {@code MAX_VALUE} if there are none. */
  long nanosToSend() {
    PendingSettlement next = waiting.peek();
    return next == null ? Long.MAX_VALUE : Math.max(0, WAIT_FOR_CLAIM - next.nanosWaiting());
  }

  /** The queue of the settlement that has waited longest; null if there is none. */
  @Nullable String nextQueue() {
    PendingSettlement next = waiting.peek();
    return next == null ? null : next.queue();
  }

  /** Takes those that have waited longest, no more than fit into a batch. */
  List<PendingSettlement> take() {
    List<PendingSettlement> batch = new ArrayList<>();
    while (batch.size() < Limits.MAX_BATCH) {
      PendingSettlement settlement = waiting.poll();
      if (settlement == null) {
        break;
      }
      batch.add(settlement);
    }
    return batch;
  }

  void answered(List<PendingSettlement> batch, List<Settlement.Result> results) {
    List<PendingSettlement> others = List.of();
    for (int i = 0; i < batch.size(); i++) {
      PendingSettlement settlement = batch.get(i);
      if (results.get(i) == Settlement.Result.ACCEPTED) {
        held.end(settlement, PendingSettlement.Verdict.SETTLED);
      } else {
        if (results.get(i) == Settlement.Result.LOST) {
          // It may have been accepted before, or the handler settled the job itself [W03].
          settlement.setSaidLost();
        }
        others = others.isEmpty() ? new ArrayList<>() : others;
        others.add(settlement);
      }
    }
    repair.add(others);
  }

  /** The call failed: any part of the batch may be to blame, and any part may be accepted. */
  void failed(List<PendingSettlement> batch, Throwable failure) {
    SettlementRepair.markUnknown(batch, failure);
    repair.add(batch);
  }
}
