package dev.lease.cli;

import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes jobs that finished long ago. */
@Command(
    name = "purge",
    description = "Removes the jobs of a queue that finished long ago, however long they are kept.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class PurgeCommand extends ActingCommand {

  private static final int PIECE = 1_000;

  @Parameters(paramLabel = "QUEUE", description = "the queue")
  private String queue;

  @Option(
      names = "--older-than",
      required = true,
      paramLabel = "TIME",
      description = "how long ago they finished at least: 12h, 30d")
  private Duration olderThan;

  @Mixin private Consent consent;

  @Override
  boolean run(OpenStore store, Output out) {
    LongWork work = longWork(out);
    return consent.act(
        out,
        "removed",
        "changed or deleted meanwhile.",
        new Tally(store, List.of(filter(store))),
        work,
        most -> purge(store.admin(), most, work),
        () -> store.admin().count(filter(store), 1).jobs() > 0);
  }

  private JobFilter filter(OpenStore store) {
    return JobFilter.all().inQueue(queue).finishedBetween(null, store.now().minus(olderThan));
  }

  private void purge(JobAdmin admin, long most, LongWork work) {
    int piece = 1;
    while (work.done() < most && piece > 0 && work.goesOn()) {
      piece = admin.purge(queue, olderThan, (int) Math.min(PIECE, most - work.done()));
      work.add(piece);
    }
  }
}
