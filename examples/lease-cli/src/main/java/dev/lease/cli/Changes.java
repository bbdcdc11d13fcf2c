package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;

/** Changes of a job that waits. */
final class Changes {

  private Changes() {}

  /**
   * Makes a change.
   *
   * @param done what then is so
   */
  static NamedJobs.Answer make(JobAdmin admin, Job job, JobChange change, String done) {
    if (ScheduleJobs.isOne(job)) {
      return new NamedJobs.Answer(
          false,
          "keeps a schedule, and stays as it is: use run-schedule, pause-schedule or"
              + " resume-schedule");
    }
    return switch (admin.change(job.queue(), job.id(), change)) {
      case CHANGED -> new NamedJobs.Answer(true, done);
      case HELD ->
          new NamedJobs.Answer(false, "is held by a worker; only a job that waits can be changed");
      case FINISHED ->
          new NamedJobs.Answer(
              false, "is " + job.state() + "; only a job that waits can be changed (see retry)");
      case NOT_FOUND -> new NamedJobs.Answer(false, NamedJobs.missing(job.queue()));
    };
  }
}
