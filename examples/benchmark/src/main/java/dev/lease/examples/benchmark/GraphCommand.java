package dev.lease.examples.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "graph",
    description = {
      "What it costs that one job waits for many, by the JobQueue of a store, without a worker.",
      "First the jobs alone, then the same jobs as the one part of a graph before another."
    })
final class GraphCommand extends Workload {

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "jobs in each enqueue and piece (${DEFAULT-VALUE})")
  private int batch = Settings.BATCH;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "callers that settle jobs one by one (${DEFAULT-VALUE})")
  private int threads = 8;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("default", 10_000, 0);
  }

  @Override
  Settings settings(Settings common) {
    return common.with("batch", batch).with("threads", threads);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    List<Result> results = new ArrayList<>();
    for (String what : List.of("jobs", "graph")) {
      Settings settings = stage.settings().with("what", what);
      stage.once("graph-setup", settings);
      for (String step : List.of("enqueue", "settle")) {
        Map<String, Object> measured = stage.measure("client", "graph-" + step, settings);
        results.add(result(stage, settings.with("step", step)).measured(measured));
      }
    }
    return results;
  }
}
