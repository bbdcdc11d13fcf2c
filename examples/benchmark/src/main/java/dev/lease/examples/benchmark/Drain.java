package dev.lease.examples.benchmark;

import java.io.IOException;
import java.util.Map;

/** Fills and drains a queue, for several workloads. */
final class Drain {

  private Drain() {}

  /** Fills, drains, and counts the jobs that are left. */
  static Map<String, Object> run(Stage stage, Settings settings)
      throws IOException, InterruptedException {
    stage.once("setup", settings);
    fill(stage, settings);
    Map<String, Object> result = drain(stage, settings);
    result.putAll(stage.once("left", settings));
    return result;
  }

  static void fill(Stage stage, Settings settings) throws IOException, InterruptedException {
    int jobs = settings.number("warm", 0) + settings.number("jobs", 0);
    stage.once("seed", settings.with("jobs", jobs));
  }

  static Map<String, Object> drain(Stage stage, Settings settings)
      throws IOException, InterruptedException {
    return stage.measure("worker", "drain", settings);
  }
}
