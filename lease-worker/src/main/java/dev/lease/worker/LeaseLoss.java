package dev.lease.worker;

import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a handler that the lease of its job is lost, and logs it, once. */
final class LeaseLoss {

  private static final Logger log = LoggerFactory.getLogger(LeaseLoss.class);

  private final JobQueue jobs;
  private final StoreCalls calls;

  LeaseLoss(JobQueue jobs, StoreCalls calls) {
    this.jobs = jobs;
    this.calls = calls;
  }

  static void expired(HeldJob job) {
    tell(job, HeldJob.StopReason.EXPIRED, "it could not be extended in time");
  }

  /**
   * Call this if the store refused the token of a job: another worker has the job, or the handler
   * has settled it itself. Asks the store which it is, and waits for the answer only a little: a
   * job of which the store says nothing counts as lost.
   *
   * @param what what the store refused, such as "to extend it"
   */
  void refused(HeldJob job, String what) {
    if (!job.isLost()) {
      JobLease lease = job.lease();
      calls.makeIfRoom(
          new StoreCalls.Call<>(
              StoreCalls.Kind.FIND,
              lease.queue(),
              () -> jobs.find(lease.queue(), lease.jobId()),
              found ->
                  found.filter(record -> isSettled(record, lease)).ifPresent(it -> job.settled()),
              e -> log.debug("The record of job {} could not be read; it counts as lost", job, e)));
    }
    if (!job.isSettled()) {
      tell(job, HeldJob.StopReason.LOST, "the store refused " + what);
    }
  }

  /**
   * Whether the handler has settled the job in a transaction of its own [Q31]. While the lease
   * lasts, nothing else settles a job and leaves its token.
   */
  private static boolean isSettled(Job record, JobLease lease) {
    return record.token() == lease.token() && record.state() != JobState.PROCESSING;
  }

  private static void tell(HeldJob job, HeldJob.StopReason reason, String how) {
    // Nothing to tell if the handler has returned or thrown: an answer to an extension may well
    // come after the settlement, and the settlement's own answer says what became of the job.
    if (job.tellToStop(reason)) {
      log.warn("Job {} lost its lease: {}; its handler is interrupted", job, Limits.oneLine(how));
    }
  }
}
