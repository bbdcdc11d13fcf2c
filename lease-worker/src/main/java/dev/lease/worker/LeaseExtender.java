package dev.lease.worker;

import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/**
 * Extends the leases of all held jobs, whether they run, wait, or are being settled, when the
 * configured share of their time has passed [W01]. Each queue has its own calls, and an outage is
 * noted for each queue. A call that has lasted for a third of a lease, or for a second if that is
 * more, is made again [W32].
 */
final class LeaseExtender {

  private static final String OPERATION = "extend leases";

  /** A lease is looked at no less often than this, so that there are several tries to extend it. */
  private static final int LOOKS = 6;

  private static final long LONGEST_PAUSE_OF_CLAIMS = Duration.ofSeconds(30).toNanos();

  /** A store may take so long for an extension, however short the lease is [L31]. */
  private static final long LEAST_PATIENCE = Duration.ofSeconds(1).toNanos();

  private final JobQueue jobs;
  private final StoreCalls calls;
  private final HeldJobs held;
  private final StoreOutage outage;
  private final LeaseLoss losses;
  private final Events events;
  private final Executor errands;
  private final Inbox answers;
  private final Runnable onInTime;

  private final Duration leaseDuration;
  private final long third;
  private final long due;
  private final long interval;
  private final Map<String, Backoff> failing = new HashMap<>();

  /** When an extension of a queue failed last, if none has worked since. */
  private final Map<String, Long> failedAt = new HashMap<>();

  private final long pauseOfClaims;
  private volatile Set<String> late = Set.of();

  /**
   * @param extendAfter the share of a lease after which it is extended
   * @param errands runs what must not wait for the store in this lane
   * @param answers brings the answers of calls that were left, and wakes the lane
   * @param onInTime called when leases of a queue are extended in time again
   */
  LeaseExtender(
      JobQueue jobs,
      StoreCalls calls,
      HeldJobs held,
      double extendAfter,
      StoreOutage outage,
      LeaseLoss losses,
      Events events,
      Executor errands,
      Inbox answers,
      Runnable onInTime) {
    this.jobs = jobs;
    this.calls = calls;
    this.held = held;
    this.outage = outage;
    this.losses = losses;
    this.events = events;
    this.errands = errands;
    this.answers = answers;
    this.onInTime = onInTime;
    this.leaseDuration = held.leaseDuration();
    long lease = leaseDuration.toNanos();
    this.third = lease / 3;
    this.pauseOfClaims = Math.min(lease, LONGEST_PAUSE_OF_CLAIMS);
    this.due = (long) (lease * extendAfter);
    this.interval = Math.min(due / 2, lease / LOOKS);
  }

  long round() {
    answers.empty();
    calls.giveUp(StoreCalls.Kind.EXTEND, Math.max(third, LEAST_PATIENCE));
    Map<String, List<HeldJob>> byQueue = dueByQueue();
    List<Map.Entry<String, List<HeldJob>>> inTurn = new ArrayList<>(byQueue.entrySet());
    inTurn.sort(Comparator.comparing(entry -> failing.containsKey(entry.getKey())));
    for (Map.Entry<String, List<HeldJob>> entry : inTurn) {
      String queue = entry.getKey();
      List<HeldJob> ofQueue = entry.getValue();
      for (int from = 0; from < ofQueue.size(); from += Limits.MAX_BATCH) {
        int to = Math.min(from + Limits.MAX_BATCH, ofQueue.size());
        if (!mayExtend(queue)) {
          break;
        }
        // Filtered again, since the batches before may have taken long.
        extend(queue, ofQueue.subList(from, to).stream().filter(HeldJob::isKept).toList());
      }
    }
    forgetOutages(byQueue.keySet());
    noteLate();
    return nanosToWait();
  }

  /**
   * Whether leases of the queue are not extended in time: no more of its jobs are claimed [W24].
   */
  boolean isLate(String queue) {
    return late.contains(queue);
  }

  private void noteLate() {
    // The leases may be lost already, and whoever claims anew may lose them too.
    failedAt.values().removeIf(at -> System.nanoTime() - at > pauseOfClaims);
    Set<String> now = new HashSet<>(failedAt.keySet());
    for (HeldJob job : held) {
      if (hasPassed(job, due + third) && !job.isBusy()) {
        now.add(job.lease().queue());
      }
    }
    boolean someAreInTime = !now.containsAll(late);
    late = now;
    if (someAreInTime) {
      onInTime.run();
    }
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

  private boolean mayExtend(String queue) {
    Backoff backoff = failing.get(queue);
    return (backoff == null || backoff.nanosLeft(Long.MAX_VALUE) == 0)
        && !calls.isUnderWay(StoreCalls.Kind.EXTEND, queue);
  }

  private void extend(String queue, List<HeldJob> batch) {
    if (batch.isEmpty()) {
      return;
    }
    Deadline deadline = held.deadline();
    List<JobLease> leases = batch.stream().map(HeldJob::lease).toList();
    calls.make(
        new StoreCalls.Call<>(
            StoreCalls.Kind.EXTEND,
            queue,
            () -> jobs.extend(leases, leaseDuration),
            extensions -> answered(queue, batch, extensions, deadline),
            e -> {
              // The round after the pause tries again, while the leases last.
              failedAt.put(queue, System.nanoTime());
              failing
                  .computeIfAbsent(queue, it -> new Backoff(Duration.ofNanos(interval)))
                  .failed();
              outage.failed(queue, OPERATION, e);
            }),
        answers);
  }

  private void answered(
      String queue, List<HeldJob> batch, List<Extension> extensions, Deadline deadline) {
    tellLag(queue, batch, extensions);
    List<HeldJob> lost = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      HeldJob job = batch.get(i);
      if (extensions.get(i) instanceof Extension.Held extended) {
        extended(job, extended, deadline);
      } else if (extensions.get(i) instanceof Extension.Lost) {
        lost.add(job);
      } else {
        job.busy(interval);
      }
    }
    failedAt.remove(queue);
    if (failing.remove(queue) != null) {
      outage.succeeded(queue, OPERATION);
    }
    if (!lost.isEmpty()) {
      // Elsewhere, since each of these costs a call.
      errands.execute(
          () ->
              lost.stream()
                  .filter(this::isOurs)
                  .forEach(job -> losses.refused(job, "to extend it")));
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
   * But a settlement that is still to come tells.
   */
  private void forgetOutages(Set<String> inNeed) {
    if (failing.isEmpty()) {
      return;
    }
    Set<String> settling =
        held.stream()
            .filter(HeldJob::hasRun)
            .map(job -> job.lease().queue())
            .collect(Collectors.toSet());
    for (Iterator<String> each = failing.keySet().iterator(); each.hasNext(); ) {
      String queue = each.next();
      if (!inNeed.contains(queue)
          && !settling.contains(queue)
          && !calls.isUnderWay(StoreCalls.Kind.EXTEND, queue)) {
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
