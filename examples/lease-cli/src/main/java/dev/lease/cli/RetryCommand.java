package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobState;
import dev.lease.Requeueing;
import java.time.Duration;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Requeues jobs. */
@Command(
    name = "retry",
    description = {
      "Makes failed or cancelled jobs wait again, as if they had made no attempt yet.",
      "They are due now, or spread over a time.",
      "By options it retries FAILED jobs, unless --state says otherwise."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class RetryCommand extends FamilyCommand {

  private static final EnumSet<JobState> WAITING = EnumSet.of(JobState.PENDING, JobState.RETRY);

  @Option(
      names = "--spread-over",
      paramLabel = "TIME",
      defaultValue = "0s",
      description = "spread the jobs over this time, so that they do not all run at once: 10m, 2h")
  private Duration span;

  RetryCommand() {
    super("retried", EnumSet.of(JobState.FAILED, JobState.CANCELLED), EnumSet.of(JobState.FAILED));
  }

  /** From the beginning, so that what comes after waits again and does not run at once. */
  @Override
  NamedJobs.Answer change(JobAdmin admin, Job job, Subtree behind, LongWork work) {
    NamedJobs.Answer answer = change(admin, job);
    // It waits already if an earlier command was interrupted.
    if (!answer.done() && !WAITING.contains(job.state())) {
      return answer;
    }
    return with(
        answer,
        "wait",
        behind.count(each -> each.waitsForParts() || change(admin, each).done(), work));
  }

  @Override
  NamedJobs.Answer change(JobAdmin admin, Job job) {
    return switch (admin.requeue(job.queue(), job.id(), how())) {
      case REQUEUED -> new NamedJobs.Answer(true, "waits again, " + how());
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
    return admin.requeue(filter, how(), after, limit);
  }

  private Requeueing how() {
    return Requeueing.spreadOver(span);
  }
}
