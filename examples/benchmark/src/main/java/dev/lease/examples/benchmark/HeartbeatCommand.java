package dev.lease.examples.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "heartbeat",
    description = "What it costs a second to hold many jobs whose handlers do not return.")
final class HeartbeatCommand extends Workload {

  /** PostgreSQL counts the work of a connection once that has been idle for a second. */
  private static final int COUNTED_MILLIS = 1200;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "how long the jobs are held (${DEFAULT-VALUE})")
  private int seconds = 30;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("default", 10_000, 0);
  }

  @Override
  Settings settings(Settings common) {
    return common.with("concurrency", common.number("jobs", 0)).with("look-ahead", 0);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    Settings settings = stage.settings();
    stage.once("setup", settings);
    Drain.fill(stage, settings);
    ChildProcess worker = stage.start("hold", settings);
    worker.await("READY", stage.patience(settings));
    Thread.sleep(COUNTED_MILLIS);
    Map<String, Long> before = ServerFacts.counts(stage.store());
    Meter meter = stage.meter().and("worker", worker);
    meter.start();
    stage.progress().now("holding");
    Thread.sleep(seconds * 1000L);
    Map<String, Object> measured = new LinkedHashMap<>(meter.read());
    Thread.sleep(COUNTED_MILLIS);
    Map<String, Long> after = ServerFacts.counts(stage.store());
    worker.tell("GO");
    measured.putAll(worker.done(stage.patience(settings)));
    after.forEach(
        (what, count) -> {
          double perSecond = (count - before.getOrDefault(what, 0L)) / (double) seconds;
          measured.put(what + "_per_s", Statistics.rounded(perSecond));
        });
    measured.put("seconds", seconds);
    return List.of(result(stage).measured(measured));
  }
}
