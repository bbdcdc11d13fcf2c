package dev.lease.worker;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Claims jobs of one queue and takes them in. */
final class Claims {

  private static final Logger log = LoggerFactory.getLogger(Claims.class);
  static final String OPERATION = "claim jobs";

  private final JobQueue jobs;
  private final StoreCalls calls;
  private final Executor lane;
  private final WorkerConfig config;
  private final HandlerRegistry handlers;
  private final Slots slots;
  private final HeldJobs held;
  private final PendingSettlements pending;
  private final StoreOutage outage;
  private final UnknownTypes unknownTypes;
  private volatile @Nullable Long answeredAt;
  private final UnreadablePayloads unreadable;

  /**
   * @param lane handles the answers of calls that last
   */
  Claims(
      JobQueue jobs,
      StoreCalls calls,
      Executor lane,
      WorkerConfig config,
      HandlerRegistry handlers,
      Slots slots,
      HeldJobs held,
      PendingSettlements pending,
      StoreOutage outage,
      UnreadablePayloads unreadable) {
    this.jobs = jobs;
    this.calls = calls;
    this.lane = lane;
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
   * Claims jobs of a queue, and settles the batch in the same call to the store. Call this only if
   * there is room for such a call.
   */
  void ask(PolledQueue queue, int limit, List<PendingSettlement> batch) {
    queue.asked(limit);
    ClaimRequest request =
        ClaimRequest.of(queue.name(), config.name(), limit, config.leaseDuration())
            .withMaxBytes(slots.bytesToClaim());
    Deadline deadline = held.deadline();
    long began = System.nanoTime();
    var asked = new AtomicInteger(limit);
    Consumer<Throwable> failed =
        e -> {
          queue.returned(asked.getAndSet(0));
          failed(queue, batch, e);
        };
    boolean isMade =
        calls.make(
            new StoreCalls.Call<>(
                batch.isEmpty() ? StoreCalls.Kind.CLAIM : StoreCalls.Kind.SETTLE,
                queue.name(),
                () -> new Answer(call(request, batch), System.nanoTime() - began),
                answer -> {
                  queue.returned(asked.getAndSet(0));
                  try {
                    answered(queue, batch, answer);
                  } finally {
                    take(queue, answer.answer().claim(), limit, deadline);
                  }
                },
                failed),
            lane);
    if (!isMade) {
      failed.accept(PendingSettlements.noRoom());
    }
  }

  /** An answer, and how long the store has taken for it. */
  private record Answer(SettledAndClaimed answer, long took) {}

  private SettledAndClaimed call(ClaimRequest request, List<PendingSettlement> batch) {
    return batch.isEmpty()
        ? SettledAndClaimed.of(List.of(), jobs.claim(request))
        : jobs.settleAndClaim(PendingSettlement.settlements(batch), request);
  }

  private void answered(PolledQueue queue, List<PendingSettlement> batch, Answer answer) {
    answeredAt = System.nanoTime();
    slots.tripTook(answer.took());
    if (queue.isFailing()) {
      outage.succeeded(queue.name(), OPERATION);
    }
    // First, so that listeners hear of the end of an attempt before they hear of the next.
    pending.answered(batch, answer.answer().settled());
  }

  private void failed(PolledQueue queue, List<PendingSettlement> batch, Throwable failure) {
    pending.failed(batch, failure);
    if (outage.stopIfClosed(failure)) {
      queue.failed();
      return;
    }
    queue.expect();
    if (batch.isEmpty()) {
      queue.failed();
      noteOutage(queue, failure);
    } else if (!SettlementRepair.isRefusal(failure)) {
      // A settlement may be to blame. If so, the next claim finds that the queue is well.
      queue.setApart();
    }
  }

  /** Nothing would end the outage of a queue that was removed, since no claim comes any more. */
  private void noteOutage(PolledQueue queue, Throwable failure) {
    if (!queue.isRemoved()) {
      outage.failed(queue.name(), OPERATION, failure);
      if (queue.isRemoved()) {
        removed(queue.name());
      }
    }
  }

  /** Call this when a queue was removed: that its claims fail is no outage any more. */
  void removed(String queue) {
    outage.succeeded(queue, OPERATION);
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
        inVain += unreadable.areMany(job) ? 1 : 0;
      } else {
        unknown = unknown.isEmpty() ? new ArrayList<>() : unknown;
        unknown.add(job);
        inVain++;
      }
    }
    boolean nothing = claimed.isEmpty() && claim.finished().isEmpty();
    boolean goesOn = queue.goesOn(claim.partial());
    if (claimed.size() >= limit || (claim.more() && !nothing) || goesOn) {
      queue.expect();
    }
    queue.answered(claimed.size(), claimed.size() - inVain);
    if (claim.finished().stream().anyMatch(job -> job.state() == JobState.FAILED)) {
      slots.sawCrash();
    }
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
    held.spent(claim.finished());
  }

  /** How long ago the store last answered a claim; null if it has not yet. */
  @Nullable Duration sinceLastAnswer() {
    Long at = answeredAt;
    return at == null ? null : Duration.ofNanos(System.nanoTime() - at);
  }

  /** Releases the jobs that have waited here too long [W06, W36]. */
  void releaseStranded() {
    slots.stranded().forEach(job -> release(job, Duration.ZERO));
  }

  /** Releases a job that was not started; the attempt does not count. */
  void release(HeldJob job, Duration delay) {
    pending.add(new PendingSettlement(job, Settlement.released(job.lease(), delay)));
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
}
