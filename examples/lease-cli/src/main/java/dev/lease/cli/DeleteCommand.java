package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobState;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Deletes jobs. */
@Command(
    name = "delete",
    description = {
      "Deletes jobs, with their steps. With conditions, those that a worker holds stay, unless",
      "--state names PROCESSING. A worker loses a job that is deleted while it holds it.",
      "Their ids can then be enqueued anew."
    })
final class DeleteCommand extends ManyJobsCommand {

  DeleteCommand() {
    super(
        "deleted",
        EnumSet.allOf(JobState.class),
        EnumSet.complementOf(EnumSet.of(JobState.PROCESSING)));
  }

  @Override
  NamedJobs.Answer change(JobAdmin admin, Job job) {
    return admin.delete(job.queue(), job.id())
        ? new NamedJobs.Answer(true, "is deleted")
        : new NamedJobs.Answer(false, NamedJobs.missing(job.queue()));
  }

  @Override
  JobPiece change(JobAdmin admin, JobFilter filter, @Nullable String after, int limit) {
    return admin.delete(filter, after, limit);
  }
}
