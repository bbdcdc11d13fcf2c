package dev.lease.examples.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "steady",
    description = "How long a job waits while a producer in another process enqueues all the time.")
final class SteadyCommand extends Workload {

  private static final int WARM_SECONDS = 2;
  private static final int SECONDS = 20;

  @Option(names = "--rate", paramLabel = "N", description = "jobs a second (${DEFAULT-VALUE})")
  private int rate = 1000;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("tuned", SECONDS * rate, WARM_SECONDS * rate);
  }

  @Override
  Settings settings(Settings common) {
    return common.with("rate", rate);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    Settings settings = stage.settings();
    stage.once("setup", settings);
    ChildProcess worker = stage.start("work", settings);
    ChildProcess producer = stage.start("produce", settings);
    int patience = stage.patience(settings);
    worker.await("READY", patience);
    producer.await("READY", patience);
    Meter meter = stage.meter().and("worker", worker).and("producer", producer);
    producer.onWarm(meter::start);
    meter.start();
    worker.tell("GO");
    producer.tell("GO");
    Map<String, Object> measured = new LinkedHashMap<>(producer.done(patience));
    measured.putAll(worker.done(patience));
    measured.putAll(meter.read());
    producer.end();
    worker.end();
    return List.of(result(stage).measured(measured));
  }
}
