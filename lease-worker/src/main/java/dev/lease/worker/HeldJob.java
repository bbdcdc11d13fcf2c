package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.worker.LocalClock.Deadline;
import dev.lease.worker.WorkerStatus.ActiveJob;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One job, from its claim until its settlement is answered. News about the lease goes to this
 * object, so that a late answer never reaches the next job of the same slot [W08].
 */
final class HeldJob {

  /** Why a handler should stop. */
  enum StopReason {
    /** The store says that the lease is lost. */
    LOST,
    /** The lease has expired by the local clock. */
    EXPIRED,
    /** The handler runs longer than its maximum run time [W13]. */
    OVERDUE,
    /** The cancellation of the job was requested. */
    CANCELLED,
    /** The worker stops, and its grace is over. */
    STOPPING
  }

  private static final int FRAMES_TO_SHOW = 20;

  /** A handler that runs on for so long after it lost its lease is stuck. */
  private static final long TIME_TO_STOP = Duration.ofSeconds(5).toNanos();

  private static final long FIRST_BUSY_PAUSE = Duration.ofMillis(40).toNanos();

  private final ClaimedJob claimed;
  private final LastProgress progress = new LastProgress();
  private final LeaseTime time;

  /** Runs from before the claim was sent. */
  private final Deadline sinceClaim;

  private volatile @Nullable Backoff busy;

  /** Where the handler hung when it was found stuck. */
  private volatile @Nullable String place;

  private volatile boolean settled;
  private volatile boolean snoozed;
  private final Set<StopReason> reasons = ConcurrentHashMap.newKeySet();

  // All guarded by this, so that an interrupt never reaches the thread's next job [W08].
  private @Nullable Thread runner;
  private @Nullable Instant since;
  private @Nullable Duration maxRunTime;
  private long begun;
  private boolean lossSeen;
  private Duration ran = Duration.ZERO;
  private @Nullable Throwable failure;
  private long lossSeenAt;

