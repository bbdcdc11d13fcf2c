package dev.lease.examples.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "start",
    description =
        "How long a fresh process takes until its first job has run, and what that costs.")
final class StartCommand extends Workload {

  @Option(names = "--new-tables", description = "create the tables first")
  private boolean newTables;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("default", 1, 0);
  }

  @Override
  Settings settings(Settings common) {
    return common.with("new-tables", newTables ? 1 : null);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    Settings settings = stage.settings();
    if (!newTables) {
      stage.once("setup", settings);
    }
    Meter meter = stage.meter();
    meter.start();
    long start = System.nanoTime();
    ChildProcess child = stage.start("first", settings);
    child.done(stage.patience(settings));
    double millis = (System.nanoTime() - start) / 1e6;
    // Everything that the process has used so far counts.
    Double worker = Cpu.of(child.pid());
    Map<String, Object> measured = new LinkedHashMap<>(meter.read());
    if (worker != null) {
      measured.put("worker_cpu", worker);
    }
    measured.put("ran", 1);
    measured.put("first_job_ms", Statistics.rounded(millis));
    child.end();
    return List.of(result(stage).measured(measured));
  }
}
