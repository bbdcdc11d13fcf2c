package dev.lease.examples.customstore;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.Settlement;
import dev.lease.Settlement.Cancelled;
import dev.lease.Settlement.Done;
import dev.lease.Settlement.Failed;
import dev.lease.Settlement.Released;
import dev.lease.Settlement.Retry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A job with its checkpoints and failed attempts, as they are in the log. */
final class StoredJob {

  static final Set<Class<? extends Settlement>> SETTLEMENTS =
      Set.of(Done.class, Retry.class, Failed.class, Cancelled.class, Released.class);

  /** How long a call may last. An id is remembered for at least ten times as long [Q02]. */
  static final Duration LONGEST_CALL = Duration.ofMinutes(1);

  public Job job;
  public Map<String, String> steps = new LinkedHashMap<>();
  public List<FailedAttempt> failedAttempts = new ArrayList<>();

  /** Its place in the order of enqueueing, over all queues. */
  public final long number;

  /** Removed. The document stays while it holds its dedup key [Q82]. */
  public boolean gone;

  public StoredJob(Job job, long number) {
    this.job = job;
    this.number = number;
  }

  StoredJob with(UnaryOperator<Job.Builder> change) {
    job = change.apply(job.toBuilder()).build();
    return this;
  }

  StoredJob remove() {
    gone = true;
    return this;
  }

  boolean isFinished() {
    return job.state().isFinished();
  }

  /** A job holds its dedup key until it is finished, or for its own time [Q05, Q82]. */
  boolean holdsKey(@Nullable String key, Instant now) {
    return key != null && key.equals(job.dedupKey()) && (!isFinished() || isKeyKept(now));
  }

  boolean isKeyKept(Instant now) {
    return job.dedupUntil() != null && now.isBefore(job.dedupUntil());
  }

  boolean isExpired(Instant now) {
    return job.lease() != null && !now.isBefore(job.lease().expiresAt());
  }

  boolean isUpForClaim(Instant now) {
    return !isFinished() && !now.isBefore(job.dueAt()) && (job.lease() == null || isExpired(now));
  }

  /** Of a job that nobody holds any more: whether it crashed too often [Q20]. */
  private boolean hasCrashedTooOften() {
    return job.attempts() - job.failures() >= job.maxCrashes();
  }

  private boolean isOverdue(Instant now) {
    return job.notAfter() != null && now.isAfter(job.notAfter());
  }

  /** Whether a claim finishes the job instead of giving it [Q20, Q38, Q81]. */
  boolean isSpent(Instant now) {
    return isOverdue(now) || (isExpired(now) && (job.cancelRequested() || hasCrashedTooOften()));
  }

  ClaimedJob claim(String owner, long token, Instant now, Instant end) {
    var lease = JobLease.of(job.queue(), job.id(), owner, token, end);
    with(it -> it.state(JobState.PROCESSING).attempts(job.attempts() + 1));
    with(it -> it.claimedAt(now).token(token).lease(lease));
    return ClaimedJob.of(job, now);
  }

  StoredJob extend(Instant end) {
    String owner = Objects.requireNonNull(job.lease()).owner();
    return with(it -> it.lease(JobLease.of(job.queue(), job.id(), owner, job.token(), end)));
  }

  /** Ends the hold. The token stays, so that the next token is larger [Q36]. */
  StoredJob settle(Settlement settlement, Instant now) {
    if (settlement instanceof Done done) {
      with(it -> it.result(done.result())).finish(JobState.DONE, null, now);
    } else if (settlement instanceof Failed failed) {
      fail(failed.error(), now).finish(JobState.FAILED, failed.error(), now);
    } else if (settlement instanceof Cancelled cancelled) {
      finish(JobState.CANCELLED, cancelled.reason(), now);
    } else if (settlement instanceof Retry retry) {
      fail(retry.error(), now).with(it -> it.error(retry.error()));
      if (job.maxFailures() != null && job.failures() >= job.maxFailures()) {
        finish(job.cancelRequested() ? JobState.CANCELLED : JobState.FAILED, job.error(), now);
      } else {
        await(job.attempts(), Due.after(retry.delay()).from(now), now);
      }
    } else if (settlement instanceof Released released) {
      boolean hasDelay = !released.delay().isZero();
      Instant due = hasDelay ? Due.after(released.delay()).from(now) : job.dueAt();
      await(job.attempts() - 1, due, now);
    }
    return this;
  }

  private StoredJob fail(String error, Instant now) {
    attemptFailed(error, now);
    return with(it -> it.failures(job.failures() + 1));
  }

  private void attemptFailed(String error, Instant now) {
    String owner = Objects.requireNonNull(job.lease()).owner();
    failedAttempts.add(
        FailedAttempt.builder(job.attempts(), owner, job.token(), now)
            .claimedAt(job.claimedAt())
            .error(error)
            .build());
    if (failedAttempts.size() > Limits.MAX_FAILED_ATTEMPTS) {
      failedAttempts.remove(0);
    }
  }

  /** What a claim or a reset makes of a job whose lease has expired, or whose time is over. */
  StoredJob loseHold(Instant now) {
    boolean isExpired = isExpired(now);
    if (isExpired) {
      attemptFailed(Limits.LEASE_EXPIRED, now);
    }
    if (job.cancelRequested()) {
      return finish(JobState.CANCELLED, job.error(), now);
    }
    if (isExpired && hasCrashedTooOften()) {
      return finish(JobState.FAILED, Limits.LEASE_EXPIRED, now);
    }
    if (isOverdue(now)) {
      return finish(JobState.CANCELLED, Limits.DEADLINE_PASSED, now);
    }
    return isExpired ? await(job.attempts(), job.dueAt(), now) : this;
  }

  StoredJob finish(JobState state, @Nullable String why, Instant at) {
    return with(it -> it.state(state).lease(null).cancelRequested(false).error(why).finishedAt(at));
  }

  /** A job whose cancellation was requested waits no more [Q38]. */
  private StoredJob await(int attempts, Instant due, Instant now) {
    with(it -> it.attempts(attempts));
    if (job.cancelRequested()) {
      return finish(JobState.CANCELLED, job.error(), now);
    }
    JobState state = attempts == 0 ? JobState.PENDING : JobState.RETRY;
    return with(it -> it.state(state).lease(null).dueAt(due));
  }

  StoredJob requeue(Instant due) {
    with(it -> it.state(JobState.PENDING).attempts(0).failures(0).notAfter(null).dueAt(due));
    return with(it -> it.finishedAt(null));
  }

  /** How long the job is kept once it is finished [Q02, Q46]. */
  Duration keep() {
    Duration byState = Duration.ofDays(job.state() == JobState.DONE ? 1 : 7);
    Duration keep = job.keep() == null ? byState : job.keep();
    return Collections.max(List.of(keep, LONGEST_CALL.multipliedBy(10)));
  }

  boolean isFinishedSince(Duration age, Instant now) {
    return job.finishedAt() != null && !now.isBefore(job.finishedAt().plus(age));
  }

  /** Its place in an order, as a text that sorts as the places do. */
  String place(JobOrder order) {
    Instant finished = order == JobOrder.LAST_FINISHED_FIRST ? job.finishedAt() : null;
    return "%020d:%020d".formatted(finished == null ? 0 : Micros.of(finished), number);
  }

  Job asOf(Instant now) {
    return job.toBuilder().keep(isFinished() ? keep() : job.keep()).asOf(now).build();
  }
}
