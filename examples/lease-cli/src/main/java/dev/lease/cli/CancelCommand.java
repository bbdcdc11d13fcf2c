package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobState;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Cancels jobs. */
@Command(
    name = "cancel",
    description = "Cancels jobs: those that wait at once, those that run when their worker learns.")
final class CancelCommand extends FamilyCommand {

  private static final EnumSet<JobState> UNFINISHED =
      EnumSet.of(JobState.PENDING, JobState.RETRY, JobState.PROCESSING);

  CancelCommand() {
    super("cancelled", UNFINISHED, UNFINISHED);
  }

  /** From the end, so that nothing of it is let go meanwhile. */
  @Override
  NamedJobs.Answer change(JobAdmin admin, Job job, Subtree behind, LongWork work) {
    long cancelled = behind.countFromTheEnd(each -> change(admin, each).done(), work);
    NamedJobs.Answer answer =
        work.cutShort()
            ? new NamedJobs.Answer(false, "is left, since the command was interrupted")
            : change(admin, job);
    return with(answer, "were cancelled", cancelled);
  }

  @Override
  NamedJobs.Answer change(JobAdmin admin, Job job) {
    return switch (admin.cancel(job.queue(), job.id())) {
      case CANCELLED -> new NamedJobs.Answer(true, "is cancelled");
      case REQUESTED ->
          new NamedJobs.Answer(
              true,
              JobText.isExpired(job)
                  ? "had a worker whose lease has expired; the next claim or reset that meets it cancels it"
                  : "is running; its worker learns of it with the next extension of its lease");
      case FINISHED -> new NamedJobs.Answer(false, "has already finished");
      case NOT_FOUND -> new NamedJobs.Answer(false, NamedJobs.missing(job.queue()));
    };
  }

  @Override
  JobPiece change(JobAdmin admin, JobFilter filter, @Nullable String after, int limit) {
    return admin.cancel(filter, after, limit);
  }
}
