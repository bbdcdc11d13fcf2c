package dev.lease.examples.benchmark;

import java.util.List;
import picocli.CommandLine.Command;

@Command(name = "drain", description = "One worker runs all waiting jobs, from a cold start.")
final class DrainCommand extends Workload {

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("tuned", 100_000, 0);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    return List.of(result(stage).measured(Drain.run(stage, stage.settings())));
  }
}
