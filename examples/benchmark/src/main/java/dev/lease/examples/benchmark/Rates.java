package dev.lease.examples.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rates in jobs a second, from the times of the jobs. */
final class Rates {

  private static final int SLICES = 25;
  private static final double NANOS = 1e9;

  private Rates() {}

  /**
   * The rate of all jobs, of the first and the last tenth, and in each of 25 slices of the time.
   *
   * @param times in nanoseconds, sorted, at least two
   */
  static Map<String, Object> of(long[] times) {
    int tenth = Math.max(2, times.length / 10);
    Map<String, Object> rates = new LinkedHashMap<>();
    rates.put("seconds", Statistics.rounded((times[times.length - 1] - times[0]) / NANOS));
    rates.put("rate", rate(times, 0, times.length));
    rates.put("first", rate(times, 0, tenth));
    rates.put("last", rate(times, times.length - tenth, times.length));
    rates.put("over_time", overTime(times));
    return rates;
  }

  private static double rate(long[] times, int from, int to) {
    double seconds = Math.max(1, times[to - 1] - times[from]) / NANOS;
    return Statistics.rounded((to - from - 1) / seconds);
  }

  /** Pairs of the end of each slice in seconds, and the rate in it. */
  private static List<List<Double>> overTime(long[] times) {
    double slice = Math.max(1, times[times.length - 1] - times[0]) / NANOS / SLICES;
    int[] counts = new int[SLICES];
    for (long time : times) {
      int at = (int) ((time - times[0]) / NANOS / slice);
      counts[Math.min(at, SLICES - 1)]++;
    }
    List<List<Double>> series = new ArrayList<>();
    for (int i = 0; i < SLICES; i++) {
      series.add(
          List.of(Statistics.rounded((i + 1) * slice), Statistics.rounded(counts[i] / slice)));
    }
    return series;
  }
}
