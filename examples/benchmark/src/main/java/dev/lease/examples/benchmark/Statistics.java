package dev.lease.examples.benchmark;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** Medians, percentiles, and figures without false digits. */
final class Statistics {

  private static final MathContext DIGITS = new MathContext(5);

  private Statistics() {}

  /** Rounds to five digits, which is more than any figure here deserves. */
  static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /**
   * The least value that a percentage of all values does not exceed.
   *
   * @param sorted the values, at least one
   */
  static long percentile(long[] sorted, double percent) {
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.max(0, Math.min(sorted.length, rank) - 1)];
  }
}
