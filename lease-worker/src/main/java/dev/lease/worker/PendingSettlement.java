package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Settlement;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a held job is to end, on its way to the store. For one thread at a time: the lane that has
 * it.
 */
final class PendingSettlement {

  /** How the worker's part in a job ended. */
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

  /** An earlier try had an unknown outcome. */
  void setMaybeSettled() {
    maybeSettled = true;
  }

  /** The store calls it lost; its record of the job tells what that means. */
  void setSaidLost() {
    saidLost = true;
  }

  boolean isSaidLost() {
    return saidLost;
  }

  boolean isDone() {
    return settlement instanceof Settlement.Done;
  }

  /** Whether the job ends FAILED by it, unless somebody asked for its cancellation. */
  boolean isFinalFailure() {
    return settlement instanceof Settlement.Failed
        || (settlement instanceof Settlement.Retry && job.isLastAttempt() && !job.isCancelled());
  }

  /**
   * Whether this job is the one that is done here, and came back since the store could not be told
   * in time. A job that is done is never claimed again, so the settlement has not landed.
   */
  boolean isDoneButCameBack(ClaimedJob claimed) {
    JobLease lease = settlement.lease();
    return isDone()
        && lease.jobId().equals(claimed.lease().jobId())
        && lease.queue().equals(claimed.lease().queue())
        && claimed.attempt() > job.claimed().attempt();
  }

  /**
   * Whether a claim of this worker, whose answer has not come yet, has taken the job that is done
   * here, since its lease had run out.
   */
  boolean isOnItsWayBack(Optional<Job> record) {
    JobLease now = record.map(Job::lease).orElse(null);
    return isDone()
        && now != null
        && now.owner().equals(settlement.lease().owner())
        && now.token() > settlement.lease().token();
  }

  /** The same, under a later lease of the job. */
  PendingSettlement under(HeldJob later) {
    return new PendingSettlement(
        later, new Settlement.Done(later.lease(), ((Settlement.Done) settlement).result()));
  }

  /** For log messages. */
  String kind() {
    return settlement.getClass().getSimpleName();
  }

  /** What became of a settlement that the store called lost, by the record of the job [W03]. */
  Verdict verdict(Optional<Job> record) {
    if (record.isPresent() && explains(record.get())) {
      return Verdict.SETTLED;
    }
    // A job that is done is claimed no more; any other settlement leaves no trace once it is.
    boolean traceless = record.isEmpty() || !isDone();
    return maybeSettled && traceless ? Verdict.UNKNOWN : Verdict.LOST;
  }

  /**
   * Whether the job is as this settlement leaves it. The token stays with the job when a hold ends,
   * so it tells our settlement from that of a later claim.
   */
  private boolean explains(Job record) {
    return record.token() == settlement.lease().token()
        && (record.state() == JobState.DONE || outcomes().contains(record.state()));
  }

  /** Beside DONE, which may be by the handler, in a transaction of its own. */
  private Set<JobState> outcomes() {
    if (settlement instanceof Settlement.Done) {
      return Set.of();
    }
    if (settlement instanceof Settlement.Failed) {
      return Set.of(JobState.FAILED);
    }
    if (settlement instanceof Settlement.Retry) {
      return Set.of(JobState.RETRY, JobState.FAILED, JobState.CANCELLED);
    }
    return Set.of(JobState.PENDING, JobState.RETRY, JobState.CANCELLED);
  }
}
