package dev.lease.worker;

import java.util.Arrays;

/** The median of the last few durations. For one thread at a time. */
final class RunningMedian {

  private static final int SAMPLES = 15;

  private final long[] samples = new long[SAMPLES];
  private int count;
  private int next;
  private boolean changed;
  private long median;

  void add(long nanos) {
    samples[next] = nanos;
    next = (next + 1) % SAMPLES;
    count = Math.min(count + 1, SAMPLES);
    changed = true;
  }

  /** The median, or the given value if there is no duration yet. */
  long orElse(long unknown) {
    if (changed) {
      long[] sorted = Arrays.copyOf(samples, count);
      Arrays.sort(sorted);
      median = sorted[count / 2];
      changed = false;
    }
    return count == 0 ? unknown : median;
  }
}
