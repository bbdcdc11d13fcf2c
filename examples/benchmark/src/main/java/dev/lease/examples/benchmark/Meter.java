package dev.lease.examples.benchmark;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Processor seconds that several processes use between two moments. */
final class Meter {

  /** How long the processes of closed connections take to end and to be counted. */
  private static final int SETTLE_MILLIS = 400;

  private final Map<String, Supplier<@Nullable Double>> processes = new LinkedHashMap<>();
  private final Map<String, Double> start = new LinkedHashMap<>();

  /** A meter that includes the servers, if their processes are known. */
  static Meter of(long... servers) {
    Meter meter = new Meter();
    if (servers.length > 0) {
      meter.processes.put("server", () -> ofTrees(servers));
    }
    return meter;
  }

  private static @Nullable Double ofTrees(long... processes) {
    double sum = 0;
    for (long process : processes) {
      Double seconds = Cpu.ofTree(process);
      if (seconds == null) {
        return null;
      }
      sum += seconds;
    }
    return sum;
  }

  Meter and(String role, ChildProcess child) {
    processes.put(role, () -> Cpu.of(child.pid()));
    return this;
  }

  synchronized void start() {
    processes.forEach((name, cpu) -> note(start, name, cpu.get()));
  }

  /**
   * The seconds since the start, as {@code worker_cpu} and so on, without those that are not known.
   */
  synchronized Map<String, Object> read() throws InterruptedException {
    Map<String, Double> end = new LinkedHashMap<>();
    processes.forEach((name, cpu) -> note(end, name, cpu.get()));
    Supplier<@Nullable Double> server = processes.get("server");
    if (server != null) {
      Thread.sleep(SETTLE_MILLIS);
      note(end, "server", server.get());
    }
    Map<String, Object> seconds = new LinkedHashMap<>();
    end.forEach(
        (name, value) ->
            seconds.put(
                name + "_cpu", Statistics.rounded(value - start.getOrDefault(name, value))));
    return seconds;
  }

  private static void note(Map<String, Double> to, String name, @Nullable Double value) {
    if (value != null) {
      to.put(name, value);
    }
  }
}
