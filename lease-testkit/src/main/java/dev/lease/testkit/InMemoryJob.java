package dev.lease.testkit;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One job and its moves. Policy 12 is here: every edge between states is one method. */
class InMemoryJob {

  /** Q13: priority, then due time, then order of enqueue. */
  static final Comparator<InMemoryJob> CLAIM_ORDER =
      Comparator.comparingInt((InMemoryJob job) -> -job.input.priority())
          .thenComparing(job -> job.dueAt)
          .thenComparingLong(job -> job.place);

  private static final String LEASE_EXPIRED = "lease expired";
  private static final Duration KEEP_DONE = Duration.ofHours(24);
  private static final Duration KEEP_OTHERS = Duration.ofDays(7);

  final Map<String, String> checkpoints = new LinkedHashMap<>();

  final NewJob input;
  final long place;
  final Instant createdAt;
  Instant dueAt;
  int attempts;
  long token;
  @Nullable JobLease hold;
  @Nullable Ending ending;
  boolean cancelRequested;
  @Nullable Progress progress;
  @Nullable String result;
  @Nullable String error;

  record Ending(JobState state, Instant at, Duration keep) {}

  InMemoryJob(NewJob input, long place, Instant now) {
    this.input = input;
    this.place = place;
    this.createdAt = now;
    this.dueAt = dueAt(input.due(), now);
  }

  private static Instant dueAt(Due due, Instant now) {
    return due instanceof Due.After after ? dueAfter(after.delay(), now) : ((Due.At) due).instant();
  }

  String queue() {
    return input.queue();
  }

  String id() {
    return input.id();
  }

  String type() {
    return input.type();
  }

  @Nullable String dedupKey() {
    return input.dedupKey();
  }

  long place() {
    return place;
  }

  long token() {
    return token;
  }

  Instant dueAt() {
    return dueAt;
  }

  JobState state() {
    if (ending != null) {
      return ending.state();
    }
    if (hold != null) {
      return JobState.PROCESSING;
    }
    return attempts == 0 ? JobState.PENDING : JobState.RETRY;
  }

  /** True if a claim takes note of it: to give it, or to end it. */
  boolean isUpForClaim(Instant now) {
    return ending == null && !now.isBefore(dueAt) && (hold == null || isExpired(now));
  }

  boolean isExpired(Instant now) {
    return hold != null && !now.isBefore(hold.expiresAt());
  }

  /** True until the job is claimed again, reset or settled, also after expiry [Q23, Q28]. */
  boolean isHeldBy(JobLease lease) {
    return hold != null && token == lease.token();
  }

  boolean isKeptNoLonger(Instant now) {
    return ending != null && !now.isBefore(ending.at().plus(ending.keep()));
  }

  boolean isFinishedSince(Duration age, Instant now) {
    return ending != null && !now.isBefore(ending.at().plus(age));
  }

  ClaimedJob claim(String worker, long newToken, Duration duration, Instant now) {
    attempts++;
    token = newToken;
    hold = new JobLease(queue(), id(), worker, token, leaseEnd(duration, now));
    return new ClaimedJob(
        hold,
        input.type(),
        input.payload(),
        attempts,
        input.maxAttempts(),
        input.priority(),
        dueAt,
        input.headers());
  }

  Extension extend(Duration duration, Instant now) {
    if (hold == null || isExpired(now)) {
      return new Extension.Lost();
    }
    Instant end = leaseEnd(duration, now);
    hold = new JobLease(queue(), id(), hold.owner(), token, end);
    return new Extension.Held(end, cancelRequested);
  }

  void progress(Progress progress) {
    this.progress = progress;
  }

  /** The first value of a step wins [Q26]. */
  String checkpoint(String step, String value) {
    return checkpoints.computeIfAbsent(step, first -> value);
  }

  void done(@Nullable String result, Instant now) {
    this.result = result;
    error = null;
    end(JobState.DONE, KEEP_DONE, now);
  }

  void fail(String error, Instant now) {
    this.error = error;
    end(JobState.FAILED, KEEP_OTHERS, now);
  }

  void retry(Duration delay, String error, Instant now) {
    this.error = error;
    if (cancelRequested) {
      cancel(now);
    } else if (isExhausted()) {
      fail(error, now);
    } else {
      hold = null;
      dueAt = dueAfter(delay, now);
    }
  }

  /** The attempt does not count, and the due time moves only if a delay was asked for [Q35]. */
  void release(Duration delay, Instant now) {
    attempts--;
    if (cancelRequested) {
      cancel(now);
    } else {
      hold = null;
      dueAt = delay.isZero() ? dueAt : dueAfter(delay, now);
    }
  }

  /** What a claim or a reset does with a job whose lease has expired [Q20, Q38, Q40]. */
  void loseHold(Instant now) {
    if (cancelRequested) {
      cancel(now);
    } else if (isExhausted()) {
      fail(LEASE_EXPIRED, now);
    } else {
      hold = null;
    }
  }

  void cancel(Instant now) {
    end(JobState.CANCELLED, KEEP_OTHERS, now);
  }

  void requestCancel() {
    cancelRequested = true;
  }

  /** The error and the progress stay, as history [Q45]. */
  void requeue(Instant now) {
    ending = null;
    attempts = 0;
    dueAt = now;
  }

  boolean isExhausted() {
    return attempts >= input.maxAttempts();
  }

  void end(JobState state, Duration defaultKeep, Instant now) {
    Duration own = input.keep();
    hold = null;
    cancelRequested = false;
    ending = new Ending(state, now, own == null ? defaultKeep : own);
  }

  /** Rounded down: a lease never ends later than it was asked to [L20]. */
  static Instant leaseEnd(Duration duration, Instant now) {
    return now.plus(duration).truncatedTo(ChronoUnit.MICROS);
  }

  /** Rounded up: a job is never due before it was asked to be [Q14]. */
  static Instant dueAfter(Duration delay, Instant now) {
    return now.plus(delay).plusNanos(999).truncatedTo(ChronoUnit.MICROS);
  }

  Job asOf(Instant now) {
    return new Job(
        queue(),
        id(),
        input.type(),
        input.payload(),
        input.priority(),
        input.maxAttempts(),
        input.dedupKey(),
        input.headers(),
        ending == null ? input.keep() : ending.keep(),
        state(),
        attempts,
        token,
        hold,
        cancelRequested,
        progress,
        result,
        error,
        createdAt,
        dueAt,
        ending == null ? null : ending.at(),
        now);
  }
}
