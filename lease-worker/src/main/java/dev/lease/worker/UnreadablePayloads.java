package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Decides what becomes of jobs whose payload this worker cannot read: another worker, of another
 * version of the program, may be able to. So the job is released, and is FAILED only after a long
 * time [W10]. When that time began is kept with the job, as a checkpoint: no worker may live that
 * long. Safe for use by many threads.
 */
final class UnreadablePayloads {

  /** What the names of such checkpoints begin with, and those of a handler's steps must not. */
  static final String RESERVED = "lease:";

  /** After so many in a row the queue is asked less often. */
  private static final int MANY = 100;

  /** Queues that a worker takes on share its types, and one must not pay for another. */
  private record TypeInQueue(String queue, String type) {

    static TypeInQueue of(HeldJob job) {
      return new TypeInQueue(job.lease().queue(), job.claimed().type());
    }
  }

  private static final Logger log = LoggerFactory.getLogger(UnreadablePayloads.class);

  private final JobQueue jobs;
  private final StoreCalls calls;
  private final Duration longestDelay;
  private final HeldJobs held;
  private final LeaseLoss losses;
  private final Set<JobType<?>> logged = ConcurrentHashMap.newKeySet();
  private final Map<TypeInQueue, Integer> inARow = new ConcurrentHashMap<>();

  UnreadablePayloads(
      JobQueue jobs, StoreCalls calls, Duration longestDelay, HeldJobs held, LeaseLoss losses) {
    this.jobs = jobs;
    this.calls = calls;
    this.longestDelay = longestDelay;
    this.held = held;
    this.losses = losses;
  }

  /** Call this when the payload of a job was read. */
  void couldRead(HeldJob job) {
    if (!inARow.isEmpty()) {
      inARow.remove(TypeInQueue.of(job));
    }
  }

  /** Whether many payloads of its type and queue were unreadable, and none was readable since. */
  boolean areMany(HeldJob job) {
    return !inARow.isEmpty() && inARow.getOrDefault(TypeInQueue.of(job), 0) >= MANY;
  }

  /**
   * The settlement of such a job; empty if its lease is lost.
   *
   * @param most how long the job waits for a worker that can read it
   */
  Optional<Settlement> settlementOf(HeldJob job, JobType<?> type, Duration most, Throwable reason) {
    inARow.merge(TypeInQueue.of(job), 1, Integer::sum);
    Optional<Settlement> settlement;
    try {
      settlement = settlement(job, most, reason);
    } catch (StoreException e) {
      log.debug("Since when job {} is unreadable could not be read; it is released", job, e);
      settlement = Optional.of(Settlement.released(job.lease(), UnknownTypes.FIRST));
    }
    if (settlement.filter(Settlement.Failed.class::isInstance).isPresent()) {
      held.attemptFailed();
      log.atLevel(held.level(FailureLines.Kind.ATTEMPT, job, Level.WARN))
          .addArgument(job)
          .addArgument(() -> Limits.shown(most))
          .addArgument(() -> ErrorText.trace(Limits.errorText(text(reason))))
          .log(
              "Job {} failed; its payload could not be read within {}, the time for which its"
                  + " worker waits: {}");
    } else if (settlement.isPresent() && logged.add(type)) {
      log.warn(
          "Job {} is released: this worker cannot read its payload. All such jobs are released, and"
              + " are FAILED if no worker can read them within {} (logged once per type): {}",
          job,
          Limits.shown(most),
          ErrorText.trace(Limits.errorText(text(reason))));
    }
    return settlement;
  }

  private Optional<Settlement> settlement(HeldJob job, Duration most, Throwable reason) {
    JobLease lease = job.lease();
    // By the store's clock: the local one may be wrong, or another than that of earlier workers.
    Instant now = job.claimed().claimedAt();
    // Each attempt has that time, and so has a job that was requeued after it.
    for (int round = 1; !most.isZero(); round++) {
      String name = RESERVED + "unreadable-" + job.claimed().attempt() + "-" + round;
      Optional<Instant> since = kept(job, name, now.toString()).map(Instant::parse);
      if (since.isEmpty()) {
        return Optional.empty();
      }
      Duration passed = Duration.between(since.get(), now);
      if (passed.compareTo(most) < 0) {
        return Optional.of(Settlement.released(lease, delay(passed, most)));
      }
      String token = Long.toString(lease.token());
      Optional<String> failedBy = kept(job, name + "-failed", token);
      if (failedBy.isEmpty()) {
        return Optional.empty();
      }
      if (failedBy.get().equals(token)) {
        break;
      }
    }
    String text =
        "its payload could not be read within " + Limits.shown(most) + ": " + text(reason);
    return Optional.of(Settlement.failed(lease, Limits.errorText(text)));
  }

  /** The reason without the worker's own frames, which are always the same. */
  private static String text(Throwable reason) {
    var text = new StringJoiner("\n");
    boolean own = false;
    for (String line : ErrorText.of(reason).lines().toList()) {
      own = line.startsWith("\tat ") && (own || line.contains(PayloadFormat.class.getName()));
      if (!own) {
        text.add(line);
      }
    }
    return text.toString();
  }

  /** The first value that was kept by that name. */
  private Optional<String> kept(HeldJob job, String name, String value) {
    Optional<String> kept =
        calls.here(
            StoreCalls.Kind.STEP,
            job.lease().queue(),
            () -> jobs.checkpoint(job.lease(), name, value));
    if (kept.isEmpty()) {
      losses.refused(job, "to note that its payload is unreadable");
    }
    return kept;
  }

  /** As long as it has been unreadable, so that the delay doubles. */
  private Duration delay(Duration passed, Duration most) {
    Duration delay = max(passed, UnknownTypes.FIRST);
    return min(min(delay, longestDelay), most.minus(passed));
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
