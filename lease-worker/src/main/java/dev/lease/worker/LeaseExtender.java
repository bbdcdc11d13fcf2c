package dev.lease.worker;

import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Extends the leases of all held jobs, whether they run, wait, or are being settled, when the
 * configured share of their time has passed [W01]. Each queue has its own calls, and an outage is
 * noted for each queue. If a call hangs, the next queue is served by another thread [W23].
 */
final class LeaseExtender {

  private static final String OPERATION = "extend leases";

  /** A lease is looked at no less often than this, so that there are several tries to extend it. */
  private static final int LOOKS = 6;

  private final JobQueue jobs;
  private final HeldJobs held;
  private final StoreOutage outage;
  private final LeaseLoss losses;
  private final Events events;
  private final ExecutorService threads;
  private final Signal signal;

  private final Duration leaseDuration;
  private final long due;
  private final long interval;
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();
  private final Map<String, Backoff> failing = new ConcurrentHashMap<>();

  /**
   * @param extendAfter the share of a lease after which it is extended
   * @param threads runs the calls: one thread, and another one for each call that hangs
   * @param signal wakes the lane
   */
  LeaseExtender(
      JobQueue jobs,
      HeldJobs held,
      double extendAfter,
      StoreOutage outage,
      LeaseLoss losses,
      Events events,
      ExecutorService threads,
      Signal signal) {
    this.jobs = jobs;
    this.held = held;
    this.outage = outage;
    this.losses = losses;
    this.events = events;
    this.threads = threads;
    this.signal = signal;
    this.leaseDuration = held.leaseDuration();
    long lease = leaseDuration.toNanos();
    this.due = (long) (lease * extendAfter);
    this.interval = Math.min(due / 2, lease / LOOKS);
  }

  long round() {
    Map<String, List<HeldJob>> byQueue = dueByQueue();
    boolean awaits = true;
    for (Map.Entry<String, List<HeldJob>> entry : byQueue.entrySet()) {
      String queue = entry.getKey();
      if (isFailing(queue) || !underWay.add(queue)) {
        continue;
      }
      Future<?> call = submit(queue, entry.getValue());
      awaits = awaits && hasEnded(call);
    }
    forgetOutages(byQueue.keySet());
    return nanosToWait();
  }

  /** The jobs to extend, of the queues that have at least one lease that is due. */
  private Map<String, List<HeldJob>> dueByQueue() {
    Map<String, List<HeldJob>> byQueue = new LinkedHashMap<>();
    for (HeldJob job : held) {
      if (hasPassed(job, due) && job.nanosBusy() == 0) {
        byQueue.computeIfAbsent(job.lease().queue(), queue -> new ArrayList<>());
      }
    }
    if (!byQueue.isEmpty()) {
      for (HeldJob job : held) {
        List<HeldJob> ofQueue = byQueue.get(job.lease().queue());
        // Includes jobs that would be due next, so that leases come to be extended together.
        if (ofQueue != null && hasPassed(job, due / 2) && job.nanosBusy() == 0) {
          ofQueue.add(job);
        }
      }
    }
    return byQueue;
  }

  /** Whether so much of a lease has passed, or may have, but the lease is not lost. */
  private boolean hasPassed(HeldJob job, long nanos) {
    return job.isKept() && (job.isDoubtful() || job.nanosLeft() <= leaseDuration.toNanos() - nanos);
  }

  private boolean isFailing(String queue) {
    Backoff backoff = failing.get(queue);
    return backoff != null && backoff.nanosLeft(Long.MAX_VALUE) > 0;
  }

  private Future<?> submit(String queue, List<HeldJob> ofQueue) {
    try {
      return threads.submit(() -> extendAll(queue, ofQueue));
    } catch (Throwable e) {
      // No thread can be started, so this one makes the call: else the leases would be lost [W24].
      extendAll(queue, ofQueue);
      return CompletableFuture.completedFuture(null);
    }
  }

