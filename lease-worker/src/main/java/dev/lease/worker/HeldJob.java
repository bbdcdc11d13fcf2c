package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import dev.lease.worker.LocalClock.Deadline;
import dev.lease.worker.WorkerStatus.ActiveJob;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One job from its claim to the answer to its settlement. Whatever is learned about the lease goes
 * to this object and so never to another job of the same slot [W08].
 */
final class HeldJob {

  /** Why a handler has no business to go on. */
  enum StopReason {
    /** The store says that the lease is lost. */
    LOST,
    /** The local deadline has passed. */
    EXPIRED,
    /** It runs longer than its type allows [W13]. */
    OVERDUE,
    CANCELLED,
    STOPPING
  }

  private static final int FRAMES_TO_SHOW = 20;

  /** How long a handler has to end when its lease is lost; after that it is stuck. */
  private static final long TIME_TO_STOP = Duration.ofSeconds(5).toNanos();

  private static final long FIRST_BUSY_PAUSE = Duration.ofMillis(40).toNanos();

  private final ClaimedJob claimed;
  private final LastProgress progress = new LastProgress();
  private final LeaseTime time;
  private volatile @Nullable Backoff busy;
  private volatile boolean stuck;
  private volatile boolean settled;
  private final Set<StopReason> reasons = ConcurrentHashMap.newKeySet();

  // All guarded by this, so that an interrupt never reaches the next job of the thread [W08].
  private @Nullable Thread runner;
  private @Nullable Instant since;
  private @Nullable Duration maxRunTime;
  private long begun;
  private boolean lossSeen;
  private long lossSeenAt;

  HeldJob(ClaimedJob claimed, Deadline deadline) {
    this.claimed = claimed;
    this.time = new LeaseTime(deadline);
  }

  ClaimedJob claimed() {
    return claimed;
  }

  JobLease lease() {
    return claimed.lease();
  }

  LastProgress progress() {
    return progress;
  }

  /** A crash of this worker must not cost a neighbour its last attempts [W06]. */
  boolean mustNotWait() {
    return claimed.attempt() > 1 || isLastAttempt();
  }

  boolean isLastAttempt() {
    return claimed.attempt() >= claimed.maxAttempts();
  }

  long nanosLeft() {
    return settled ? Long.MAX_VALUE : time.nanosLeft();
  }

  /** Its handler has settled the job itself: there is nothing left to keep or to lose. */
  void settled() {
    settled = true;
  }

  boolean isSettled() {
    return settled;
  }

  synchronized void extended(Deadline deadline) {
    time.extended(deadline);
    busy = null;
  }

  /** A transaction had the job when its lease was to be extended, for at most that long a pause. */
  synchronized void busy(long longestPause) {
    Backoff pause = busy;
    if (pause == null) {
      pause = new Backoff(FIRST_BUSY_PAUSE, longestPause);
      busy = pause;
    }
    pause.failed();
  }

  /** How long until its lease is to be asked for again that was busy; 0 if it was not. */
  synchronized long nanosBusy() {
    Backoff pause = busy;
    return pause == null ? 0 : pause.nanosLeft(Long.MAX_VALUE);
  }

  boolean isBusy() {
    return busy != null;
  }

  /** Whether only the wall clock says that the lease is over: the store is asked [W02]. */
  boolean isDoubtful() {
    return !isLost() && time.isDoubtful();
  }

  /** Once it is, it stays so: an answer that comes later changes nothing. */
  boolean isLost() {
    boolean expired = settled ? time.isKnownToHaveExpired() : time.hasExpired();
    return expired || isLostInStore();
  }

  /** Whether it is lost by the local clock, or since the store gave no answer to a doubt. */
  boolean isExpired() {
    return isLost() && time.isKnownToHaveExpired();
  }

  /** Whether the store has said that there is nothing left to settle. */
  boolean isLostInStore() {
    return reasons.contains(StopReason.LOST);
  }

  boolean isCancelled() {
    return reasons.contains(StopReason.CANCELLED);
  }

  /** Whether the handler was told that it runs longer than its type allows [W13]. */
  boolean isOverdue() {
    return reasons.contains(StopReason.OVERDUE);
  }

  /**
   * Whether the lease is to be extended. One that is overdue is kept again when its handler has
   * ended, for its settlement.
   */
  synchronized boolean isKept() {
    return !settled && !isLost() && (runner == null || !isOverdue());
  }

