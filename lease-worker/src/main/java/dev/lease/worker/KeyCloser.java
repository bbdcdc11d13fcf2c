package dev.lease.worker;

import dev.lease.Admission;
import dev.lease.Limits;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Closes the key of a job whose handler says so, before the job is released: else its slot would go
 * to the next job of the key, which would start [W04]. The job waits for it a little. If the key
 * cannot be closed, the job is released all the same, and the next one of the key finds out itself.
 */
final class KeyCloser {

  private static final Logger log = LoggerFactory.getLogger(KeyCloser.class);

  private final @Nullable Admission admission;
  private final StoreCalls calls;
  private final HeldJobs held;

  /**
   * @param admission null if the store has no keys
   */
  KeyCloser(@Nullable Admission admission, StoreCalls calls, HeldJobs held) {
    this.admission = admission;
    this.calls = calls;
    this.held = held;
  }

  boolean canClose(HeldJob job) {
    return admission != null && job.claimed().key() != null;
  }

  /** What the attempt fails with whose handler closes a key where it cannot. */
  IllegalStateException refusal(HeldJob job, Throwable said) {
    String why =
        admission == null
            ? "the store of job %s comes without KEYS, so its handler cannot close a key: say Outcome.snooze"
            : "job %s has no key, so its handler cannot close it: give the jobs of its type one with JobType.withKey, or say Outcome.snooze";
    return new IllegalStateException(why.formatted(job), said);
  }

  /**
   * @param reason what the handler threw
   */
  void close(HeldJob job, Duration delay, Throwable reason) {
    String queue = job.lease().queue();
    String key = Objects.requireNonNull(job.claimed().key());
    // As for all that is sent for a job: a handler that comes back late may be wrong [W02].
    if (job.isLost() || job.isDoubtful()) {
      log.atLevel(held.level(FailureLines.Kind.CLOSING, job, Level.WARN))
          .addArgument(job)
          .addArgument(() -> Limits.oneLine(key))
          .addArgument(() -> ErrorText.line(reason))
          .log(
              "Job {} may have lost its lease, so it does not close its key {}; others of the key may"
                  + " start: {}");
      return;
    }
    Admission limits = Objects.requireNonNull(admission);
    boolean isMade =
        calls.makeIfRoom(
            new StoreCalls.Call<>(
                StoreCalls.Kind.CLOSE,
                queue,
                () -> {
                  limits.closeKey(queue, key, delay);
                  return key;
                },
                closed -> tellClosed(job, closed, delay, reason),
                e -> tellFailed(job, key, e)));
    if (!isMade) {
      tellFailed(job, key, PendingSettlements.noRoom());
    }
  }

  private void tellClosed(HeldJob job, String key, Duration delay, Throwable reason) {
    log.atLevel(held.level(FailureLines.Kind.CLOSING, job, Level.INFO))
        .addArgument(job)
        .addArgument(() -> Limits.oneLine(key))
        .addArgument(() -> Limits.shown(delay))
        .addArgument(() -> ErrorText.line(reason))
        .log("Job {} has closed its key {}, of which no job starts for {}: {}");
  }

  private void tellFailed(HeldJob job, String key, Throwable failure) {
    log.atLevel(held.level(FailureLines.Kind.CLOSING, job, Level.WARN))
        .setCause(failure)
        .log(
            "Job {} could not close its key {}; the job is snoozed, but others of the key may start",
            job,
            Limits.oneLine(key));
  }
}
