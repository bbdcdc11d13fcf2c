package dev.lease.worker;

import dev.lease.Claim;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One queue of a worker: its share of the slots, and when to claim from it. Work is expected after
 * a hint, after a full claim, and when the poll interval has passed. It is also expected soon after
 * a claim found jobs that no hint announced: there may be more, from producers whose hints do not
 * come here.
 *
 * <p>Hints come on any thread. Everything else is for the dispatcher.
 */
final class PolledQueue {

  private static final long FIRST_HINT_PAUSE = Duration.ofMillis(2).toNanos();
  private static final int MOST_DOUBLINGS = 6;
  private static final long FIRST_LOOK_AGAIN = Duration.ofMillis(5).toNanos();

  private final String name;
  private volatile int limit;
  private volatile int weight;
  private final long pollInterval;
  private final Backoff failures;
  private final Backoff unknownTypes;
  private final RunningMedian runTimes = new RunningMedian();
  private volatile boolean removed;
  private volatile boolean expected = true;
  private volatile boolean hinted;
  private volatile int hintsForNothing;
  private volatile long hintPauseUntil = System.nanoTime();

  /** How many jobs the last claim brought that brought some, and of which kinds. */
  private int brought;

  private int broughtFragile;
  private int broughtKeyed;

  /** How long after the last answer the worker claims again; 0 if the poll is soon enough. */
  private long lookAgain;

  private long answeredAt;
  private volatile @Nullable Long lastAnswerAt;

  /** Whether work was expected at the last claim, and not just a settlement was sent anyway. */
  private boolean wasExpected;

  private int askedFor;

  /** How many claims in a row were partial. */
  private int partialClaims;

  private boolean apart;

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

  /** Whether the worker has given the queue up. Safe on any thread. */
  boolean isRemoved() {
    return removed;
  }

  /** Takes the share of another one of the same name. Safe on any thread. */
  void shareOf(PolledQueue other) {
    limit = other.limit;
    weight = other.weight;
  }

  void setRemoved(boolean removed) {
    this.removed = removed;
  }

  /** How many jobs of the queue run at once, at most. */
  int limit() {
    return limit;
  }

  /** How many turns the queue has before the next one. */
  int weight() {
    return weight;
  }

  /** How long the jobs of the queue run. Guarded by the lock of the slots. */
  RunningMedian runTimes() {
    return runTimes;
  }

  /** Notes what a claim has brought. Guarded by the lock of the slots. */
  void brought(int jobs, int fragile, int keyed) {
    brought = jobs;
    broughtFragile = fragile;
    broughtKeyed = keyed;
  }

  /** Whether it is known what the queue brings. Guarded by the lock of the slots. */
  boolean isKnown() {
    return brought > 0;
  }

  /** Whether the queue brings fragile jobs. A claim cannot leave them out. Guarded as above. */
  boolean bringsFragile() {
    return broughtFragile > 0;
  }

  /** Where it brings fragile jobs: how many a claim may bring if so many can be taken. As above. */
  long mostWith(int fragile) {
    return (long) fragile * brought / broughtFragile;
  }

  /** Whether the queue brings jobs with keys. A claim cannot leave them out. Guarded as above. */
  boolean bringsKeyed() {
    return broughtKeyed > 0;
  }

  /** Where it does: how many jobs a claim may bring if so many with keys can be taken. As above. */
  long mostWithKeyed(long keyed) {
    return keyed * brought / broughtKeyed;
  }

  /** How many jobs the claims that are under way may bring: each takes a slot of the queue. */
  int askedFor() {
    return askedFor;
  }

  /** Whether a claim should carry no settlements: the last that did has failed, or hangs. */
  boolean isApart() {
    return apart || askedFor > 0;
  }

  void setApart() {
    apart = true;
  }

  void expect() {
    expected = true;
  }

  /**
   * Notes a hint. A hint goes to all workers, and one of them gets the job. A worker that found
   * nothing after its last hints lets the others try first, so that not all of them claim each
   * time.
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

  /** Whether a hint has come since the last claim was answered. */
  boolean isHinted() {
    return hinted;
  }

  boolean isExpected() {
    return expected;
  }

  /** How long until the worker may claim from the queue; 0 or less if it may now. */
  long nanosToPause() {
    long pause =
        Math.max(failures.nanosLeft(Long.MAX_VALUE), unknownTypes.nanosLeft(Long.MAX_VALUE));
    return Math.max(pause, hintPauseUntil - System.nanoTime());
  }

  /** How long until work is expected without a hint; {@code MAX_VALUE} if the poll is enough. */
  long nanosToLookAgain() {
    return lookAgain == 0
        ? Long.MAX_VALUE
        : Math.max(0, lookAgain - (System.nanoTime() - answeredAt));
  }

  /**
   * Whether the next claim goes on with a search that a claim has left unfinished. It does not when
   * there have been as many partial claims as a search may have: then it is the store that is
   * wrong.
   */
  boolean goesOn(boolean partial) {
    partialClaims = partial ? partialClaims + 1 : 0;
    return partial && partialClaims % Claim.MAX_PARTS != 0;
  }

  /** Call this before a claim: a hint that comes during the claim counts for the next one. */
  void asked(int limit) {
    wasExpected = expected;
    expected = false;
    askedFor += limit;
  }

  /** Call this when a claim is over, however it has ended. */
  void returned(int limit) {
    askedFor -= limit;
  }

  /**
   * Notes the answer to a claim.
   *
   * @param jobs how many jobs it brought
   * @param known how many of them have a handler here that can probably read them
   */
  void answered(int jobs, int known) {
    lastAnswerAt = System.nanoTime();
    failures.succeeded();
    apart = false;
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
      // The queue gives only jobs that this worker cannot run. It is asked less often, or these
      // would be claimed and released over and over.
      unknownTypes.failed();
    }
  }

  /** How long ago the store last answered a claim; null if it has not yet. Safe on any thread. */
  @Nullable Duration sinceLastAnswer() {
    Long at = lastAnswerAt;
    return at == null ? null : Duration.ofNanos(System.nanoTime() - at);
  }

  boolean isFailing() {
    return failures.isFailing();
  }

  void failed() {
    failures.failed();
  }
}
