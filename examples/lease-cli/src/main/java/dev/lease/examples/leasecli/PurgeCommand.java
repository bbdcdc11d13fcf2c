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
final class PurgeCommand extends StoreCommand {

  private static final int PIECE = 1_000;

  @Parameters(paramLabel = "QUEUE", description = "the queue")
  private String queue;

  @Option(
      names = "--older-than",
      required = true,
      paramLabel = "TIME",
      description = "how long ago they finished at least: 12h, 30d")
  private Duration olderThan;

  @Option(names = "--yes", description = "remove them; without it, they are only counted")
  private boolean yes;

  @Override
  boolean run(OpenStore store, Output out) {
    if (!yes) {
      JobFilter filter =
          JobFilter.all().inQueue(queue).finishedBetween(null, store.now().minus(olderThan));
      return new Tally(store, List.of(filter)).print(out, "removed");
    }
    long removed = 0;
    int piece;
    do {
      piece = store.admin().purge(queue, olderThan, PIECE);
      removed += piece;
    } while (piece == PIECE);
    return Tally.printDone(out, "removed", removed);
  }
}
