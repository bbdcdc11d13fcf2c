package dev.lease.examples.leasecli;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobState;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Requeues jobs. */
@Command(
    name = "retry",
    description = {
      "Gives failed or cancelled jobs a fresh set of attempts, due now.",
      "By options it retries FAILED jobs, unless --state says otherwise."
    })
final class RetryCommand extends ManyJobsCommand {

  RetryCommand() {
    super("retried", EnumSet.of(JobState.FAILED, JobState.CANCELLED), EnumSet.of(JobState.FAILED));
  }

  @Override
  NamedJobs.Answer change(JobAdmin admin, Job job) {
    return switch (admin.requeue(job.queue(), job.id())) {
      case REQUEUED -> new NamedJobs.Answer(true, "waits again, due now");
      case CONFLICT ->
          new NamedJobs.Answer(false, "stays: another job has its dedup key " + job.dedupKey());
      case NOT_FAILED ->
          new NamedJobs.Answer(
              false, "is " + job.state() + ": only FAILED and CANCELLED jobs can be retried");
      case NOT_FOUND -> new NamedJobs.Answer(false, NamedJobs.missing(job.queue()));
    };
  }

  @Override
  JobPiece change(JobAdmin admin, JobFilter filter, @Nullable String after, int limit) {
    return admin.requeue(filter, after, limit);
  }
}
