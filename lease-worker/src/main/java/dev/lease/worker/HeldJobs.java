package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The jobs that a worker holds, and counts of what became of earlier ones. A job is in here from
 * its claim until its settlement is answered, or until the worker gives it up. As long as it is in
 * here its lease is extended, and no other class decides when that ends. Safe for use by many
 * threads.
 */
final class HeldJobs implements Iterable<HeldJob> {

  private static final Logger log = LoggerFactory.getLogger(HeldJobs.class);

  private final LocalClock clock;
  private final Duration leaseDuration;
  private final Events events;
  private final FailureLines lines;
  private final Set<HeldJob> jobs = ConcurrentHashMap.newKeySet();

  /** How many of them each queue has. */
  private final Map<String, Integer> byQueue = new ConcurrentHashMap<>();

  private final LongAdder settled = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder exhausted = new LongAdder();

  HeldJobs(LocalClock clock, Duration leaseDuration, Events events) {
    this.clock = clock;
    this.leaseDuration = leaseDuration;
    this.events = events;
    lines = new FailureLines(clock.nanos());
  }

  /** Which failures have a line of the log. */
  FailureLines lines() {
    return lines;
  }

  /** When leases expire that are asked for now. Call this before the request is sent. */
  Deadline deadline() {
    return clock.in(leaseDuration);
  }

  Duration leaseDuration() {
    return leaseDuration;
  }

  HeldJob add(ClaimedJob job, Deadline deadline) {
    var held = new HeldJob(job, deadline);
    byQueue.merge(job.lease().queue(), 1, Integer::sum);
    jobs.add(held);
    events.claimed(held);
    return held;
  }

  private boolean remove(HeldJob job) {
    boolean wasHeld = jobs.remove(job);
    if (wasHeld) {
      byQueue.computeIfPresent(job.lease().queue(), (queue, n) -> n == 1 ? null : n - 1);
    }
    return wasHeld;
  }

  /** The queues of the jobs that are held. */
  Set<String> queues() {
    return byQueue.keySet();
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

  /** Counts a failed attempt. The job stays held until that is settled. */
  void attemptFailed() {
    failed.increment();
  }

  /** Removes a job that the store said is lost, so that there is nothing to settle. */
  void lost(HeldJob job) {
    remove(job);
    lost.increment();
    events.lost(job);
  }

  /** Removes a job that this worker has claimed again before it could be settled. */
  void cameBack(HeldJob job) {
    remove(job);
    events.lost(job);
  }

  /** Gives a job up: its lease is no longer extended and expires, and the attempt counts. */
  void leave(HeldJob job) {
    remove(job);
  }

  /**
   * Removes a job whose settlement was answered, by the store or by its record of the job. A second
   * answer changes nothing.
   */
  void end(PendingSettlement settlement, PendingSettlement.Verdict verdict) {
    HeldJob job = settlement.job();
    if (!remove(job)) {
      return;
    }
    switch (verdict) {
      case SETTLED -> {
        events.settled(settlement);
        log.debug("Job {} is settled as {}", job, settlement.kind());
        if (settlement.isDone()) {
          settled.increment();
        } else if (settlement.isFinalFailure()) {
          log.atLevel(level(FailureLines.Kind.JOB, job, Level.ERROR))
              .log("Job {} is FAILED now: it does not run again unless it is requeued", job);
        }
      }
      case LOST -> {
        events.lost(job);
        log.warn(
            "Job {} was lost before it could be settled as {}; its work may be done again",
            job,
            settlement.kind());
        lost.increment();
      }
      case UNKNOWN -> {
        events.lost(job);
        log.warn(
            "Job {} may or may not have been settled as {}: an answer of the store was lost, and"
                + " no record tells; its work may be done again",
            job,
            settlement.kind());
      }
    }
  }

  /** The level of the line that tells of a failure of the job. */
  Level level(FailureLines.Kind kind, HeldJob job, Level ofFirst) {
    return lines.level(kind, job.lease().queue(), job.claimed().type(), ofFirst);
  }

  /** Logs and counts jobs that a claim or a reset has finished. Their own workers are gone. */
  void spent(List<FinishedJob> finished) {
    for (FinishedJob job : finished) {
      events.spent(job);
      if (job.state() == JobState.FAILED) {
        log.atLevel(lines.level(FailureLines.Kind.CRASHED, job.queue(), job.type(), Level.ERROR))
            .log(
                "Job {} is FAILED now: {} of its {} attempts crashed, since their leases"
                    + " expired; it does not run again unless it is requeued",
                shown(job),
                job.attempts() - job.failures(),
                job.attempts());
        exhausted.increment();
      } else {
        log.atLevel(lines.level(FailureLines.Kind.ENDED, job.queue(), job.type(), Level.INFO))
            .log(
                "Job {} is {} now and does not run again: {}",
                shown(job),
                job.state(),
                Limits.DEADLINE_PASSED.equals(job.error())
                    ? "its deadline had passed"
                    : "its cancellation was requested, and its lease had expired");
      }
    }
  }

  private static String shown(FinishedJob job) {
    return ErrorText.job(job.type(), job.id(), job.queue());
  }

  WorkerStatus.Counts counts() {
    return new WorkerStatus.Counts(settled.sum(), failed.sum(), lost.sum(), exhausted.sum());
  }
}
