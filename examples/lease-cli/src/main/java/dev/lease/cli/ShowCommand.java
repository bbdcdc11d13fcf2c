package dev.lease.cli;

import dev.lease.ActionQuery;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.OperatorAction;
import dev.lease.StepValue;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows all that is known of a job. */
@Command(
    name = "show",
    description =
        "Shows all that is known of a job, with its steps, its failed attempts and what operators"
            + " did.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class ShowCommand extends StoreCommand {

  private static final int MOST_ACTIONS = 50;

  @Parameters(paramLabel = "JOB", description = "the id of the job")
  private String id;

  @Mixin private QueueOption queue;

  @Override
  boolean run(OpenStore store, Output out) {
    List<Job> jobs = store.named(id, queue.queue());
    for (Job job : jobs) {
      List<StepValue> steps = store.admin().steps(job.queue(), job.id());
      List<FailedAttempt> failures = store.admin().failedAttempts(job.queue(), job.id());
      List<OperatorAction> actions =
          store
              .admin()
              .actions(ActionQuery.ofJob(job.queue(), job.id()).limit(MOST_ACTIONS))
              .actions();
      if (out.isJson()) {
        out.json(Documents.of(job, steps, failures, actions));
      } else {
        JobText.whole(job, steps, failures, actions).forEach(out::say);
      }
    }
    if (jobs.isEmpty()) {
      out.say(id + " " + NamedJobs.missing(queue.queue()) + ".");
    }
    return !jobs.isEmpty();
  }
}
