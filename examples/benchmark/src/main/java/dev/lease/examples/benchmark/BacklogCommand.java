package dev.lease.examples.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "backlog",
    description = {
      "A drain of a queue that is full of other jobs, compared with a drain of an empty queue.",
      "With --kind waiting, it drains the first of those other jobs."
    })
final class BacklogCommand extends Workload {

  private static final int KEPT_HOURS = 24;

  private enum Kind {
    WAITING,
    FINISHED,
    LATER,
    HELD
  }

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "waiting, finished, later or held (${DEFAULT-VALUE})")
  private Kind kind = Kind.WAITING;

  @Option(
      names = "--backlog",
      paramLabel = "N",
      description = "how many other jobs there are (${DEFAULT-VALUE})")
  private int backlog = 1_000_000;

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("tuned", 200_000, 0);
  }

  @Override
  Settings settings(Settings common) {
    Settings settings =
        common.with("kind", kind.name().toLowerCase(Locale.ROOT)).with("backlog", backlog);
    boolean wouldGo = kind == Kind.FINISHED && !settings.has("keep-done");
    return wouldGo ? settings.with("keep-done", KEPT_HOURS) : settings;
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    Settings settings = stage.settings();
    Map<String, Object> empty = Drain.run(stage, settings);
    Settings full = settings.with("halt", 1);
    if (kind == Kind.WAITING) {
      stage.once("seed", settings.with("jobs", backlog));
      full = full.with("ids", backlog);
    } else {
      stage.once("obstruct", settings.with("jobs", backlog));
      Drain.fill(stage, settings);
    }
    Result result = result(stage).measured(Drain.drain(stage, full));
    result.put("empty_rate", empty.getOrDefault("rate", 0));
    double ratio = result.number("rate") / result.number("empty_rate");
    return List.of(result.put("rate_to_empty", Statistics.rounded(ratio)));
  }
}
