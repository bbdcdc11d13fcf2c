package dev.lease.worker;

import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a handler that its lease is lost, and the log, once. */
final class LeaseLoss {

  private static final Logger log = LoggerFactory.getLogger(LeaseLoss.class);

  private final JobQueue jobs;

  LeaseLoss(JobQueue jobs) {
    this.jobs = jobs;
  }

  static void expired(HeldJob job) {
    tell(job, HeldJob.StopReason.EXPIRED, "it could not be extended in time");
  }

  /**
   * The store no longer takes the token: another has the job, or its own handler has settled it.
   */
  void refused(HeldJob job, String how) {
    if (isSettled(job)) {
      job.settled();
    } else {
      tell(job, HeldJob.StopReason.LOST, "the store says so: " + how);
    }
  }

  /**
   * Whether the handler has settled the job in a transaction of its own [Q31]: as long as the lease
   * is not over, nothing else ends a hold without a new token.
   */
  private boolean isSettled(HeldJob job) {
    JobLease lease = job.lease();
    try {
      return !job.isLost()
          && jobs.find(lease.queue(), lease.jobId())
              .filter(found -> found.token() == lease.token())
              .map(Job::state)
              .filter(state -> state != JobState.PROCESSING)
              .isPresent();
    } catch (RuntimeException e) {
      log.debug("could not look what became of {}", job, e);
      return false;
    }
  }

  private static void tell(HeldJob job, HeldJob.StopReason reason, String how) {
    // A hold whose handler has ended may well be gone by the time its extension is answered: its
    // settlement says what became of it [A08, A19].
    if (job.tellToStop(reason)) {
      log.warn("{} lost its lease: {}; its handler is interrupted", job, how);
    }
  }
}
