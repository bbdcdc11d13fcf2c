package dev.lease.examples.benchmark;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** When each job of a drain ran, and whether one ran twice. */
final class DrainRecord implements Handling {

  private final int warm;
  private final int jobs;
  private final long sleepMillis;
  private final Runnable onWarm;
  private final long[] stamps;
  private final AtomicIntegerArray seen;
  private final AtomicInteger ran = new AtomicInteger();
  private final AtomicInteger twice = new AtomicInteger();
  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * @param warm how many jobs run before those that count
   * @param jobs how many jobs count
   * @param ids all numbers of jobs are below this one
   * @param sleepMillis how long each job takes
   * @param onWarm called when the jobs that count begin
   */
  DrainRecord(int warm, int jobs, int ids, long sleepMillis, Runnable onWarm) {
    this.warm = warm;
    this.jobs = jobs;
    this.sleepMillis = sleepMillis;
    this.onWarm = onWarm;
    stamps = new long[jobs];
    seen = new AtomicIntegerArray(ids);
  }

  @Override
  public void run(long id, long stamp) throws InterruptedException {
    if (sleepMillis > 0) {
      Thread.sleep(sleepMillis);
    }
    int position = ran.getAndIncrement() - warm;
    if (position >= 0 && position < jobs) {
      stamps[position] = System.nanoTime();
    }
    if (id >= 0 && id < seen.length() && seen.getAndIncrement((int) id) > 0) {
      twice.incrementAndGet();
    }
    if (position == 0 && warm > 0) {
      onWarm.run();
    }
    if (position + 1 == jobs) {
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
    int counted = Math.max(0, Math.min(ran.get() - warm, jobs));
    result.put("ran", counted);
    result.put("dups", twice.get());
    if (counted > 1) {
      // Threads number their jobs before they read the clock, so the times need sorting.
      long[] times = Arrays.copyOf(stamps, counted);
      Arrays.sort(times);
      result.putAll(Rates.of(times));
    }
    return result;
  }
}
