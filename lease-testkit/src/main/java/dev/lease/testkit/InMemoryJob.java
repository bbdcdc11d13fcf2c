package dev.lease.testkit;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.FailedAttempt;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.PartState;
import dev.lease.Progress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One job and its changes of state: each change that policy 12 allows is one method. */
class InMemoryJob {

  /** Priority, then due time or time of admission, then order of enqueue [Q13, Q65]. */
  static final Comparator<InMemoryJob> CLAIM_ORDER =
      Comparator.comparingInt((InMemoryJob job) -> -job.input.priority())
          .thenComparing(InMemoryJob::turn)
          .thenComparingLong(job -> job.place);

  /** An id is remembered for at least this long [Q02]. */
  static final Duration KEEP_AT_LEAST = Duration.ofSeconds(3);

  private static final Duration KEEP_DONE = Duration.ofHours(24);
  private static final Duration KEEP_OTHERS = Duration.ofDays(7);

  final Map<String, String> checkpoints = new LinkedHashMap<>();

  /** What the job was enqueued with, including later changes by operators. */
  NewJob input;

  final Deque<FailedAttempt> failedAttempts = new ArrayDeque<>();
  final long place;
  final Instant createdAt;
  Instant dueAt;
  @Nullable Instant notAfter;
  @Nullable Instant dedupUntil;
  int attempts;
  int failures;
  long token;
  @Nullable JobLease hold;
  @Nullable Finish finish;
  Stand stand;

  /** The graph and the part that it is a job of, or null. */
  @Nullable String graph;

  InMemoryGraph.@Nullable Part part;

  /** Whether it waits for other parts, so that no claim looks at it [Q73]. */
  boolean waits;

  /**
   * Whether it was cancelled since a part before it failed, and nothing else has happened to it
   * [Q75].
   */
  boolean cancelledForPart;

  /** Where an admitted job stands in the queue, and when it starts at the earliest. */
  private @Nullable Instant turn;

  /** False while the call runs that stores the job. */
  private boolean isStored;

  boolean cancelRequested;
  @Nullable Progress progress;
  @Nullable String result;
  @Nullable String error;

  /** How far a job has come: without a key it is always open. */
  enum Stand {
    /** Not due, or without a slot of its key. */
    WAITING,
    /** Has a slot of its key. */
    ADMITTED,
    /** Has a slot of the queue too, so claims look at it. */
    OPEN
  }

  record Finish(JobState state, Instant at, Duration keep) {}

  InMemoryJob(NewJob input, long place, Instant now) {
    this.input = input;
    this.place = place;
    this.createdAt = now;
    this.stand = input.key() == null ? Stand.OPEN : Stand.WAITING;
    Job made = input.toJob(now);
    this.dueAt = made.dueAt();
    this.notAfter = made.notAfter();
    this.dedupUntil = made.dedupUntil();
  }

  /** It is stored as a job of a part, and waits for the rest of the graph. */
  void join(String graph, InMemoryGraph.Part part) {
    this.graph = graph;
    this.part = part;
    this.waits = true;
  }

  /** The parts before it have ended: from now on it is a job like any other [Q73]. */
  void letGo(Instant now) {
    waits = false;
    dueAt = now.isAfter(dueAt) ? now : dueAt;
  }

  /** A part before it failed [Q75]. */
  void cancelForPart(String reason, Instant now) {
    giveUp(reason, now);
    cancelledForPart = true;
  }

