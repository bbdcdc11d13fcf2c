package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Runs the handler of one job on the thread of a slot, and decides how the job is settled. */
final class JobRunner {

  private static final Logger log = LoggerFactory.getLogger(JobRunner.class);

  private final HandlerRegistry handlers;
  private final PayloadCodec codec;
  private final Function<HeldJob, AttemptContext> contexts;
  private final HeldJobs held;
  private final ProgressWriter progress;
  private final PendingSettlements pending;
  private final UnreadablePayloads unreadable;

  JobRunner(
      HandlerRegistry handlers,
      PayloadCodec codec,
      Function<HeldJob, AttemptContext> contexts,
      HeldJobs held,
      ProgressWriter progress,
      PendingSettlements pending,
      UnreadablePayloads unreadable) {
    this.handlers = handlers;
    this.codec = codec;
    this.contexts = contexts;
    this.held = held;
    this.progress = progress;
    this.pending = pending;
    this.unreadable = unreadable;
  }

  /** Never throws. */
  void run(HeldJob job) {
    try {
      Settlement settlement = settlementOf(job);
      progress.flush(job);
      if (settlement == null) {
        held.leave(job);
      } else if (held.contains(job)) {
        pending.add(new PendingSettlement(job, settlement));
      } else {
        log.warn(
            "The handler of job {} returned or threw after the worker had stopped; the job is not"
                + " settled and may run again",
            job);
      }
    } catch (Throwable e) {
      held.leave(job);
      complain(job, e);
    }
  }

  /** The settlement; null if there is nothing to settle, since the job is lost. */
  private @Nullable Settlement settlementOf(HeldJob job) {
    Thread.interrupted();
    var handler = Objects.requireNonNull(handlers.find(job.claimed()));
    if (!job.begin(handler.type().maxRunTime())) {
      log.info(
          "Job {} is not started: while it waited for a slot its lease was lost, its cancellation"
              + " was requested, or the worker stopped",
          job);
      return released(job);
    }
    AttemptContext context = contexts.apply(job);
    Throwable failure = handle(job, handler, context);
    if (job.isStuck()) {
      log.info("The stuck handler of job {} returned or threw after all; its slot is free", job);
    }
    if (failure instanceof UnreadablePayloadException e) {
      return unreadable
          .settlementOf(job, handler.type(), e.reason())
          .orElseGet(() -> released(job));
    }
    unreadable.couldRead(handler.type());
    return failure == null
        ? new Settlement.Done(job.lease(), context.result())
        : settlementOf(job, handler, failure);
  }

  /**
   * Calls the handler on a clean thread, and cleans the thread again [W07]; returns what it threw.
   */
  private @Nullable Throwable handle(
      HeldJob job, HandlerRegistration<?> handler, AttemptContext context) {
    Thread thread = Thread.currentThread();
    ClassLoader classLoader = thread.getContextClassLoader();
    try {
      MDC.put("jobId", context.jobId());
      MDC.put("jobType", context.type());
      MDC.put("jobAttempt", String.valueOf(context.attempt()));
      handler.handle(job.claimed(), codec, context);
      return null;
    } catch (Throwable e) {
      return e;
    } finally {
      job.end();
      Thread.interrupted();
      thread.setContextClassLoader(classLoader);
      MDC.clear();
    }
  }

  private @Nullable Settlement settlementOf(
      HeldJob job, HandlerRegistration<?> handler, Throwable failure) {
    Optional<Duration> pause = handler.pauseAfter(job.claimed().attempt(), failure);
    boolean fatal = pause.isEmpty();
    boolean outlived = job.isLost();
    // An attempt that outlived its lease, or the maximum run time of its type, counts as failed,
    // unless the store has already said that the job is lost.
    boolean counts = (outlived || job.isOverdue()) && !job.isLostInStore();
    if (job.isToldToStop() && failure instanceof Exception && !fatal && !counts) {
      log.info(
          "The handler of job {} stopped as it was told to; this is not a failed attempt: {}",
          job,
          Limits.errorText(ErrorText.of(failure)));
      return released(job);
    }
    held.attemptFailed();
    JobLease lease = job.lease();
    String text = Limits.errorText(overrun(job) + ErrorText.of(failure));
    // No delay if the attempt outlived its lease, just as if the lease of a dead worker expired.
    Duration delay = fatal || outlived ? Duration.ZERO : pause.get();
    // Logs the text, not the exception: the methods of an exception, called by a logger, may throw.
    log.warn("Job {} failed; {}: {}", job, next(job, fatal, delay), text);
    return fatal ? new Settlement.Failed(lease, text) : new Settlement.Retry(lease, delay, text);
  }

  private static String next(HeldJob job, boolean fatal, Duration delay) {
    if (fatal) {
      return "its retry policy allows no further attempt";
    }
    if (job.isCancelled()) {
      return "its cancellation was requested";
    }
    return job.isLastAttempt() ? "this was its last attempt" : "it is tried again after " + delay;
  }

  private static String overrun(HeldJob job) {
    return job.isOverdue()
        ? "ran longer than " + job.maxRunTime() + ", the maximum of its type, and threw "
        : "";
  }

  /** Whatever a handler throws after it was told to stop is its answer to that, not a failure. */
  private @Nullable Settlement released(HeldJob job) {
    if (job.isLostInStore()) {
      held.lost(job);
      return null;
    }
    return new Settlement.Released(job.lease(), Duration.ZERO);
  }

  private static void complain(HeldJob job, Throwable failure) {
    try {
      log.error("Job {} could not be settled; it runs again when its lease expires", job, failure);
    } catch (Throwable e) {
      // A logger that fails must not cost a slot.
    }
  }
}
