package dev.lease.examples.benchmark;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "enqueue",
    description =
        "Producers enqueue one job in each call, with several threads; or many, with --batch.")
final class EnqueueCommand extends Workload {

  private static final int WARM = 200;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "callers, if each call is one job (${DEFAULT-VALUE})")
  private int threads = 8;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "jobs in each call of the one caller (${DEFAULT-VALUE})")
  private int batch = 1;

  @Option(
      names = "--open",
      paramLabel = "MILLIS",
      description =
          "each job in a transaction of the caller's that stays open for so long; SQL only")
  private @Nullable Integer open;

  @Override
  RunOptions.Defaults defaults() {
    return batch > 1
        ? new RunOptions.Defaults("default", 100_000, batch)
        : new RunOptions.Defaults("default", 20_000, WARM);
  }

  @Override
  Settings settings(Settings common) {
    return batch > 1
        ? common.with("batch", batch)
        : common.with("threads", threads).with("batch", 1).with("open", open);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    Settings settings = stage.settings();
    stage.once("setup", settings);
    OptionalLong before = ServerFacts.memory(stage.store());
    Map<String, Object> enqueued =
        stage.measure("producer", batch > 1 ? "bulk" : "single", settings);
    long left = ((Number) stage.once("left", settings).getOrDefault("left", 0)).longValue();
    Result result =
        result(stage).measured(enqueued).put("stored", left - settings.number("warm", 0));
    OptionalLong after = ServerFacts.memory(stage.store());
    if (before.isPresent() && after.isPresent() && left > 0) {
      result.put("bytes_a_job", (after.getAsLong() - before.getAsLong()) / left);
    }
    return List.of(result);
  }
}
