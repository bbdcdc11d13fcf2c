package dev.lease.worker;

import java.time.Duration;

/**
 * Decides how far the worker claims ahead [W06]. It should claim as much work as its slots do
 * during a call to the store, so that they do not run dry. Jobs that run for long are not claimed
 * ahead: they would wait here while other workers are idle. To decide, this class measures how long
 * calls to the store take and how long the jobs of each queue run. Guarded by the lock of the
 * slots.
 */
final class LookAhead {

  /** Jobs that run longer are not claimed ahead: compared with their run, a call is short. */
  private static final long LONGEST_RUN = Duration.ofMillis(100).toNanos();

  private static final long SHORTEST_BRIDGE = Duration.ofMillis(1).toNanos();

  /** A pause of the machine must not send jobs with keys to and fro. */
  private static final long SHORTEST_KEYED_WAIT = Duration.ofMillis(100).toNanos();

  private final int most;
  private final int mostBytes;
  private final long longestWait;
  private final RunningMedian trips = new RunningMedian();

  /**
   * @param most how many jobs may be claimed ahead
   * @param mostBytes how many bytes of payloads may be claimed ahead
   * @param longestWait how long a job that was claimed ahead may wait
   */
  LookAhead(int most, int mostBytes, Duration longestWait) {
    this.most = most;
    this.mostBytes = mostBytes;
    this.longestWait = longestWait.toNanos();
  }

  /**
   * A job that has waited longer is released, since another worker may have a slot for it [W06].
   */
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

  /**
   * How long a job with a key may wait [W36]. It should start within a call to the store, so one
   * that has waited for two of them has met something unusual.
   */
  long longestKeyedWait() {
    return Math.min(longestWait, Math.max(SHORTEST_KEYED_WAIT, 2 * trips.orElse(0)));
  }

  void tripTook(long nanos) {
    trips.add(nanos);
  }

  /**
   * For how long each slot should have work when jobs of this queue are claimed: for two calls to
   * the store, this one and the next, and, if its jobs may be claimed ahead, for the job that runs
   * then.
   */
  long bridge(PolledQueue queue) {
    long run = queue.runTimes().orElse(Long.MAX_VALUE);
    return run > LONGEST_RUN ? twoTrips() : twoTrips() + run;
  }

  /** The time of two calls to the store. */
  long twoTrips() {
    return Math.max(SHORTEST_BRIDGE, Math.min(2 * trips.orElse(0), longestWait / 2));
  }

  /**
   * For how long a job of this queue goes on that has run so long: one that overran, as long again.
   */
  long left(PolledQueue queue, long ran) {
    return Math.abs(queue.runTimes().orElse(Long.MAX_VALUE) - ran);
  }

  /**
   * How many jobs of this queue a slot starts in a time.
   *
   * @param busy for how long the slot is still busy, as far as one can tell
   */
  long starts(PolledQueue queue, long nanos, long busy) {
    long run = Math.max(1, queue.runTimes().orElse(Long.MAX_VALUE));
    return busy > nanos ? 0 : 1 + (nanos - busy) / run;
  }

  /** How much of the bridge a job of the queue fills: all of it if it runs long, or may do so. */
  long fills(PolledQueue queue, long bridge) {
    long run = queue.runTimes().orElse(Long.MAX_VALUE);
    return run > LONGEST_RUN ? bridge : Math.max(1, Math.min(run, bridge));
  }
}
