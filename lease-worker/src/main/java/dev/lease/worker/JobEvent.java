package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What happened to a job on a worker, for a {@link WorkerListener}. Immutable. */
public final class JobEvent {

  /** How an attempt can end. More ends may come, so a switch over them needs a default. */
  public enum End {
    /** The handler returned, and the job is DONE. */
    SUCCEEDED,
    /** The attempt has failed, and the job is tried again after {@link JobEvent#delay}. */
    RETRIED,
    /** The attempt has failed, and the job is FAILED: it is not tried again. */
    FAILED,
    /**
     * The job is CANCELLED, since that was requested while it ran. A request that the worker has
     * not heard of is told as what the handler said: as RETRIED, SNOOZED or RELEASED.
     */
    CANCELLED,
    /** The handler has snoozed the job; the attempt does not count. */
    SNOOZED,
    /** The handler has discarded the job: it is CANCELLED. */
    DISCARDED,
    /**
     * The job was handed back, and the attempt does not count: it was not started, its handler was
     * told to stop, its payload is unreadable, or its type has no handler.
     */
    RELEASED,
    /**
     * The worker no longer held the job when its attempt ended, so the work may be done again. Or
     * it does not know whether it did, since an answer of the store was lost.
     */
    LOST
  }

  // Not the claimed job: its payload may be large, and a slow listener holds many events.
  private final JobLease lease;
  private final String type;
  private final int attempt;
  private final int crashes;
  private final int failures;
  private final Map<String, String> headers;
  private final @Nullable End end;
  private final Duration waited;
  private final Duration ran;
  private final @Nullable Throwable failure;
  private final Duration delay;

  JobEvent(
      ClaimedJob job,
      @Nullable End end,
      Duration waited,
      Duration ran,
      @Nullable Throwable failure,
      Duration delay) {
    lease = job.lease();
    type = job.type();
    attempt = job.attempt();
    crashes = job.crashes();
    failures = job.failures();
    headers = OwnHeaders.without(job.headers());
    this.end = end;
    this.waited = waited;
    this.ran = ran;
    this.failure = failure;
    this.delay = delay;
  }

  /**
   * The name of the worker.
   *
   * @return the name
   */
  public String worker() {
    return lease.owner();
  }

  /**
   * The queue of the job.
   *
   * @return the queue
   */
  public String queue() {
    return lease.queue();
  }

  /**
   * The id of the job, unique within its queue.
   *
   * @return the id
   */
  public String jobId() {
    return lease.jobId();
  }

  /**
   * The name of the job's type.
   *
   * @return the name
   */
  public String type() {
    return type;
  }

  /**
   * The number of the attempt.
   *
   * @return from 1
   */
  public int attempt() {
    return attempt;
  }

  /**
   * How many earlier attempts crashed: they ended without a settlement, because their lease
   * expired.
   *
   * @return 0 or more
   */
  public int crashes() {
    return crashes;
  }

  /**
   * How many earlier attempts failed: their handler threw.
   *
   * @return 0 or more
   */
  public int failures() {
    return failures;
  }

  /**
   * The headers of the job, as its handler sees them: {@link JobContext#headers}.
   *
   * @return the headers, unmodifiable
   */
  public Map<String, String> headers() {
    return headers;
  }

  /**
   * How the attempt has ended.
   *
   * @return the end in {@link WorkerListener#attemptEnded}; null in all other events
   */
  public @Nullable End end() {
    return end;
  }

  /**
   * How long the job waited from its due time until it was claimed, by the store's clock.
   *
   * @return the time, not negative
   */
  public Duration waited() {
    return waited;
  }

  /**
   * How long the handler has run.
   *
   * @return the time; zero if the handler was not called, or still runs
   */
  public Duration ran() {
    return ran;
  }

  /**
   * What the handler threw.
   *
   * @return the exception; null if it threw none
   */
  public @Nullable Throwable failure() {
    return failure;
  }

  /**
   * How long the job waits for its next attempt, where the event says that there is one.
   *
   * @return the time; zero at once
   */
  public Duration delay() {
    return delay;
  }

  /** About how many characters it holds. */
  int chars() {
    int chars = failure == null ? 0 : ErrorText.chars(failure);
    for (Map.Entry<String, String> header : headers.entrySet()) {
      chars += header.getKey().length() + header.getValue().length();
    }
    return chars;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return ErrorText.job(type(), jobId(), queue()) + " (attempt " + attempt() + ")";
  }
}
