package dev.lease.worker;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The lane that asks the queues whose claims fail or are slow, so that no other queue waits for
 * them [W23]. A queue that answers quickly again goes back to the {@link Dispatcher}.
 */
final class IsolatedQueues {

  private final QueueRotation rotation;
  private final Slots slots;
  private final Claims claims;
  private final BooleanSupplier mayClaim;
  private final Runnable wakeDispatcher;
  private final int mostAtOnce;
  private volatile boolean idle;

  IsolatedQueues(
      QueueRotation rotation,
      Slots slots,
      Claims claims,
      BooleanSupplier mayClaim,
      Runnable wakeDispatcher,
      int concurrency) {
    this.rotation = rotation;
    this.slots = slots;
    this.claims = claims;
    this.mayClaim = mayClaim;
    this.wakeDispatcher = wakeDispatcher;
    // The others do not wait for its answer, so the slots may be taken when it comes.
    this.mostAtOnce = (concurrency + 1) / 2;
  }

  /** Whether there was no such queue at its last step. Who sets one apart wakes it. */
  boolean isIdle() {
    return idle;
  }

  long step() {
    long wait = Long.MAX_VALUE;
    List<PolledQueue> queues = rotation.isolated().toList();
    idle = queues.isEmpty();
    for (PolledQueue queue : queues) {
      wait = Math.min(wait, rotation.pollInterval());
      long pause = queue.nanosToPause();
      int room = 0;
      if (pause <= 0 && queue.isExpected() && mayClaim.getAsBoolean()) {
        room = Math.min(slots.room(queue), mostAtOnce);
      }
      if (room > 0) {
        ask(queue, room);
        wait = 0;
      } else if (pause > 0) {
        wait = Math.min(wait, pause);
      }
    }
    return wait;
  }

  private void ask(PolledQueue queue, int room) {
    long took = claims.ask(queue, room, List.of());
    if (queue.isFailing()) {
      return;
    }
    if (rotation.areAllIsolated()) {
      // Nobody else measures trips then: what was slow at first is what a trip takes now.
      slots.tripTook(took);
    }
    if (!(rotation.hasOthers() && slots.isSlow(took))) {
      queue.setIsolated(false);
      wakeDispatcher.run();
    }
  }
}
