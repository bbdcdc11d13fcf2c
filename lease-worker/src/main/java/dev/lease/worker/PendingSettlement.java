package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Settlement;
import dev.lease.worker.JobEvent.End;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settlement of a held job, on its way to the store. For one thread at a time: the lane that
 * has it.
 */
final class PendingSettlement {

  /** What became of the settlement. */
  enum Verdict {
    SETTLED,
    LOST,
    UNKNOWN
  }

  private final HeldJob job;
  private final Settlement settlement;
  private final long since = System.nanoTime();
  private boolean maybeSettled;
  private boolean saidLost;

  /** What the record of the job says, if it had to be asked. */
  private @Nullable JobState found;

  PendingSettlement(HeldJob job, Settlement settlement) {
    this.job = job;
    this.settlement = settlement;
  }

  HeldJob job() {
    return job;
  }

  String queue() {
    return settlement.lease().queue();
  }

  static List<Settlement> settlements(List<PendingSettlement> batch) {
    return batch.stream().map(PendingSettlement::settlement).toList();
  }

  Settlement settlement() {
    return settlement;
  }

  long nanosWaiting() {
    return System.nanoTime() - since;
  }

  /** Notes that a call had an unknown outcome: this settlement may have been accepted. */
  void setMaybeSettled() {
    maybeSettled = true;
  }

  /** Notes that the store answered "lost". Its record of the job tells what that means. */
  void setSaidLost() {
    saidLost = true;
  }

  boolean isSaidLost() {
    return saidLost;
  }

  boolean isDone() {
    return settlement instanceof Settlement.Done;
  }

  /**
   * What the job is after this: as the store has said, or else as far as the worker knows; a
   * request to cancel may not have come here.
   */
  JobState state() {
    if (found != null) {
      return found;
    }
    if (isDone()) {
      return JobState.DONE;
    }
    if (settlement instanceof Settlement.Failed) {
      return JobState.FAILED;
    }
    if (settlement instanceof Settlement.Cancelled || job.isCancelled()) {
      return JobState.CANCELLED;
    }
    if (settlement instanceof Settlement.Retry) {
      return job.isLastFailure() ? JobState.FAILED : JobState.RETRY;
    }
    return JobState.PENDING;
  }

  /** Whether this has made the job FAILED. */
  boolean isFinalFailure() {
    return state() == JobState.FAILED;
  }

  /**
   * Whether a claimed job is the one that this settlement makes DONE. It then came back because it
   * could not be settled in time. A DONE job is never claimed again, so the store has not accepted
   * this settlement.
   */
  boolean isDoneButCameBack(ClaimedJob claimed) {
    JobLease lease = settlement.lease();
    return isDone()
        && lease.jobId().equals(claimed.lease().jobId())
        && lease.queue().equals(claimed.lease().queue())
        && claimed.attempt() > job.claimed().attempt();
  }

  /**
   * Whether this settlement makes the job DONE, and this worker has claimed the job again
   * meanwhile, since its lease had expired. The answer to that claim is still under way.
   */
  boolean isOnItsWayBack(Optional<Job> record) {
    JobLease now = record.map(Job::lease).orElse(null);
    return isDone()
        && now != null
        && now.owner().equals(settlement.lease().owner())
        && now.token() > settlement.lease().token();
  }

  /** The same settlement under a later lease of the job. */
  PendingSettlement under(HeldJob later) {
    return new PendingSettlement(
        later, Settlement.done(later.lease(), ((Settlement.Done) settlement).result()));
  }

  /** Whether this has finished the job. */
  boolean finishesJob() {
    return state().isFinished();
  }

  /** How the attempt has ended if the store has accepted this. */
  End end() {
    return switch (state()) {
      case DONE -> End.SUCCEEDED;
      case FAILED -> End.FAILED;
      case CANCELLED -> settlement instanceof Settlement.Cancelled ? End.DISCARDED : End.CANCELLED;
      default ->
          settlement instanceof Settlement.Retry
              ? End.RETRIED
              : job.isSnoozed() ? End.SNOOZED : End.RELEASED;
    };
  }

  /** How long the job then waits. */
  Duration delay() {
    if (settlement instanceof Settlement.Retry retry) {
      return retry.delay();
    }
    return settlement instanceof Settlement.Released released ? released.delay() : Duration.ZERO;
  }

  /** For log messages. */
  String kind() {
    return settlement.getClass().getSimpleName();
  }

  /** What became of a settlement to which the store answered "lost", by the job's record [W03]. */
  Verdict verdict(Optional<Job> record) {
    if (record.isPresent() && explains(record.get())) {
      found = record.get().state();
      return Verdict.SETTLED;
    }
    // A DONE job stays DONE. Of any other settlement nothing is left once the job is claimed again.
    boolean traceless = record.isEmpty() || !isDone();
    return maybeSettled && traceless ? Verdict.UNKNOWN : Verdict.LOST;
  }

  /**
   * Whether the job is as this settlement leaves it. A settled job keeps its token, so the token
   * tells this settlement from that of a later claim.
   */
  private boolean explains(Job record) {
    return record.token() == settlement.lease().token()
        && (record.state() == JobState.DONE || outcomes().contains(record.state()));
  }

  /** The states that this settlement may lead to, beside DONE, which the handler may have set. */
  private Set<JobState> outcomes() {
    if (settlement instanceof Settlement.Done) {
      return Set.of();
    }
    if (settlement instanceof Settlement.Failed) {
      return Set.of(JobState.FAILED);
    }
    if (settlement instanceof Settlement.Cancelled) {
      return Set.of(JobState.CANCELLED);
    }
    if (settlement instanceof Settlement.Retry) {
      return Set.of(JobState.RETRY, JobState.FAILED, JobState.CANCELLED);
    }
    return Set.of(JobState.PENDING, JobState.RETRY, JobState.CANCELLED);
  }
}
