package dev.lease.examples.customstore;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A job, as the log has it in JSON: its public fields. */
final class StoredJob {
  public final NewJob input;
  public final Instant createdAt;
  public Map<String, String> steps = new LinkedHashMap<>();
  public Instant dueAt;
  public JobState state = JobState.PENDING;
  public int attempts;
  public long token;
  public @Nullable JobLease lease;
  public @Nullable Progress progress;
  public @Nullable String result;
  public @Nullable String error;
  public @Nullable Instant finishedAt;

  public StoredJob(NewJob input, Instant createdAt, Instant dueAt) {
    this.input = input;
    this.createdAt = createdAt;
    this.dueAt = dueAt;
  }

  /** Its key is taken until it has ended [Q05]. */
  boolean holdsKeyOf(NewJob job) {
    return !state.isTerminal() && job.dedupKey() != null && job.dedupKey().equals(input.dedupKey());
  }

  boolean isExpired(Instant now) {
    return lease != null && !now.isBefore(lease.expiresAt());
  }

  boolean isUpForClaim(Instant now) {
    return !state.isTerminal() && !now.isBefore(dueAt) && (lease == null || isExpired(now));
  }

  boolean isExhausted() {
    return attempts >= input.maxAttempts();
  }

  ClaimedJob claim(String worker, long newToken, Instant end) {
    state = JobState.PROCESSING;
    attempts++;
    token = newToken;
    lease = new JobLease(input.queue(), input.id(), worker, token, end);
    return new ClaimedJob(
        lease,
        input.type(),
        input.payload(),
        attempts,
        input.maxAttempts(),
        input.priority(),
        dueAt,
        input.headers());
  }

  StoredJob extend(Instant end) {
    String owner = Objects.requireNonNull(lease).owner();
    lease = new JobLease(input.queue(), input.id(), owner, token, end);
    return this;
  }

  /** Ends the hold; the token stays, so that the next one is larger [Q36]. */
  StoredJob settle(Settlement settlement, Data data) {
    if (settlement instanceof Settlement.Done done) {
      end(JobState.DONE, done.result(), null, data.now);
    } else if (settlement instanceof Settlement.Failed failed) {
      end(JobState.FAILED, null, failed.error(), data.now);
    } else if (settlement instanceof Settlement.Retry retry && isExhausted()) {
      end(JobState.FAILED, null, retry.error(), data.now);
    } else if (settlement instanceof Settlement.Retry retry) {
      error = retry.error();
      await(data.dueAfter(retry.delay()));
    } else if (settlement instanceof Settlement.Released released) {
      attempts--;
      await(released.delay().isZero() ? dueAt : data.dueAfter(released.delay()));
    }
    return this;
  }

  void end(JobState end, @Nullable String itsResult, @Nullable String itsError, Instant now) {
    state = end;
    lease = null;
    result = itsResult;
    error = itsError;
    finishedAt = now;
  }

  private void await(Instant due) {
    state = attempts == 0 ? JobState.PENDING : JobState.RETRY;
    lease = null;
    dueAt = due;
  }

  Job asOf(Instant now) {
    return new Job(
        input.queue(),
        input.id(),
        input.type(),
        input.payload(),
        input.priority(),
        input.maxAttempts(),
        input.dedupKey(),
        input.headers(),
        input.keep() == null && state.isTerminal() ? Limits.MAX_DELAY : input.keep(),
        state,
        attempts,
        token,
        lease,
        false, // nobody can ask for it to be cancelled: this store has no JobAdmin
        progress,
        result,
        error,
        createdAt,
        dueAt,
        finishedAt,
        now);
  }
}
