package dev.lease.worker;

import dev.lease.JobQueue;
import dev.lease.worker.QueueRotation.Turn;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The lane that settles and claims jobs of one queue after the other, in one call to the store if
 * both are due. While a call is under way, further settlements gather and slots become free. So
 * batches grow with the load, and an idle worker settles at once. A call that lasts is left alone,
 * and the queue is asked again when it has ended, or if there is room for a further call.
 */
final class Dispatcher {

  private final JobQueue jobs;
  private final StoreCalls calls;
  private final Inbox answers;
  private final QueueRotation rotation;
  private final Slots slots;
  private final PendingSettlements pending;
  private final Claims claims;
  private final Predicate<String> mayClaim;
  private volatile boolean finishing;

  /** Whether the last round made a claim: otherwise late settlements would leave slots empty. */
  private boolean hasClaimed;

  /**
   * @param answers brings the answers of calls that were left
   * @param mayClaim whether the leases of jobs claimed from a queue would be extended [W24]
   */
  Dispatcher(
      JobQueue jobs,
      StoreCalls calls,
      Inbox answers,
      QueueRotation rotation,
      Slots slots,
      PendingSettlements pending,
      Claims claims,
      Predicate<String> mayClaim) {
    this.jobs = jobs;
    this.calls = calls;
    this.answers = answers;
    this.rotation = rotation;
    this.slots = slots;
    this.pending = pending;
    this.claims = claims;
    this.mayClaim = mayClaim;
  }

  long round() {
    answers.empty();
    rotation.expectWhenDue();
    long toStrand = slots.nanosToStrand();
    if (toStrand == 0) {
      claims.releaseStranded();
    }
    // Read once, since it may become true during the round: settlements that wait for a claim must
    // be sent before this lane ends.
    boolean last = finishing;
    long toRepair = last ? pending.repairSent() : Long.MAX_VALUE;
    PendingSettlement next = pending.next(this::canSettle);
    long toSend = last && next != null ? 0 : PendingSettlements.nanosToSend(next);
    Turn turn =
        rotation.next(
            slots,
            this::canClaim,
            toSend == 0 ? queueOf(next) : null,
            hasClaimed && PendingSettlements.isLate(next) ? queueOf(next) : null);
    hasClaimed = turn != null;
    if (turn != null) {
      PolledQueue queue = turn.queue();
      boolean together = !queue.isApart() && canSettle(queue.name());
      claims.ask(queue, turn.room(), together ? pending.take(queue.name()) : List.of());
    } else if (next != null && toSend == 0) {
      settle(next.queue());
    } else if (last && pending.isEmpty() && toRepair == Long.MAX_VALUE) {
      return Loop.END;
    } else {
      return Math.min(
          Math.min(toSend, toRepair), Math.min(Math.max(1, toStrand), rotation.nanosToWait()));
    }
    return 0;
  }

  private static @Nullable String queueOf(@Nullable PendingSettlement settlement) {
    return settlement == null ? null : settlement.queue();
  }

  private boolean canSettle(String queue) {
    return calls.hasRoom(StoreCalls.Kind.SETTLE, queue);
  }

  private boolean canClaim(String queue) {
    return calls.hasRoom(StoreCalls.Kind.CLAIM, queue) && mayClaim.test(queue);
  }

  /**
   * Ends the lane when all settlements are sent. The slots must be closed, so that it claims no
   * more.
   */
  void finish() {
    finishing = true;
  }

  /** Call this when the lane has ended: jobs that a claim still brings are released [W30]. */
  void laneHasEnded() {
    pending.laneHasEnded();
    answers.laneHasEnded(
        () -> {
          for (var next = pending.next(this::canSettle); next != null; ) {
            settle(next.queue());
            next = pending.next(this::canSettle);
          }
        });
  }

  private void settle(String queue) {
    List<PendingSettlement> batch = pending.take(queue);
    boolean isMade =
        calls.make(
            new StoreCalls.Call<>(
                StoreCalls.Kind.SETTLE,
                queue,
                () -> jobs.settle(PendingSettlement.settlements(batch)),
                results -> {
                  if (batch.stream().anyMatch(settlement -> settlement.job().hasKey())) {
                    // It may have passed slots on, and tells nobody of it.
                    rotation.expect(queue);
                  }
                  pending.answered(batch, results);
                },
                e -> pending.failed(batch, e)),
            answers);
    if (!isMade) {
      pending.failed(batch, PendingSettlements.noRoom());
    }
  }
}
