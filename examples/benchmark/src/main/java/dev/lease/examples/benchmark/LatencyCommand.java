package dev.lease.examples.benchmark;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "latency",
    description = "How long a job waits when there is little to do: one job every 20 ms.")
final class LatencyCommand extends Workload {

  @Option(
      names = "--every",
      paramLabel = "MILLIS",
      description = "the time from one job to the next (${DEFAULT-VALUE})")
  private int every = 20;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("default", 500, 50);
  }

  @Override
  Settings settings(Settings common) {
    return common.with("every", every);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    stage.once("setup", stage.settings());
    Map<String, Object> measured = stage.measure("client", "latency", stage.settings());
    return List.of(result(stage).measured(measured));
  }
}
