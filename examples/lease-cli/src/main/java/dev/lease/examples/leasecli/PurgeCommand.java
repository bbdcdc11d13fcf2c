package dev.lease.examples.leasecli;

import dev.lease.JobFilter;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
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

  @Option(
      names = "--yes",
      description = "remove as many as there are now; without it, they are only counted")
  private boolean yes;

  @Override
  boolean run(OpenStore store, Output out) {
    JobFilter filter =
        JobFilter.all().inQueue(queue).finishedBetween(null, store.now().minus(olderThan));
    Tally tally = new Tally(store, List.of(filter));
    if (!yes) {
      return tally.print(out, "removed");
    }
    long left = tally.total();
    int piece = 1;
    while (left > 0 && piece > 0) {
      piece = store.admin().purge(queue, olderThan, (int) Math.min(PIECE, left));
      left -= piece;
    }
    return tally.printDone(out, "removed", tally.total() - left, () -> false);
  }
}
