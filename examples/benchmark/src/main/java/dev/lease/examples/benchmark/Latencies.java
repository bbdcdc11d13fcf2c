package dev.lease.examples.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** How long each job waited, from its enqueueing until it ran. */
final class Latencies implements Handling {

  private static final double[] PERCENTS = {
    1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.9, 100
  };

  private final long[] micros;
  private final AtomicInteger ran = new AtomicInteger();
  private final CountDownLatch done = new CountDownLatch(1);

  Latencies(int jobs) {
    micros = new long[jobs];
  }

  @Override
  public void run(long id, long stamp) {
    if (stamp == 0) {
      return;
    }
    long waited = Clock.micros() - stamp;
    int position = ran.getAndIncrement();
    if (position < micros.length) {
      micros[position] = waited;
    }
    if (position + 1 == micros.length) {
      done.countDown();
    }
  }

  int ran() {
    return ran.get();
  }

  void await(int seconds) throws InterruptedException {
    done.await(seconds, TimeUnit.SECONDS);
  }

  Map<String, Object> result() {
    Map<String, Object> result = new LinkedHashMap<>();
    int counted = Math.min(ran.get(), micros.length);
    result.put("ran", counted);
    result.put("left", micros.length - counted);
    if (counted > 0) {
      long[] sorted = Arrays.copyOf(micros, counted);
      Arrays.sort(sorted);
      result.put("p50", millis(sorted, 50));
      result.put("p95", millis(sorted, 95));
      result.put("p99", millis(sorted, 99));
      result.put("max", millis(sorted, 100));
      List<List<Double>> percentiles = new ArrayList<>();
      for (double percent : PERCENTS) {
        percentiles.add(List.of(percent, millis(sorted, percent)));
      }
      result.put("percentiles", percentiles);
    }
    return result;
  }

  private static double millis(long[] sorted, double percent) {
    return Statistics.rounded(Statistics.percentile(sorted, percent) / 1000.0);
  }
}