  HeldJob(ClaimedJob claimed, Deadline deadline) {
    this.claimed = claimed;
    this.sinceClaim = deadline;
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

  /** Whether an earlier attempt at the job crashed, so that this one may crash its worker too. */
  boolean hasCrashed() {
    return claimed.crashes() > 0;
  }

  /**
   * Whether the job has crashed before, or its next crash would be its last. A crash of this worker
   * would count for it too while it waits, so it may wait only as far as the worker trusts [W06].
   */
  boolean isFragile() {
    return hasCrashed() || claimed.maxCrashes() == 1;
  }

  /** Whether the job has a key, so that nobody else can use its slot while it waits [W36]. */
  boolean hasKey() {
    return claimed.key() != null;
  }

  /** Whether the store makes the job FAILED if this attempt is settled as a retry. */
  boolean isLastFailure() {
    Integer most = claimed.maxFailures();
    return most != null && claimed.failures() + 1 >= most;
  }

  /** How long until the deadline of the job, never less than zero; empty if it has none. */
  Optional<Duration> timeLeft() {
    return Optional.ofNullable(claimed.notAfter())
        .map(notAfter -> Duration.between(claimed.claimedAt(), notAfter))
        .map(atClaim -> atClaim.minusNanos(sinceClaim.nanosPassed()))
        .map(left -> left.isNegative() ? Duration.ZERO : left);
  }

  long nanosLeft() {
    return settled ? Long.MAX_VALUE : time.nanosLeft();
  }

  /** Call this if the handler has settled the job itself, so that there is no lease to extend. */
  void settled() {
    settled = true;
  }

  /** Call this if the handler has snoozed the job, so that it is not just released. */
  void setSnoozed() {
    snoozed = true;
  }

  boolean isSnoozed() {
    return snoozed;
  }

  boolean isSettled() {
    return settled;
  }

  /** Notes an extension. The answer to an earlier call may come later; it shortens nothing. */
  synchronized void extended(Deadline deadline) {
    if (deadline.nanosLeft() >= time.nanosLeft()) {
      time.extended(deadline);
      busy = null;
    }
  }

  /**
   * Call this if a transaction locked the job when its lease should have been extended. The lease
   * is asked for again after a pause, which grows up to the given length.
   */
  synchronized void busy(long longestPause) {
    Backoff pause = busy;
    if (pause == null) {
      pause = new Backoff(FIRST_BUSY_PAUSE, longestPause);
      busy = pause;
    }
    pause.failed();
  }

  /** How long until the lease of a busy job should be extended again; 0 if it is not busy. */
  synchronized long nanosBusy() {
    Backoff pause = busy;
    return pause == null ? 0 : pause.nanosLeft(Long.MAX_VALUE);
  }

  boolean isBusy() {
    return busy != null;
  }

  /** Whether only the wall clock says that the lease has expired. The store is asked then [W02]. */
  boolean isDoubtful() {
    return !isLost() && time.isDoubtful();
  }

  /** Whether the lease is lost. Once it is, it stays so: a later answer changes nothing. */
  boolean isLost() {
    boolean expired = settled ? time.isKnownToHaveExpired() : time.hasExpired();
    return expired || isLostInStore();
  }

  /** Whether the lease is lost by the local clocks, and not just because the store said so. */
  boolean isExpired() {
    return isLost() && time.isKnownToHaveExpired();
  }

  /** Whether the store has said that the lease is lost, so that there is nothing to settle. */
  boolean isLostInStore() {
    return reasons.contains(StopReason.LOST);
  }

  boolean isCancelled() {
    return reasons.contains(StopReason.CANCELLED);
  }

  /** Whether the handler was told that it runs longer than its maximum run time [W13]. */
  boolean isOverdue() {
    return reasons.contains(StopReason.OVERDUE);
  }

  /**
   * Whether the lease should be extended. While the handler is overdue it is not. It is again once
   * the handler has returned or thrown, until the job is settled.
   */
  synchronized boolean isKept() {
    return !settled && !isLost() && (runner == null || !isOverdue());
  }

  /** Whether the handler was told to stop, for whatever reason. */
  boolean isToldToStop() {
    return !reasons.isEmpty();
  }

  /** Whether the handler should stop: it was told so, or the lease is lost. */
  boolean shouldStop() {
    return isToldToStop() || isLost();
  }

  void checkActive() {
    checkNotLost();
    if (shouldStop()) {
      throw new CancellationException("job " + this + whyStopped());
    }
  }

  private String whyStopped() {
    if (isOverdue()) {
      return " runs longer than " + maxRunTime() + ", its maximum run time";
    }
    return isCancelled()
        ? " must stop: its cancellation was requested"
        : " must stop: the worker stops, and its grace is over";
  }

  /**
   * Throws if the lease is lost. If the store is being asked whether it is, waits for the answer.
   */
  void checkNotLost() {
    boolean lost = isLost();
    if (!lost && time.isDoubtful()) {
      time.awaitCertainty(() -> isDoubtful() && !isToldToStop());
      lost = isLost();
    }
    if (lost) {
      throw new LeaseLostException("the lease of job " + this + " is lost");
    }
  }

  /**
   * Marks this thread as the one that runs the job, for at most {@code maxRunTime}; false if the
   * job should not be started any more.
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

  /** Notes that the handler has returned, or what it threw. */
  synchronized void end(@Nullable Throwable failure) {
    runner = null;
    ran = Duration.ofNanos(nanoTime() - begun);
    this.failure = failure;
  }

  /** Whether the handler has ended, so that what is left of the job is to settle it. */
  synchronized boolean hasRun() {
    return since != null && runner == null;
  }

  /** How long the handler has run; zero if it has not ended. */
  synchronized Duration ran() {
    return ran;
  }

  /** What the handler threw. */
  synchronized @Nullable Throwable failure() {
    return failure;
  }

  private long nanoTime() {
    return time.nanoTime();
  }

  /** The maximum run time of a job that is overdue, for texts. */
  synchronized String maxRunTime() {
    return Limits.shown(Objects.requireNonNull(maxRunTime));
  }

  /** How much longer the handler may run; {@code MAX_VALUE} if it does not run or has no limit. */
  synchronized long nanosToRun() {
    return runner == null || maxRunTime == null
        ? Long.MAX_VALUE
        : maxRunTime.toNanos() - (nanoTime() - begun);
  }

  /** Marks the handler as stuck if it still runs; returns once, then, where it hangs [W13]. */
  synchronized Optional<String> giveUp() {
    if (place != null || runner == null) {
      return Optional.empty();
    }
    String hangs =
        Arrays.stream(runner.getStackTrace())
            .limit(FRAMES_TO_SHOW)
            .map(frame -> "\n\tat " + frame)
            .collect(Collectors.joining("", "thread " + runner.getName(), ""));
    place = hangs;
    return Optional.of(hangs);
  }

  boolean isStuck() {
    return place != null;
  }

  /**
   * Whether the handler still runs although the loss of its lease was noticed a while ago [W13].
   */
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

  /**
   * Tells the handler to stop, and interrupts it once for each reason; false if it was told this
   * reason before or does not run.
   */
  synchronized boolean tellToStop(StopReason reason) {
    boolean isNew = reasons.add(reason);
    if (!isNew || runner == null) {
      return false;
    }
    runner.interrupt();
    return true;
  }

  /** Whether the handler is inside {@code Runtime.exit}, which waits for the shutdown hooks. */
  synchronized boolean isInExit() {
    return runner != null && HandlerThreads.isInExit(runner);
  }

  synchronized Optional<ActiveJob> active() {
    if (since == null || runner == null) {
      return Optional.empty();
    }
    return Optional.of(new ActiveJob(claimed, since, progress.last(), place));
  }

  /** For log messages. */
  @Override
  public String toString() {
    return ErrorText.job(claimed.type(), lease().jobId(), lease().queue())
        + " (attempt "
        + claimed.attempt()
        + ", token "
        + lease().token()
        + ")";
  }
}