  /** Waits a while for the end of a call. So one thread makes all calls while none hangs. */
  private boolean hasEnded(Future<?> call) {
    try {
      call.get(interval / 4, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException | InterruptedException e) {
      return true;
    }
  }

  private void extendAll(String queue, List<HeldJob> ofQueue) {
    try {
      for (int from = 0; from < ofQueue.size(); from += Limits.MAX_BATCH) {
        List<HeldJob> batch =
            ofQueue.subList(from, Math.min(from + Limits.MAX_BATCH, ofQueue.size()));
        // Filtered again, since the batches before may have taken long.
        extend(queue, batch.stream().filter(HeldJob::isKept).toList());
      }
    } finally {
      underWay.remove(queue);
      if (failing.containsKey(queue) || ofQueue.stream().anyMatch(HeldJob::isBusy)) {
        signal.raise();
      }
    }
  }

  private void extend(String queue, List<HeldJob> batch) {
    if (batch.isEmpty()) {
      return;
    }
    try {
      Deadline deadline = held.deadline();
      List<JobLease> leases = batch.stream().map(HeldJob::lease).toList();
      List<Extension> answers = jobs.extend(leases, leaseDuration);
      tellLag(queue, batch, answers);
      List<HeldJob> lost = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        HeldJob job = batch.get(i);
        if (answers.get(i) instanceof Extension.Held extended) {
          extended(job, extended, deadline);
        } else if (answers.get(i) instanceof Extension.Lost) {
          lost.add(job);
        } else {
          job.busy(interval);
        }
      }
      // Last, since each of these costs a call.
      lost.stream().filter(this::isOurs).forEach(job -> losses.refused(job, "to extend it"));
      succeeded(queue);
    } catch (Throwable e) {
      // The round after the pause tries again, while the leases last.
      failing.computeIfAbsent(queue, name -> new Backoff(Duration.ofNanos(interval))).failed();
      outage.failed(queue, OPERATION, e);
    }
  }

  /** Before the answers are noted, since the lag is in what was left of the leases. */
  private void tellLag(String queue, List<HeldJob> batch, List<Extension> answers) {
    if (!events.areHeard()) {
      return;
    }
    long planned = leaseDuration.toNanos() - due;
    long lag = -1;
    for (int i = 0; i < batch.size(); i++) {
      if (answers.get(i) instanceof Extension.Held) {
        lag = Math.max(lag, Math.max(0, planned - batch.get(i).nanosLeft()));
      }
    }
    if (lag >= 0) {
      events.extended(batch.get(0).lease().owner(), queue, Duration.ofNanos(lag));
    }
  }

  private void succeeded(String queue) {
    if (failing.remove(queue) != null) {
      outage.succeeded(queue, OPERATION);
    }
  }

  private void extended(HeldJob job, Extension.Held extended, Deadline deadline) {
    if (isOurs(job)) {
      job.extended(deadline);
      if (extended.cancelRequested()) {
        job.tellToStop(HeldJob.StopReason.CANCELLED);
      }
    }
  }

  private boolean isOurs(HeldJob job) {
    return !job.isLost() && held.contains(job);
  }

  /**
   * Ends the outages of queues without a lease to extend: no call would tell that they are over.
   */
  private void forgetOutages(Set<String> inNeed) {
    for (Iterator<String> each = failing.keySet().iterator(); each.hasNext(); ) {
      String queue = each.next();
      if (!inNeed.contains(queue) && !underWay.contains(queue)) {
        each.remove();
        outage.succeeded(queue, OPERATION);
      }
    }
  }

  private long nanosToWait() {
    long wait = interval;
    for (Backoff backoff : failing.values()) {
      long left = backoff.nanosLeft(Long.MAX_VALUE);
      wait = left > 0 ? Math.min(wait, left) : wait;
    }
    for (HeldJob job : held) {
      long busy = job.nanosBusy();
      wait = busy > 0 ? Math.min(wait, busy) : wait;
    }
    return wait;
  }
}
