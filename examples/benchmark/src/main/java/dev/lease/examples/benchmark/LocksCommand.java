package dev.lease.examples.benchmark;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "locks", description = "How often a second a named lease is acquired and released.")
final class LocksCommand extends Workload {

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "callers, each with a lease of its own (${DEFAULT-VALUE})")
  private int threads = 1;

  @Option(names = "--contended", description = "all callers want the same lease")
  private boolean contended;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "how long it runs (${DEFAULT-VALUE})")
  private int seconds = 4;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("default", null, 1000);
  }

  @Override
  Settings settings(Settings common) {
    return common
        .with("threads", threads)
        .with("seconds", seconds)
        .with("contended", contended ? 1 : null);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    return List.of(result(stage).measured(stage.measure("client", "locks", stage.settings())));
  }
}
