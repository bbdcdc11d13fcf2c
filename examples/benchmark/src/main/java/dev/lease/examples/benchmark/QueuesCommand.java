package dev.lease.examples.benchmark;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "queues",
    description = "A drain by a worker that serves many queues, of which few have jobs.")
final class QueuesCommand extends Workload {

  @Option(
      names = "--queues",
      paramLabel = "N",
      description = "how many queues it serves (${DEFAULT-VALUE})")
  private int queues = 50;

  @Option(
      names = "--busy",
      paramLabel = "N",
      description = "how many of them have jobs (${DEFAULT-VALUE})")
  private int busy = 1;

  @Option(
      names = "--stores",
      paramLabel = "N",
      description = "over how many stores a router spreads them; Lease only (${DEFAULT-VALUE})")
  private int stores = 1;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("tuned", 20_000, 0);
  }

  @Override
  Settings settings(Settings common) {
    return common.with("queues", queues).with("busy", busy).with("stores", stores);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    return List.of(result(stage).measured(Drain.run(stage, stage.settings())));
  }
}
