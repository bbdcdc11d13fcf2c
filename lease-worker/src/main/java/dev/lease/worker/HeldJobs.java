package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.JobState;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs that a worker holds, each from its claim until its settlement is answered or it is given
 * up, and the count of what became of those before. Whatever is in here has its lease extended; no
 * other class decides when that ends. Safe for use by many threads.
 */
final class HeldJobs implements Iterable<HeldJob> {

  private static final Logger log = LoggerFactory.getLogger(HeldJobs.class);

  private final LocalClock clock;
  private final Duration leaseDuration;
  private final Set<HeldJob> jobs = ConcurrentHashMap.newKeySet();
  private final LongAdder settled = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder exhausted = new LongAdder();

  HeldJobs(LocalClock clock, Duration leaseDuration) {
    this.clock = clock;
    this.leaseDuration = leaseDuration;
  }

  /** The end of leases that are asked for now; to be called before the request is sent. */
  Deadline deadline() {
    return clock.in(leaseDuration);
  }

  Duration leaseDuration() {
    return leaseDuration;
  }

  HeldJob add(ClaimedJob job, Deadline deadline) {
    var held = new HeldJob(job, deadline);
    jobs.add(held);
    return held;
  }

  boolean contains(HeldJob job) {
    return jobs.contains(job);
  }

  Stream<HeldJob> stream() {
    return jobs.stream();
  }

  @Override
  public Iterator<HeldJob> iterator() {
    return jobs.iterator();
  }

  /** An attempt failed; its job is held until that is settled. */
  void attemptFailed() {
    failed.increment();
  }

  /** The store has ended the lease, and there is nothing left to settle. */
  void lost(HeldJob job) {
    jobs.remove(job);
    lost.increment();
  }

  /** Extends it no longer: its lease runs out, and its attempt counts. */
  void leave(HeldJob job) {
    jobs.remove(job);
  }

  /** The store has answered a settlement, or its record of the job has. */
  void end(PendingSettlement settlement, PendingSettlement.Verdict verdict) {
    HeldJob job = settlement.job();
    jobs.remove(job);
    switch (verdict) {
      case SETTLED -> {
        log.debug("{} is settled: {}", job, settlement.kind());
        if (settlement.isDone()) {
          settled.increment();
        } else if (settlement.isFinalFailure()) {
          log.error("{} is FAILED now: it is not tried again until it is requeued", job);
        }
      }
      case LOST -> {
        log.warn("{} was lost before it could be settled as {}", job, settlement.kind());
        lost.increment();
      }
      case UNKNOWN ->
          log.warn(
              "{} may or may not have been settled as {}; no record tells", job, settlement.kind());
    }
  }

  /** Jobs of dead workers that a claim or a reset has ended: nobody else would tell of them. */
  void exhausted(List<FinishedJob> ended) {
    for (FinishedJob job : ended) {
      if (job.state() == JobState.FAILED) {
        log.error(
            "{} {} of queue {} is FAILED now: the lease of its last attempt ({}) ran out; it is not"
                + " tried again until it is requeued",
            job.type(),
            job.id(),
            job.queue(),
            job.attempts());
        exhausted.increment();
      } else {
        log.info(
            "{} {} of queue {} is {} now: its lease ran out",
            job.type(),
            job.id(),
            job.queue(),
            job.state());
      }
    }
  }

  WorkerStatus.Counts counts() {
    return new WorkerStatus.Counts(settled.sum(), failed.sum(), lost.sum(), exhausted.sum());
  }
}
