package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.worker.LocalClock.Deadline;
import dev.lease.worker.QueueRotation.PolledQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings settlements to the store and claims back, both in one trip where both are due. While a
 * trip is under way settlements gather and slots become free, so that batches grow with the load
 * and an idle worker settles at once.
 */
final class Dispatcher {

  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
  private static final long PAUSE_WHEN_FINISHING = Duration.ofMillis(200).toNanos();
  private static final int MAX_TYPES_TO_WARN_OF = 1_000;

  private final JobQueue jobs;
  private final WorkerConfig config;
  private final LocalClock clock;
  private final HandlerRegistry registrations;
  private final QueueRotation sources;
  private final Slots slots;
  private final PendingSettlements pending;
  private final Set<HeldJob> held;
  private final Counters counters;
  private final Backoff claims;
  private final Backoff settles;
  private final Set<String> unknownTypes = new HashSet<>();
  // How many of the first settlements are sent alone, since the store refused them together.
  private int suspects;
  private long pollAt = System.nanoTime();
  private volatile boolean finishing;

  Dispatcher(
      JobQueue jobs,
      WorkerConfig config,
      LocalClock clock,
      HandlerRegistry registrations,
      QueueRotation sources,
      Slots slots,
      PendingSettlements pending,
      Set<HeldJob> held,
      Counters counters,
      StoreOutage outage) {
    this.jobs = jobs;
    this.config = config;
    this.clock = clock;
    this.registrations = registrations;
    this.sources = sources;
    this.slots = slots;
    this.pending = pending;
    this.held = held;
    this.counters = counters;
    this.claims = new Backoff("claim jobs", outage, config.maxBackoff());
    this.settles = new Backoff("settle jobs", outage, config.maxBackoff());
  }

  long step() {
    expectWorkWhenDue();
    boolean settling = maySettle() && !pending.isEmpty();
    int room = mayClaim(settling) ? slots.room() : 0;
    PolledQueue source = room > 0 ? sources.next(settling) : null;
    if (source != null) {
      settleAndClaim(settling ? pending.take(Limits.MAX_BATCH) : List.of(), source, room);
    } else if (settling) {
      settle(pending.take(suspects > 0 ? 1 : Limits.MAX_BATCH));
    } else {
      return finishing && pending.isEmpty() ? Loop.END : pause();
    }
    return 0;
  }

  /** Ends when all is settled. The slots are closed by then, so that nothing is claimed. */
  void finish() {
    finishing = true;
  }

  private void expectWorkWhenDue() {
    if (pollAt - System.nanoTime() <= 0) {
      sources.expectAll();
      double jitter = ThreadLocalRandom.current().nextDouble(0.9, 1.1);
      pollAt = System.nanoTime() + (long) (config.pollInterval().toNanos() * jitter);
    }
  }

  private boolean maySettle() {
    return settles.nanosLeft(longestPause()) == 0;
  }

  /**
   * Not while settlements fail, or what is to be settled would grow without end; and not together
   * with settlements while claims fail, or these would fail with them; nor while the store is asked
   * which settlement it refuses.
   */
  private boolean mayClaim(boolean settling) {
    return suspects == 0
        && !settles.isFailing()
        && claims.nanosLeft(longestPause()) == 0
        && !(settling && claims.isFailing());
  }

  private long longestPause() {
    return finishing ? PAUSE_WHEN_FINISHING : Long.MAX_VALUE;
  }

  private long pause() {
    long shut = (settles.isFailing() ? settles : claims).nanosLeft(longestPause());
    return shut > 0 ? shut : Math.max(0, pollAt - System.nanoTime());
  }

  private void settle(List<PendingSettlement> batch) {
    suspects = Math.max(0, suspects - 1);
    try {
      answered(batch, jobs.settle(settlements(batch)));
    } catch (Throwable e) {
      if (batch.size() == 1 && isRefusal(e)) {
        drop(batch.get(0), e);
      } else {
        notSettled(batch, e);
      }
    }
  }

  /** The store answers, but not to this: it would say the same again. */
  private static boolean isRefusal(Throwable failure) {
    return failure instanceof RuntimeException && !(failure instanceof StoreException);
  }

  /** Kept no longer: the lease runs out, and the attempt counts. */
  private void drop(PendingSettlement ending, Throwable refusal) {
    held.remove(ending.hold());
    log.error(
        "{} cannot be settled as {}: the store refuses it; its lease is left to run out",
        ending.hold(),
        ending.kind(),
        refusal);
  }

