package dev.lease.worker;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The lane that claims from isolated queues. A queue is isolated while its claims fail or are slow,
 * so that no other queue waits for it [W23]. A queue that answers quickly again goes back to the
 * {@link Dispatcher}.
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
    // Other queues are claimed from meanwhile, and may take the slots before the answer comes.
    this.mostAtOnce = (concurrency + 1) / 2;
  }

  /** Whether no queue was isolated in the last round. Whoever isolates a queue wakes this lane. */
  boolean isIdle() {
    return idle;
  }

  long round() {
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
      // Then nobody else measures calls. What was slow at first is the usual time now.
      slots.tripTook(took);
    }
    if (!(rotation.hasOthers() && slots.isSlow(took))) {
      queue.setIsolated(false);
      wakeDispatcher.run();
    }
  }
}
