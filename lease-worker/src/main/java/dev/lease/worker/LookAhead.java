package dev.lease.worker;

import java.time.Duration;

/**
 * How far the worker claims ahead: as much work as its slots do while a trip to the store is under
 * way, so that they do not run dry, and none of jobs that run for long, which would wait here while
 * other workers are idle [W06]. Measures how long trips take and how long the jobs of each queue
 * run. Guarded by the lock of the slots.
 */
final class LookAhead {

  /** Jobs that run longer are not claimed ahead: the trip that is saved is nothing to them. */
  private static final long LONGEST_RUN = Duration.ofMillis(100).toNanos();

  private static final long SHORTEST_BRIDGE = Duration.ofMillis(1).toNanos();

  /** What is slow among quick trips may be a pause of this JVM; this is none. */
  private static final long SLOW = Duration.ofMillis(250).toNanos();

  private static final int TIMES_THE_MEDIAN = 10;

  private final int most;
  private final int mostBytes;
  private final long longestWait;
  private final RunningMedian trips = new RunningMedian();

  /**
   * @param most how many jobs may be claimed ahead
   * @param mostBytes how many bytes of payloads may be claimed ahead
   * @param longestWait how long such a job may wait
   */
  LookAhead(int most, int mostBytes, Duration longestWait) {
    this.most = most;
    this.mostBytes = mostBytes;
    this.longestWait = longestWait.toNanos();
  }

  /** What waits longer goes back: another worker may have a slot for it [W06]. */
  static Duration longestWait(Duration leaseDuration) {
    Duration second = Duration.ofSeconds(1);
    Duration sixth = leaseDuration.dividedBy(6);
    return second.compareTo(sixth) < 0 ? second : sixth;
  }

  int most() {
    return most;
  }

  int mostBytes() {
    return mostBytes;
  }

  long longestWait() {
    return longestWait;
  }

  void tripTook(long nanos) {
    trips.add(nanos);
  }

  boolean isSlow(long tripNanos) {
    return tripNanos > SLOW && tripNanos > TIMES_THE_MEDIAN * trips.orElse(tripNanos);
  }

  /**
   * For how long each slot is to have work when that queue is asked: for two trips, the one under
   * way and the next, and where its jobs may be claimed ahead, for the one that then runs.
   */
  long bridge(PolledQueue queue) {
    long twoTrips = Math.max(SHORTEST_BRIDGE, Math.min(2 * trips.orElse(0), longestWait / 2));
    long run = queue.runTimes().orElse(Long.MAX_VALUE);
    return run > LONGEST_RUN ? twoTrips : twoTrips + run;
  }

  /** How much of the bridge a job of that queue fills: all of it where it runs long, or may. */
  long fills(PolledQueue queue, long bridge) {
    long run = queue.runTimes().orElse(Long.MAX_VALUE);
    return run > LONGEST_RUN ? bridge : Math.max(1, Math.min(run, bridge));
  }
}
