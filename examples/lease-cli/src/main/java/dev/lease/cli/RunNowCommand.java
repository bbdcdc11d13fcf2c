package dev.lease.cli;

import dev.lease.JobChange;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes jobs that wait due now. */
@Command(name = "run-now", description = "Makes jobs that wait due now.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class RunNowCommand extends ActingCommand {

  @Parameters(paramLabel = "JOB", arity = "1..*", description = "the ids of the jobs")
  private List<String> ids;

  @Mixin private QueueOption queue;

  @Override
  boolean run(OpenStore store, Output out) {
    return NamedJobs.each(
        store,
        ids,
        queue.queue(),
        out,
        job -> Changes.make(store.admin(), job, JobChange.runNow(), "is due now"));
  }
}
