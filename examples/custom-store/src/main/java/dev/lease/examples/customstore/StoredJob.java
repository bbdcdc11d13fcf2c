package dev.lease.examples.customstore;

import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A job and its checkpoints, as they are in the log. */
final class StoredJob {

  static final Set<Class<? extends Settlement>> SETTLEMENTS =
      Set.of(
          Settlement.Done.class,
          Settlement.Retry.class,
          Settlement.Failed.class,
          Settlement.Cancelled.class,
          Settlement.Released.class);
  public Job job;
  public final Map<String, String> steps;

  public StoredJob(Job job, Map<String, String> steps) {
    this.job = job;
    this.steps = new LinkedHashMap<>(steps);
  }

  StoredJob with(UnaryOperator<Job.Builder> change) {
    job = change.apply(job.toBuilder()).build();
    return this;
  }

  /** A job holds its dedup key until it is finished, or for its own time [Q05, Q82]. */
  boolean holdsKeyOf(NewJob other, Instant now) {
    String key = other.dedupKey();
    Instant until = job.dedupUntil();
    return key != null
        && key.equals(job.dedupKey())
        && (!job.state().isFinished() || (until != null && now.isBefore(until)));
  }

  boolean isExpired(Instant now) {
    return job.lease() != null && !now.isBefore(job.lease().expiresAt());
  }

  boolean isUpForClaim(Instant now) {
    boolean isFree = job.lease() == null || isExpired(now);
    return !job.state().isFinished() && !now.isBefore(job.dueAt()) && isFree;
  }

  /** Of a job that nobody holds any more: whether it crashed too often [Q20]. */
  private boolean hasCrashedTooOften() {
    return job.attempts() - job.failures() >= job.maxCrashes();
  }

  /** Whether a claim finishes the job instead of giving it. */
  boolean isSpent(Instant now) {
    return isOverdue(now) || (isExpired(now) && hasCrashedTooOften());
  }

  private boolean isOverdue(Instant now) {
    return job.notAfter() != null && now.isAfter(job.notAfter());
  }

  /** Whether this failure is the last that the job may have [Q32]. */
  private boolean isLastFailure() {
    return job.maxFailures() != null && job.failures() + 1 >= job.maxFailures();
  }

  ClaimedJob claim(String owner, long token, Instant now, Instant end) {
    var lease = JobLease.of(job.queue(), job.id(), owner, token, end);
    int attempt = job.attempts() + 1;
    with(
        it ->
            it.state(JobState.PROCESSING)
                .attempts(attempt)
                .claimedAt(now)
                .token(token)
                .lease(lease));
    return ClaimedJob.builder(lease, job.type(), job.payload())
        .attempt(attempt)
        .failures(job.failures())
        .maxCrashes(job.maxCrashes())
        .maxFailures(job.maxFailures())
        .priority(job.priority())
        .dueAt(job.dueAt())
        .claimedAt(now)
        .notAfter(job.notAfter())
        .headers(job.headers())
        .build();
  }

  StoredJob extend(Instant end) {
    String owner = Objects.requireNonNull(job.lease()).owner();
    return with(it -> it.lease(JobLease.of(job.queue(), job.id(), owner, job.token(), end)));
  }

  /** Ends the hold. The token stays, so that the next token is larger [Q36]. */
  StoredJob settle(Settlement settlement, Instant now, Function<Duration, Instant> dueAfter) {
    if (settlement instanceof Settlement.Done done) {
      finish(JobState.DONE, done.result(), null, now);
    } else if (settlement instanceof Settlement.Failed failed) {
      with(it -> it.failures(job.failures() + 1));
      finish(JobState.FAILED, null, failed.error(), now);
    } else if (settlement instanceof Settlement.Cancelled cancelled) {
      finish(JobState.CANCELLED, null, cancelled.reason(), now);
    } else if (settlement instanceof Settlement.Retry retry) {
      boolean isLast = isLastFailure();
      with(it -> it.failures(job.failures() + 1));
      if (isLast) {
        finish(JobState.FAILED, null, retry.error(), now);
      } else {
        await(job.attempts(), retry.error(), dueAfter.apply(retry.delay()));
      }
    } else if (settlement instanceof Settlement.Released released) {
      Instant due = released.delay().isZero() ? job.dueAt() : dueAfter.apply(released.delay());
      await(job.attempts() - 1, job.error(), due);
    }
    return this;
  }

  /** Finishes the job, and answers what a claim reports about it [Q20]. */
  FinishedJob finish(JobState state, @Nullable String result, @Nullable String error, Instant now) {
    Duration keep = job.keep() == null ? Limits.MAX_DELAY : job.keep();
    with(it -> it.state(state).lease(null).result(result).error(error).keep(keep).finishedAt(now));
    return FinishedJob.builder(job.queue(), job.id(), job.type(), state)
        .attempts(job.attempts())
        .failures(job.failures())
        .error(error)
        .build();
  }

  /** What a claim makes of a job that is spent [Q20, Q81]. */
  FinishedJob finishSpent(Instant now) {
    return isExpired(now) && hasCrashedTooOften()
        ? finish(JobState.FAILED, null, Limits.LEASE_EXPIRED, now)
        : finish(JobState.CANCELLED, null, Limits.DEADLINE_PASSED, now);
  }

  private void await(int attempts, @Nullable String error, Instant due) {
    JobState state = attempts == 0 ? JobState.PENDING : JobState.RETRY;
    with(it -> it.state(state).attempts(attempts).lease(null).error(error).dueAt(due));
  }

  Job asOf(Instant now) {
    return job.toBuilder().asOf(now).build();
  }
}