  private void settleAndClaim(List<PendingSettlement> batch, PolledQueue source, int limit) {
    Deadline deadline = clock.in(config.leaseDuration());
    source.asked();
    SettledAndClaimed answer;
    try {
      answer = callSettleAndClaim(batch, source.queue(), limit);
    } catch (Throwable e) {
      source.expect();
      notSettled(batch, e);
      if (batch.isEmpty() || !isRefusal(e)) {
        claims.failed(e);
      }
      return;
    }
    claims.succeeded();
    if (answer.claimed().size() >= limit) {
      source.expect();
    }
    try {
      take(answer.claimed(), deadline);
    } finally {
      answeredOrSentAgain(batch, answer.settled());
    }
  }

  private void answeredOrSentAgain(List<PendingSettlement> batch, List<Settlement.Result> results) {
    try {
      answered(batch, results);
    } catch (Throwable e) {
      notSettled(batch, e);
    }
  }

  private SettledAndClaimed callSettleAndClaim(
      List<PendingSettlement> batch, String queue, int limit) {
    Duration duration = config.leaseDuration();
    return batch.isEmpty()
        ? new SettledAndClaimed(List.of(), jobs.claim(queue, config.name(), limit, duration))
        : jobs.settleAndClaim(settlements(batch), queue, config.name(), limit, duration);
  }

  private static List<Settlement> settlements(List<PendingSettlement> batch) {
    return batch.stream().map(PendingSettlement::settlement).toList();
  }

  /** Sent again until the store answers: late is better than doing the work again [Q28, W03]. */
  private void notSettled(List<PendingSettlement> batch, Throwable failure) {
    if (batch.isEmpty()) {
      return;
    }
    if (!(failure instanceof StoreException e) || e.isOutcomeUnknown()) {
      batch.forEach(PendingSettlement::setMaybeSettled);
    }
    List<PendingSettlement> open =
        batch.stream().filter(ending -> held.contains(ending.hold())).toList();
    pending.putBack(open);
    if (isRefusal(failure)) {
      suspects = open.size();
    } else {
      settles.failed(failure);
    }
  }

  private void take(List<ClaimedJob> claimed, Deadline deadline) {
    var known = new ArrayList<HeldJob>();
    var unknown = new ArrayList<HeldJob>();
    for (ClaimedJob job : claimed) {
      (registrations.find(job) != null ? known : unknown).add(new HeldJob(job, deadline));
    }
    held.addAll(known);
    slots.accept(known).forEach(hold -> release(hold, Duration.ZERO));
    for (HeldJob hold : unknown) {
      held.add(hold);
      release(hold, config.unknownTypeDelay());
      warnOfUnknownType(hold);
    }
  }

  /** Hands back a job that was not started; its attempt does not count. */
  void release(HeldJob hold, Duration delay) {
    pending.add(new PendingSettlement(hold, new Settlement.Released(hold.lease(), delay)));
  }

  private void warnOfUnknownType(HeldJob hold) {
    String type = hold.job().type();
    if (unknownTypes.size() < MAX_TYPES_TO_WARN_OF && unknownTypes.add(type)) {
      log.warn("{} goes back, as all of its type: this worker has no handler for it", hold);
    }
  }

  private void answered(List<PendingSettlement> batch, List<Settlement.Result> results) {
    if (batch.isEmpty()) {
      return;
    }
    var lost = new ArrayList<PendingSettlement>();
    for (int i = 0; i < batch.size(); i++) {
      PendingSettlement ending = batch.get(i);
      if (results.get(i) == Settlement.Result.ACCEPTED) {
        end(ending, PendingSettlement.Verdict.SETTLED);
      } else {
        lost.add(ending);
      }
    }
    if (lookAt(lost)) {
      settles.succeeded();
    }
  }

  /** Lost may be our own echo, or the handler settled the job itself in its transaction [W03]. */
  private boolean lookAt(List<PendingSettlement> lost) {
    for (int i = 0; i < lost.size(); i++) {
      JobLease lease = lost.get(i).hold().lease();
      Optional<Job> job;
      try {
        job = jobs.find(lease.queue(), lease.jobId());
      } catch (Throwable e) {
        pending.putBack(lost.subList(i, lost.size()));
        settles.failed(e);
        return false;
      }
      end(lost.get(i), lost.get(i).verdict(job));
    }
    return true;
  }

  private void end(PendingSettlement ending, PendingSettlement.Verdict verdict) {
    HeldJob hold = ending.hold();
    held.remove(hold);
    switch (verdict) {
      case SETTLED -> {
        log.debug("{} is settled: {}", hold, ending.kind());
        if (ending.isDone()) {
          counters.settled.increment();
        }
      }
      case LOST -> {
        log.warn("{} was lost before it could be settled as {}", hold, ending.kind());
        counters.lost.increment();
      }
      case UNKNOWN ->
          log.warn(
              "{} may or may not have been settled as {}; no record tells", hold, ending.kind());
    }
  }
}
