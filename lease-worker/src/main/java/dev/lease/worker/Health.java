package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.worker.WorkerHealth.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Judges what a worker is doing. Calls no store. */
final class Health {

  private final HeldJobs held;
  private final StoreOutage outage;
  private final StoreCalls calls;
  private final Claims claims;
  private final WorkerConfig config;
  private final Supplier<List<String>> queues;
  private final @Nullable OldestDue oldestDue;

  Health(
      HeldJobs held,
      StoreOutage outage,
      StoreCalls calls,
      Claims claims,
      WorkerConfig config,
      Supplier<List<String>> queues,
      @Nullable OldestDue oldestDue) {
    this.held = held;
    this.outage = outage;
    this.calls = calls;
    this.claims = claims;
    this.config = config;
    this.queues = queues;
    this.oldestDue = oldestDue;
  }

  WorkerHealth of(WorkerStatus status) {
    Duration sinceLastClaim = claims.sinceLastAnswer();
    List<String> down = new ArrayList<>();
    List<String> degraded = new ArrayList<>();
    boolean live = true;
    switch (status.state()) {
      case NEW -> down.add("the worker was not started");
      case STOPPING -> down.add("the worker stops");
      case STOPPED -> down.add("the worker has stopped");
      case FAILED -> {
        down.add("a thread of the worker is dead and cannot be started again");
        live = false;
      }
      case RUNNING -> {
        live = lookAtSlots(status, down, degraded);
        lookAtStore(down, degraded);
        lookAtLeases(degraded);
        if (oldestDue != null) {
          degraded.addAll(oldestDue.reasons());
        }
      }
    }
    Status worst =
        down.isEmpty() ? (degraded.isEmpty() ? Status.UP : Status.DEGRADED) : Status.DOWN;
    down.addAll(degraded);
    return new WorkerHealth(worst, live, down, sinceLastClaim);
  }

  private boolean lookAtSlots(WorkerStatus status, List<String> down, List<String> degraded) {
    int stuck = status.stuck();
    if (stuck >= config.concurrency()) {
      down.add("all " + stuck + " slots are stuck");
      return false;
    }
    if (stuck > 0) {
      degraded.add(stuck + " of " + config.concurrency() + " slots are stuck");
    }
    return true;
  }

  private void lookAtStore(List<String> down, List<String> degraded) {
    outage
        .state()
        .ifPresent(
            state -> {
              boolean noClaims =
                  queues.get().stream()
                      .allMatch(
                          queue ->
                              state
                                  .failing()
                                  .getOrDefault(queue, Set.of())
                                  .contains(Claims.OPERATION));
              boolean isLong = state.length().compareTo(config.leaseDuration()) >= 0;
              (noClaims && isLong ? down : degraded)
                  .add(
                      "for "
                          + Limits.shown(state.length())
                          + " the worker cannot "
                          + state.reason());
            });
    List<StoreCalls.Lasting> lasting = calls.lasting(config.leaseDuration().dividedBy(3));
    Set<String> hanging =
        lasting.stream().map(StoreCalls.Lasting::queue).collect(Collectors.toSet());
    lasting.forEach(
        call -> (hanging.containsAll(queues.get()) ? down : degraded).add(call.reason()));
  }

  /** A lease that is long due to be extended: handlers go on, but not for much longer. */
  private void lookAtLeases(List<String> degraded) {
    long tooLittle = (long) (config.leaseDuration().toNanos() * (1 - config.extendAfter()) / 2);
    long late = held.stream().filter(job -> job.isKept() && job.nanosLeft() < tooLittle).count();
    if (late > 0) {
      degraded.add(late + " leases could not be extended in time so far");
    }
  }
}
