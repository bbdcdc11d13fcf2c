package dev.lease.worker;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Claims jobs of one queue and takes them in, for both lanes that claim. */
final class Claims {

  private static final Logger log = LoggerFactory.getLogger(Claims.class);
  static final String OPERATION = "claim jobs";

  private final JobQueue jobs;
  private final WorkerConfig config;
  private final HandlerRegistry handlers;
  private final Slots slots;
  private final HeldJobs held;
  private final PendingSettlements pending;
  private final StoreOutage outage;
  private final UnknownTypes unknownTypes;
  private final Map<String, Long> underWay = new ConcurrentHashMap<>();
  private volatile @Nullable Long answeredAt;
  private final UnreadablePayloads unreadable;

  Claims(
      JobQueue jobs,
      WorkerConfig config,
      HandlerRegistry handlers,
      Slots slots,
      HeldJobs held,
      PendingSettlements pending,
      StoreOutage outage,
      UnreadablePayloads unreadable) {
    this.jobs = jobs;
    this.config = config;
    this.handlers = handlers;
    this.slots = slots;
    this.held = held;
    this.pending = pending;
    this.outage = outage;
    this.unreadable = unreadable;
    this.unknownTypes = new UnknownTypes(config.unknownTypeDelay());
  }

  /**
   * Claims jobs of a queue and settles the batch in the same call to the store. If that fails, the
   * queue is isolated: from then on {@link IsolatedQueues} claims from it.
   *
   * @return how long the call took, in nanoseconds
   */
  long ask(PolledQueue queue, int limit, List<PendingSettlement> batch) {
    Deadline deadline = held.deadline();
    long began = System.nanoTime();
    queue.asked();
    underWay.put(queue.name(), began);
    SettledAndClaimed answer;
    try {
      answer = call(queue.name(), limit, batch);
    } catch (Throwable e) {
      failed(queue, batch, e);
      return System.nanoTime() - began;
    } finally {
      underWay.remove(queue.name());
    }
    long now = System.nanoTime();
    long took = now - began;
    answeredAt = now;
    if (queue.isFailing()) {
      outage.succeeded(queue.name(), OPERATION);
    }
    try {
      // First, so that listeners hear of the end of an attempt before they hear of the next.
      answered(batch, answer.settled());
    } finally {
      take(queue, answer.claim(), limit, deadline);
    }
    return took;
  }

  private SettledAndClaimed call(String queue, int limit, List<PendingSettlement> batch) {
    ClaimRequest request =
        ClaimRequest.of(queue, config.name(), limit, config.leaseDuration())
            .withMaxBytes(slots.bytesToClaim());
    return batch.isEmpty()
        ? SettledAndClaimed.of(List.of(), jobs.claim(request))
        : jobs.settleAndClaim(PendingSettlement.settlements(batch), request);
  }

  private void failed(PolledQueue queue, List<PendingSettlement> batch, Throwable failure) {
    if (outage.stopIfClosed(failure)) {
      queue.failed();
      pending.failed(batch, failure);
      return;
    }
    queue.expect();
    if (batch.isEmpty()) {
      queue.failed();
      outage.failed(queue.name(), OPERATION, failure);
    } else {
      pending.failed(batch, failure);
    }
    if (batch.isEmpty() || !SettlementRepair.isRefusal(failure)) {
      // A settlement may be to blame. If so, the other lane soon finds that the queue is well.
      queue.setIsolated(true);
    }
  }

  private void take(PolledQueue queue, Claim claim, int limit, Deadline deadline) {
    List<ClaimedJob> claimed = claim.jobs();
    List<HeldJob> known = new ArrayList<>(claimed.size());
    List<HeldJob> unknown = List.of();
    List<HeldJob> done = List.of();
    int inVain = 0;
    for (ClaimedJob claimedJob : claimed) {
      HeldJob job = held.add(claimedJob, deadline);
      var handler = handlers.find(claimedJob);
      if (pending.settleAgain(job)) {
        done = done.isEmpty() ? new ArrayList<>() : done;
        done.add(job);
      } else if (handler != null) {
        known.add(job);
        inVain += unreadable.areMany(handler.type()) ? 1 : 0;
      } else {
        unknown = unknown.isEmpty() ? new ArrayList<>() : unknown;
        unknown.add(job);
        inVain++;
      }
    }
    boolean nothing = claimed.isEmpty() && claim.finished().isEmpty();
    if (claimed.size() >= limit || (claim.more() && !nothing)) {
      queue.expect();
    }
    queue.answered(claimed.size(), claimed.size() - inVain);
    slots.accept(queue, known).forEach(job -> release(job, Duration.ZERO));
    if (!unknown.isEmpty()) {
      putOff(unknown);
    }
    // Logged last, since a logger may throw.
    for (HeldJob job : done) {
      log.info(
          "Job {} came back after its handler had returned, since its lease expired before it could"
              + " be settled; it is settled now and not run again",
          job);
    }
    held.exhausted(claim.finished());
  }

  /** How long the longest claim that has not returned is under way; zero if there is none. */
  Duration longestUnderWay() {
    long now = System.nanoTime();
    return Duration.ofNanos(
        underWay.values().stream().mapToLong(began -> now - began).max().orElse(0));
  }

  /** How long ago the store last answered a claim; null if it has not yet. */
  @Nullable Duration sinceLastAnswer() {
    Long at = answeredAt;
    return at == null ? null : Duration.ofNanos(System.nanoTime() - at);
  }

  /** Releases a job that was not started; the attempt does not count. */
  void release(HeldJob job, Duration delay) {
    pending.add(new PendingSettlement(job, new Settlement.Released(job.lease(), delay)));
  }

  private void putOff(List<HeldJob> unknown) {
    Map<String, Duration> delays = new HashMap<>();
    List<HeldJob> first = new ArrayList<>();
    for (HeldJob job : unknown) {
      String type = job.claimed().type();
      Duration delay = delays.get(type);
      if (delay == null) {
        UnknownTypes.PutOff putOff = unknownTypes.met(job.claimed());
        delay = putOff.delay();
        delays.put(type, delay);
        if (putOff.isFirst()) {
          first.add(job);
        }
      }
      release(job, delay);
    }
    // Logged last, since a logger may throw.
    for (HeldJob job : first) {
      log.warn(
          "Job {} is released: this worker has no handler for its type, and releases all such jobs"
              + " (logged once per type)",
          job);
    }
  }

  private void answered(List<PendingSettlement> batch, List<Settlement.Result> results) {
    try {
      pending.answered(batch, results);
    } catch (Throwable e) {
      pending.failed(batch, e);
    }
  }
}