  /** Whether there is a reason to end of which the handler was told. */
  boolean isToldToStop() {
    return !reasons.isEmpty();
  }

  /** Whether the handler was told, by an interrupt or before it began, to end. */
  boolean shouldStop() {
    return isToldToStop() || isLost();
  }

  void checkActive() {
    checkNotLost();
    if (shouldStop()) {
      throw new CancellationException(this + whyStopped());
    }
  }

  private String whyStopped() {
    if (isOverdue()) {
      return " runs longer than " + maxRunTime() + ", the maximum of its type";
    }
    return isCancelled() ? " is to be cancelled" : " outlasted the worker's grace";
  }

  /** Waits where the store is being asked whether it is. */
  void checkNotLost() {
    boolean lost = isLost();
    if (!lost && time.isDoubtful()) {
      time.awaitCertainty(() -> isDoubtful() && !isToldToStop());
      lost = isLost();
    }
    if (lost) {
      throw new LeaseLostException("the lease of " + this + " is lost");
    }
  }

  /**
   * Starts the run on this thread, for that time at most; false if there is no business to start
   * it.
   */
  synchronized boolean begin(@Nullable Duration maxRunTime) {
    if (shouldStop()) {
      return false;
    }
    runner = Thread.currentThread();
    since = Instant.now();
    this.maxRunTime = maxRunTime;
    begun = nanoTime();
    return true;
  }

  synchronized void end() {
    runner = null;
  }

  private long nanoTime() {
    return time.nanoTime();
  }

  synchronized @Nullable Duration maxRunTime() {
    return maxRunTime;
  }

  /** How long the handler may run on; without end if it does not run, or may run for ever. */
  synchronized long nanosToRun() {
    return runner == null || maxRunTime == null
        ? Long.MAX_VALUE
        : maxRunTime.toNanos() - (nanoTime() - begun);
  }

  /** Takes the slot for lost; answers, once, where the handler hangs, if it still runs [W13]. */
  synchronized Optional<String> giveUp() {
    if (stuck || runner == null) {
      return Optional.empty();
    }
    stuck = true;
    return Optional.of(
        Arrays.stream(runner.getStackTrace())
            .limit(FRAMES_TO_SHOW)
            .map(frame -> "\n\tat " + frame)
            .collect(Collectors.joining("", "thread " + runner.getName(), "")));
  }

  boolean isStuck() {
    return stuck;
  }

  /** Whether the handler still runs a good while after it lost its lease [W13]. */
  synchronized boolean ignoresInterrupt() {
    if (runner == null || !isLost() || settled) {
      return false;
    }
    if (!lossSeen) {
      lossSeen = true;
      lossSeenAt = nanoTime();
    }
    return nanoTime() - lossSeenAt >= TIME_TO_STOP;
  }

  synchronized boolean isRunBy(Thread thread) {
    return runner == thread;
  }

  /** Tells the handler, once for each reason; false if it was told before or does not run. */
  synchronized boolean tellToStop(StopReason reason) {
    boolean isNew = reasons.add(reason);
    if (!isNew || runner == null) {
      return false;
    }
    runner.interrupt();
    return true;
  }

  /** The handler is in {@code Runtime.exit}, which waits for the shutdown hooks [E10]. */
  synchronized boolean isInExit() {
    if (runner == null) {
      return false;
    }
    for (StackTraceElement frame : runner.getStackTrace()) {
      if (frame.getClassName().equals("java.lang.Runtime")
          && frame.getMethodName().equals("exit")) {
        return true;
      }
    }
    return false;
  }

  synchronized Optional<ActiveJob> active() {
    if (since == null || runner == null) {
      return Optional.empty();
    }
    JobLease lease = lease();
    return Optional.of(
        new ActiveJob(
            lease.queue(),
            lease.jobId(),
            claimed.type(),
            claimed.attempt(),
            since,
            progress.last(),
            stuck));
  }

  /** For log messages. */
  @Override
  public String toString() {
    return claimed.type()
        + " "
        + lease().jobId()
        + " of queue "
        + lease().queue()
        + " (attempt "
        + claimed.attempt()
        + " of "
        + claimed.maxAttempts()
        + ", token "
        + lease().token()
        + ")";
  }
}
