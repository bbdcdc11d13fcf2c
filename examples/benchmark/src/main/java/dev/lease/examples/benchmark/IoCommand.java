package dev.lease.examples.benchmark;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "io",
    description =
        "A drain with many concurrent handlers that wait, as for the answer of a service.")
final class IoCommand extends Workload {

  private static final int CONCURRENCY = 200;

  @Option(
      names = "--sleep",
      paramLabel = "MILLIS",
      description = "how long each handler waits (${DEFAULT-VALUE})")
  private int sleep = 10;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("tuned", 40_000, 0);
  }

  @Override
  Settings settings(Settings common) {
    Settings settings = common.with("sleep", sleep);
    return settings.has("concurrency") ? settings : settings.with("concurrency", CONCURRENCY);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    Map<String, Object> drained = Drain.run(stage, stage.settings());
    double limit = stage.settings().number("concurrency", 1) * 1000.0 / sleep;
    Result result = result(stage).measured(drained);
    return List.of(
        result
            .put("limit", limit)
            .put("share_of_limit", Statistics.rounded(result.number("last") / limit)));
  }
}
