package dev.lease.worker;

import dev.lease.JobQueue;
import dev.lease.worker.QueueRotation.Turn;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The lane that brings settlements to the store and claims back, both in one trip where both are
 * due. While a trip is under way settlements gather and slots become free, so that batches grow
 * with the load, and an idle worker settles soon. What fails or is slow leaves this lane.
 */
final class Dispatcher {

  private final JobQueue jobs;
  private final QueueRotation rotation;
  private final Slots slots;
  private final PendingSettlements pending;
  private final Claims claims;
  private final BooleanSupplier mayClaim;
  private final Runnable wakeIsolated;
  private volatile boolean finishing;

  /**
   * @param mayClaim whether the leases of what is claimed would be extended [W24]
   * @param wakeIsolated wakes the lane for the queues that are asked apart
   */
  Dispatcher(
      JobQueue jobs,
      QueueRotation rotation,
      Slots slots,
      PendingSettlements pending,
      Claims claims,
      BooleanSupplier mayClaim,
      Runnable wakeIsolated) {
    this.jobs = jobs;
    this.rotation = rotation;
    this.slots = slots;
    this.pending = pending;
    this.claims = claims;
    this.mayClaim = mayClaim;
    this.wakeIsolated = wakeIsolated;
  }

  long step() {
    rotation.expectWhenDue();
    // Read once: it may come true between, and what waits for a claim goes before the end.
    boolean last = finishing;
    long toSend = last && !pending.isEmpty() ? 0 : pending.nanosToSend();
    boolean due = toSend == 0;
    Turn turn =
        mayClaim.getAsBoolean() ? rotation.next(slots, due ? pending.nextQueue() : null) : null;
    if (turn != null) {
      ask(turn, pending.take());
    } else if (due) {
      settle(pending.take());
    } else {
      return last ? Loop.END : Math.min(toSend, rotation.nanosToWait());
    }
    return 0;
  }

  /** Ends when all is sent. The slots are closed by then, so that nothing is claimed. */
  void finish() {
    finishing = true;
  }

  private void ask(Turn turn, List<PendingSettlement> batch) {
    PolledQueue queue = turn.queue();
    long took = claims.ask(queue, turn.room(), batch);
    if (rotation.hasOthers() && slots.isSlow(took)) {
      queue.setIsolated(true);
    } else {
      slots.tripTook(took);
    }
    if (queue.isIsolated()) {
      wakeIsolated.run();
    }
  }

  private void settle(List<PendingSettlement> batch) {
    try {
      pending.answered(batch, jobs.settle(PendingSettlement.settlements(batch)));
    } catch (Throwable e) {
      pending.failed(batch, e);
    }
  }
}
