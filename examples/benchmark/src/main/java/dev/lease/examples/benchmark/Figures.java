package dev.lease.examples.benchmark;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The meters of a worker, read from time to time. */
final class Figures {

  private static final double PERCENTILE = 0.95;
  private static final Duration WINDOW = Duration.ofSeconds(6);

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final Map<String, Double> before = new HashMap<>();
  private final Map<String, Map<String, ResultLine.Series>> panels = new LinkedHashMap<>();

  private int sampled;

  Figures() {
    registry
        .config()
        .meterFilter(
            new MeterFilter() {
              @Override
              public DistributionStatisticConfig configure(
                  Meter.Id id, DistributionStatisticConfig config) {
                return DistributionStatisticConfig.builder()
                    .percentiles(PERCENTILE)
                    .expiry(WINDOW)
                    .build()
                    .merge(config);
              }
            });
  }

  MeterRegistry registry() {
    return registry;
  }

  /** The curves by their names, by the title of the vertical axis. */
  Map<String, Map<String, ResultLine.Series>> panels() {
    return panels;
  }

  /**
   * Reads the meters.
   *
   * @param second since the start, later than that of the call before
   */
  void sample(int second) {
    for (String outcome : List.of("done", "retry", "failed")) {
      add("attempts a second", outcome, second, rate(outcome, second - sampled));
    }
    sampled = second;
    add("seconds", "run, p95", second, percentile("lease.run"));
    add("seconds", "wait, p95", second, percentile("lease.wait"));
    add("seconds", "oldest due job", second, gauge("lease.queue.oldest"));
    for (String state : List.of("pending", "retry")) {
      add("jobs", state, second, gauge("lease.queue.depth", "state", state));
    }
    add("slots and workers", "active slots", second, gauge("lease.active"));
    add("slots and workers", "workers without the store", second, gauge("lease.outage"));
  }

  private void add(String panel, String curve, int second, double value) {
    var series =
        panels
            .computeIfAbsent(panel, title -> new LinkedHashMap<>())
            .computeIfAbsent(
                curve, name -> new ResultLine.Series(new ArrayList<>(), new ArrayList<>()));
    series.x().add((double) second);
    series.y().add(value);
  }

  private double rate(String outcome, int seconds) {
    double now =
        registry.find("lease.settled").tag("outcome", outcome).counters().stream()
            .mapToDouble(Counter::count)
            .sum();
    Double last = before.put(outcome, now);
    return (last == null ? now : now - last) / seconds;
  }

  /** Of the handlers that succeeded, or of all jobs that were claimed. */
  private double percentile(String name) {
    return registry.find(name).timers().stream()
        .filter(timer -> !"retry".equals(timer.getId().getTag("outcome")))
        .map(Timer::takeSnapshot)
        .mapToDouble(snapshot -> snapshot.percentileValues()[0].value(TimeUnit.SECONDS))
        .max()
        .orElse(0);
  }

  private double gauge(String name, String... tags) {
    Gauge gauge = registry.find(name).tags(tags).gauge();
    return gauge == null ? 0 : gauge.value();
  }
}
