package dev.lease.worker;

import dev.lease.Extension;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Extends the leases of all jobs of the worker, whether they run, wait, or are being settled, when
 * a third of their time has passed [W01]. Looks at them six times in that time, so a lease has
 * three tries and more before it is given up.
 */
final class LeaseExtender {

  private static final String OPERATION = "extend leases";

  private final JobQueue jobs;
  private final Set<HeldJob> held;
  private final Duration leaseDuration;
  private final LocalClock clock;
  private final StoreOutage outage;
  private final LeaseLoss losses;

  LeaseExtender(
      JobQueue jobs,
      Set<HeldJob> held,
      Duration leaseDuration,
      LocalClock clock,
      StoreOutage outage,
      LeaseLoss losses) {
    this.jobs = jobs;
    this.held = held;
    this.leaseDuration = leaseDuration;
    this.clock = clock;
    this.outage = outage;
    this.losses = losses;
  }

  long step() {
    if (held.stream().anyMatch(hold -> hasPassed(hold, 3))) {
      // With all that would be due next, so that leases come to be extended together.
      extendAll(held.stream().filter(hold -> hasPassed(hold, 6)).toList());
    } else {
      // Nothing is left that could tell the end of an outage, and nothing suffers from it.
      outage.succeeded(OPERATION);
    }
    return leaseDuration.toNanos() / 6;
  }

  /** Whether that part of a lease, but not all of it, has passed. */
  private boolean hasPassed(HeldJob hold, int part) {
    long lease = leaseDuration.toNanos();
    return hold.isKept() && hold.nanosLeft() <= lease - lease / part;
  }

  private void extendAll(List<HeldJob> holds) {
    for (int from = 0; from < holds.size(); from += Limits.MAX_BATCH) {
      List<HeldJob> batch = holds.subList(from, Math.min(from + Limits.MAX_BATCH, holds.size()));
      // Looked at anew: the batches before may have taken their time.
      extend(batch.stream().filter(HeldJob::isKept).toList());
    }
  }

  private void extend(List<HeldJob> holds) {
    if (holds.isEmpty()) {
      return;
    }
    try {
      Deadline deadline = clock.in(leaseDuration);
      List<Extension> answers =
          jobs.extend(holds.stream().map(HeldJob::lease).toList(), leaseDuration);
      List<HeldJob> lost = new ArrayList<>();
      for (int i = 0; i < holds.size(); i++) {
        if (answers.get(i) instanceof Extension.Held extended) {
          extended(holds.get(i), extended, deadline);
        } else if (answers.get(i) instanceof Extension.Lost) {
          lost.add(holds.get(i));
        }
      }
      // At last, since each costs a call.
      lost.stream()
          .filter(this::isOurs)
          .forEach(hold -> losses.saidByStore(hold, "to an extension"));
      outage.succeeded(OPERATION);
    } catch (Throwable e) {
      // The next step tries again, while the leases last.
      outage.failed(OPERATION, e);
    }
  }

  private void extended(HeldJob hold, Extension.Held extended, Deadline deadline) {
    if (isOurs(hold)) {
      hold.extended(deadline);
      if (extended.cancelRequested()) {
        hold.tell(HeldJob.Reason.CANCELLED);
      }
    }
  }

  private boolean isOurs(HeldJob hold) {
    return !hold.isLost() && held.contains(hold);
  }
}
