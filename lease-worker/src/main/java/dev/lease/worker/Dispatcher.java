package dev.lease.worker;

import dev.lease.JobQueue;
import dev.lease.worker.QueueRotation.Turn;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The lane that settles and claims jobs, in one call to the store if both are due. While a call is
 * under way, further settlements gather and slots become free. So batches grow with the load, and
 * an idle worker settles at once. Queues and settlements that fail or are slow leave this lane.
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
   * @param mayClaim whether the leases of claimed jobs would be extended [W24]
   * @param wakeIsolated wakes the lane for isolated queues
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

  long round() {
    rotation.expectWhenDue();
    // Read once, since it may become true during the round: settlements that wait for a claim must
    // be sent before this lane ends.
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

  /**
   * Ends the lane when all settlements are sent. The slots must be closed, so that it claims no
   * more.
   */
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
