package dev.lease.worker;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One queue of a worker: its share of the slots, and when it is asked for work. Work is expected
 * where a hint, a full claim or the poll interval says so, and soon after some was found that no
 * hint told of: there may be more, from producers whose hints do not come here.
 *
 * <p>Hints come on any thread; all else is for the lane that asks the queue, which is one at a
 * time.
 */
final class PolledQueue {

  private static final long FIRST_HINT_PAUSE = Duration.ofMillis(2).toNanos();
  private static final int MOST_DOUBLINGS = 6;
  private static final long FIRST_LOOK_AGAIN = Duration.ofMillis(5).toNanos();

  private final String name;
  private final int limit;
  private final int weight;
  private final long pollInterval;
  private final Backoff failures;
  private final Backoff unknownTypes;
  private final RunningMedian runTimes = new RunningMedian();
  private volatile boolean expected = true;
  private volatile boolean hinted;
  private volatile boolean isolated;
  private volatile int hintsForNothing;
  private volatile long hintPauseUntil = System.nanoTime();
  // Only jobs that may wait are claimed ahead, and a claim cannot ask for them: so nothing is
  // claimed beyond the free slots until a claim has brought none of the others.
  private volatile boolean claimsAhead;

  /** How long after the last answer it is asked again; 0 if the poll is soon enough. */
  private long lookAgain;

  private long answeredAt;

  /** Or it was asked since a trip was made anyway: that it had nothing is no reason to wait. */
  private boolean wasExpected;

  PolledQueue(String name, int limit, int weight, WorkerConfig config) {
    this.name = name;
    this.limit = limit;
    this.weight = weight;
    this.pollInterval = config.pollInterval().toNanos();
    this.failures = new Backoff(config.maxBackoff());
    this.unknownTypes = new Backoff(config.unknownTypeDelay());
  }

  String name() {
    return name;
  }

  /** How many of its jobs run at once, at most. */
  int limit() {
    return limit;
  }

  /** How many turns it has before the next queue. */
  int weight() {
    return weight;
  }

  /** How long its jobs run. Guarded by the lock of the slots. */
  RunningMedian runTimes() {
    return runTimes;
  }

  boolean claimsAhead() {
    return claimsAhead;
  }

  void setClaimsAhead(boolean claimsAhead) {
    this.claimsAhead = claimsAhead;
  }

  /** Asked by the lane for queues that fail or are slow, so that no other queue waits for it. */
  boolean isIsolated() {
    return isolated;
  }

  void setIsolated(boolean isolated) {
    this.isolated = isolated;
  }

  void expect() {
    expected = true;
  }

  /**
   * A hint goes to all workers and one gets the job: who was hinted for nothing lets the others try
   * first, so that not all of them ask each time.
   */
  void hinted() {
    int forNothing = hintsForNothing;
    if (forNothing > 0 && !expected) {
      long longest = FIRST_HINT_PAUSE << forNothing;
      hintPauseUntil = System.nanoTime() + ThreadLocalRandom.current().nextLong(longest);
    }
    hinted = true;
    expected = true;
  }

  /** Whether a hint has come since it was last asked. */
  boolean isHinted() {
    return hinted;
  }

  boolean isExpected() {
    return expected;
  }

  /** How long until it may be asked: 0 if it may be now. */
  long nanosToPause() {
    long pause =
        Math.max(failures.nanosLeft(Long.MAX_VALUE), unknownTypes.nanosLeft(Long.MAX_VALUE));
    return Math.max(pause, hintPauseUntil - System.nanoTime());
  }

  /** How long until work is expected that no hint tells of: without end where only polls ask. */
  long nanosToLookAgain() {
    return lookAgain == 0
        ? Long.MAX_VALUE
        : Math.max(0, lookAgain - (System.nanoTime() - answeredAt));
  }

  /** To be called before the claim: a hint that comes during it counts for the next one. */
  void asked() {
    wasExpected = expected;
    expected = false;
  }

  /** The claim has brought that many jobs, of which this worker knows so many types. */
  void answered(int jobs, int known) {
    failures.succeeded();
    if (known > 0 || wasExpected) {
      long next = known == 0 || hinted ? lookAgain * 2 : FIRST_LOOK_AGAIN;
      lookAgain = next < pollInterval ? next : 0;
      answeredAt = System.nanoTime();
    }
    if (jobs > 0) {
      hintsForNothing = 0;
    } else if (hinted) {
      hintsForNothing = Math.min(hintsForNothing + 1, MOST_DOUBLINGS);
    }
    hinted = false;
    if (known > 0 || jobs == 0) {
      unknownTypes.succeeded();
    } else {
      // It gives nothing else: asked less often, or the jobs would go back and forth.
      unknownTypes.failed();
    }
  }

  boolean isFailing() {
    return failures.isFailing();
  }

  void failed() {
    failures.failed();
  }
}
