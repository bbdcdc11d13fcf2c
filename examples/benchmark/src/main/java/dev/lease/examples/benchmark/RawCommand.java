package dev.lease.examples.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "raw",
    description = {
      "What the store can do when nothing else slows it down: enqueue and drain in a bare loop.",
      "Level store: the statements and scripts of Lease, by its JobQueue, without a worker.",
      "Level bare: the bare statements of a minimal queue, without Lease."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class RawCommand extends Workload {

  @Option(
      names = "--level",
      split = ",",
      paramLabel = "LEVEL",
      description = "store, bare (${DEFAULT-VALUE})")
  private List<String> levels = List.of("store", "bare");

  @Option(names = "--batch", paramLabel = "N", description = "jobs in each call (${DEFAULT-VALUE})")
  private int batch = 100;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "callers, each with a connection (${DEFAULT-VALUE})")
  private int threads = 1;

  @Option(
      names = "--in-transactions",
      description = "level store enqueues in transactions of the caller's; SQL only")
  private boolean inTransactions;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("tuned", 40_000, 0);
  }

  @Override
  Settings settings(Settings common) {
    return common
        .with("batch", batch)
        .with("threads", threads)
        .with("open", inTransactions ? 0 : null);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    List<Result> results = new ArrayList<>();
    for (String level : levels) {
      Settings settings = stage.settings().with("level", level);
      stage.once("raw-setup", settings);
      results.add(measured(stage, "enqueue", settings));
      // The drain takes the jobs that were just enqueued, and as many for its warm-up.
      results.add(measured(stage, "drain", settings));
    }
    return results;
  }

  private Result measured(Stage stage, String what, Settings settings) throws Exception {
    Map<String, Object> measured = stage.measure("client", "raw-" + what, settings);
    return result(stage, settings.with("what", what)).measured(measured);
  }
}