  /** The part that failed has been given another try [Q76]. */
  void waitAgain() {
    finish = null;
    error = null;
    waits = true;
    cancelledForPart = false;
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

  @Nullable String jobKey() {
    return input.key();
  }

  boolean hasKey(String key) {
    return key.equals(jobKey());
  }

  /** Its key, if it has one. */
  List<String> keys() {
    String key = jobKey();
    return key == null ? List.of() : List.of(key);
  }

  boolean isAdmitted() {
    return stand != Stand.WAITING;
  }

  boolean isOpen() {
    return stand == Stand.OPEN;
  }

  Instant turn() {
    return turn == null ? dueAt : turn;
  }

  boolean isDue(Instant now) {
    return finish == null && hold == null && !waits && !now.isBefore(dueAt);
  }

  /** Due, and without the slots that it needs [Q69]. */
  boolean isHeldBack(Instant now) {
    return isDue(now) && (!isAdmitted() || (!isOpen() && !now.isBefore(turn())));
  }

  /** A job that is stored in this very step keeps its due time as its turn [Q65]. */
  void admit(Instant start, Instant now) {
    stand = Stand.ADMITTED;
    turn = isStored || start.isAfter(now) ? start : null;
  }

  void stored() {
    isStored = true;
  }

  void open() {
    stand = Stand.OPEN;
  }

  /** Gives the slot of the queue back. */
  void shut() {
    stand = Stand.ADMITTED;
  }

  /** Gives both slots back. */
  void giveBackSlot() {
    stand = Stand.WAITING;
    turn = null;
  }

  /** Keeps the slot of its key, and starts later. */
  void startNotBefore(Instant until) {
    if (until.isAfter(turn())) {
      turn = until;
      stand = Stand.ADMITTED;
    }
  }

  /** It is due later, so the slot of the queue is free, and that of its key unless in order. */
  void putOff(boolean keepsSlot) {
    turn = null;
    if (jobKey() != null && finish == null) {
      stand = keepsSlot && isAdmitted() ? Stand.ADMITTED : Stand.WAITING;
    }
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

  @Nullable Instant claimedAt() {
    return Micros.ofToken(token);
  }

  JobState state() {
    if (finish != null) {
      return finish.state();
    }
    if (hold != null) {
      return JobState.PROCESSING;
    }
    return attempts == 0 ? JobState.PENDING : JobState.RETRY;
  }

  /** True if a claim looks at the job: to give it, or to finish it. */
  boolean isUpForClaim(Instant now) {
    return finish == null
        && !waits
        && isOpen()
        && !now.isBefore(turn())
        && (hold == null || isExpired(now));
  }

  boolean isExpired(Instant now) {
    return hold != null && !now.isBefore(hold.expiresAt());
  }

  /** True until the job is claimed again, reset or settled, also after expiry [Q23, Q28]. */
  boolean isHeldBy(JobLease lease) {
    return hold != null && token == lease.token();
  }

  boolean isKeptNoLonger(Instant now) {
    return finish != null && !now.isBefore(finish.at().plus(finish.keep()));
  }

  boolean isFinishedSince(Duration age, Instant now) {
    return finish != null && !now.isBefore(finish.at().plus(age));
  }

  ClaimedJob claim(String worker, long newToken, Duration duration, Instant now) {
    attempts++;
    token = newToken;
    hold = lease(worker, expiry(duration, now));
    return ClaimedJob.of(asOf(now), now);
  }

  JobLease lease(String worker, Instant expiresAt) {
    return JobLease.of(queue(), id(), worker, token, expiresAt);
  }

  Extension extend(Duration duration, Instant now) {
    if (hold == null || isExpired(now)) {
      return Extension.lost();
    }
    Instant expiresAt = expiry(duration, now);
    hold = lease(hold.owner(), expiresAt);
    return Extension.held(expiresAt, cancelRequested);
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
    finish(JobState.DONE, KEEP_DONE, now);
  }

  void fail(String error, Instant now) {
    failures++;
    attemptFailed(error, now);
    this.error = error;
    finish(JobState.FAILED, KEEP_OTHERS, now);
  }

  /** Nothing failed, so no failed attempt is recorded. */
  void giveUp(String reason, Instant now) {
    error = reason;
    cancel(now);
  }

  void retry(Duration delay, String error, Instant now) {
    failures++;
    attemptFailed(error, now);
    this.error = error;
    if (cancelRequested) {
      cancel(now);
    } else if (hasFailedTooOften()) {
      finish(JobState.FAILED, KEEP_OTHERS, now);
    } else {
      hold = null;
      turn = null;
      dueAt = Due.after(delay).from(now);
    }
  }

  /** Records a failed attempt; only the last ones are kept [Q57]. */
  void attemptFailed(String error, Instant now) {
    String worker = Objects.requireNonNull(hold).owner();
    failedAttempts.add(
        FailedAttempt.builder(attempts, worker, token, now)
            .claimedAt(claimedAt())
            .error(error)
            .build());
    if (failedAttempts.size() > Limits.MAX_FAILED_ATTEMPTS) {
      failedAttempts.removeFirst();
    }
  }

  /** The attempt does not count, and the due time changes only if a delay was given [Q35]. */
  void release(Duration delay, Instant now) {
    attempts--;
    if (cancelRequested) {
      cancel(now);
    } else {
      hold = null;
      dueAt = delay.isZero() ? dueAt : Due.after(delay).from(now);
    }
  }

  /** What a claim or a reset does to a job whose lease has expired [Q20, Q38, Q40]. */
  void loseHold(Instant now) {
    attemptFailed(Limits.LEASE_EXPIRED, now);
    if (cancelRequested) {
      cancel(now);
    } else if (hasCrashedTooOften()) {
      error = Limits.LEASE_EXPIRED;
      finish(JobState.FAILED, KEEP_OTHERS, now);
    } else if (isOverdue(now)) {
      missDeadline(now);
    } else {
      hold = null;
    }
  }

  /** No attempt failed because of it, so no failed attempt is recorded [Q81]. */
  void missDeadline(Instant now) {
    error = Limits.DEADLINE_PASSED;
    cancel(now);
  }

  boolean isOverdue(Instant now) {
    return notAfter != null && now.isAfter(notAfter);
  }

  /** Whether a claim finishes the job when it meets it [Q20, Q38, Q81]. */
  boolean finishesWhenMet(Instant now) {
    return isOverdue(now) || (isExpired(now) && (cancelRequested || hasCrashedTooOften()));
  }

  /** Finishes a job that is spent. */
  void finishSpent(Instant now) {
    if (isExpired(now)) {
      loseHold(now);
    } else {
      missDeadline(now);
    }
  }

  int payloadBytes() {
    return input.payload().getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * Fields that are not set stay, and so does its place among jobs that are due at the same time
   * [Q56].
   */
  void change(JobChange change, Instant now) {
    Job changed = change.applyTo(asOf(now), now);
    dueAt = changed.dueAt();
    notAfter = changed.notAfter();
    input =
        input.toBuilder()
            .priority(changed.priority())
            .maxCrashes(changed.maxCrashes())
            .maxFailures(changed.maxFailures())
            .payload(changed.payload())
            .build();
  }

  void cancel(Instant now) {
    finish(JobState.CANCELLED, KEEP_OTHERS, now);
  }

  void requestCancel() {
    cancelRequested = true;
  }

  /** The error and the progress stay as a record of the past [Q45]. */
  void requeue(Instant due) {
    finish = null;
    putOff(false);
    attempts = 0;
    failures = 0;
    notAfter = null;
    dueAt = due;
    waits = part != null && part.stage == PartState.Stage.WAITING;
    cancelledForPart = false;
  }

  /** How many attempts crashed, of a job that nobody holds or whose lease has expired. */
  int crashes() {
    return attempts - failures;
  }

  boolean hasCrashedTooOften() {
    return crashes() >= input.maxCrashes();
  }

  boolean hasFailedTooOften() {
    return input.maxFailures() != null && failures >= input.maxFailures();
  }

  void finish(JobState state, Duration defaultKeep, Instant now) {
    Duration keep = input.keep() == null ? defaultKeep : input.keep();
    hold = null;
    cancelRequested = false;
    waits = false;
    finish = new Finish(state, now, keep.compareTo(KEEP_AT_LEAST) < 0 ? KEEP_AT_LEAST : keep);
  }

  /** Rounded down, so that a lease never lasts longer than requested [L20]. */
  static Instant expiry(Duration duration, Instant now) {
    return now.plus(duration).truncatedTo(ChronoUnit.MICROS);
  }

  Job asOf(Instant now) {
    return input.toJob(createdAt).toBuilder()
        .notAfter(notAfter)
        .dedupUntil(dedupUntil)
        .keep(finish == null ? input.keep() : finish.keep())
        .state(state())
        .attempts(attempts)
        .failures(failures)
        .claimedAt(claimedAt())
        .token(token)
        .lease(hold)
        .cancelRequested(cancelRequested)
        .heldBack(jobKey() != null && isHeldBack(now))
        .graph(graph, part == null ? null : part.definition.name())
        .waitsForParts(waits)
        .progress(progress)
        .result(result)
        .error(error)
        .dueAt(dueAt)
        .finishedAt(finish == null ? null : finish.at())
        .asOf(now)
        .build();
  }

  FinishedJob finished() {
    return FinishedJob.of(asOf(createdAt));
  }
}
