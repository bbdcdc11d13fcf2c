package dev.lease.examples.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "recover",
    description = {
      "How long it takes until another worker has begun the jobs of one that was killed (SIGKILL).",
      "With --config quick, it has the shortest leases that make sense."
    })
final class RecoverCommand extends Workload {

  private static final int JOBS = 10;
  private static final int REST_MILLIS = 2000;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      description = "how long to wait for that (${DEFAULT-VALUE})")
  private int wait = 120;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("default", JOBS, 0);
  }

  @Override
  Settings settings(Settings common) {
    Settings settings = common.with("tells", 1).with("look-ahead", 0);
    return settings.with("concurrency", settings.number("jobs", JOBS));
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    Settings settings = stage.settings();
    int jobs = settings.number("jobs", JOBS);
    stage.once("setup", settings);
    stage.once("seed", settings);
    ChildProcess victim = stage.start("hold", settings);
    Set<String> held = new HashSet<>();
    while (held.size() < jobs) {
      held.add(victim.await("START", stage.patience(settings)).split(" ", -1)[0]);
    }
    ChildProcess heir = stage.start("hold", settings);
    heir.await("READY", stage.patience(settings));
    Thread.sleep(REST_MILLIS);
    long killed = Clock.micros();
    victim.close();
    stage.progress().now("killed; waiting for the jobs to begin again");
    List<Double> begun = begun(heir, held, killed);
    heir.close();
    Result result = result(stage).put("held", held.size()).put("recovered", begun.size());
    if (!begun.isEmpty()) {
      result.put("first", begun.get(0)).put("last", begun.get(begun.size() - 1));
    }
    return List.of(result);
  }

  private List<Double> begun(ChildProcess heir, Set<String> held, long killed)
      throws InterruptedException {
    Set<String> missing = new HashSet<>(held);
    List<Double> seconds = new ArrayList<>();
    try {
      while (!missing.isEmpty()) {
        double left = wait - (Clock.micros() - killed) / 1e6;
        String[] start = heir.await("START", Math.max(0, left)).split(" ", -1);
        if (missing.remove(start[0])) {
          seconds.add(Statistics.rounded((Long.parseLong(start[1]) - killed) / 1e6));
        }
      }
    } catch (IOException e) {
      // Reports the jobs that have begun.
    }
    return seconds;
  }
}
