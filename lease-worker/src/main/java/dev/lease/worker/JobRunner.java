package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.Settlement;
import dev.lease.worker.Outcome.OutcomeException;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/** Runs the handler of one job on the thread of a slot, and decides how the job is settled. */
final class JobRunner {

  private static final Logger log = LoggerFactory.getLogger(JobRunner.class);

  private final HandlerRegistry handlers;
  private final PayloadCodec codec;
  private final BiFunction<HeldJob, HandlerRegistration<?>, AttemptContext> contexts;
  private final HeldJobs held;
  private final ProgressWriter progress;
  private final PendingSettlements pending;
  private final UnreadablePayloads unreadable;
  private final KeyCloser closer;
  private final Events events;

  JobRunner(
      HandlerRegistry handlers,
      PayloadCodec codec,
      BiFunction<HeldJob, HandlerRegistration<?>, AttemptContext> contexts,
      HeldJobs held,
      ProgressWriter progress,
      PendingSettlements pending,
      UnreadablePayloads unreadable,
      KeyCloser closer,
      Events events) {
    this.handlers = handlers;
    this.codec = codec;
    this.contexts = contexts;
    this.held = held;
    this.progress = progress;
    this.pending = pending;
    this.unreadable = unreadable;
    this.closer = closer;
    this.events = events;
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
    if (!job.begin(handler.options().maxRunTime())) {
      log.info(
          "Job {} is not started: while it waited for a slot its lease was lost, its cancellation"
              + " was requested, or the worker stopped",
          job);
      return released(job, Duration.ZERO);
    }
    events.started(job);
    AttemptContext context = contexts.apply(job, handler);
    Ended ended = handle(job, handler, context);
    if (job.isStuck()) {
      log.info("The stuck handler of job {} returned or threw after all; its slot is free", job);
    }
    if (ended.unreadable() != null) {
      return unreadable
          .settlementOf(
              job,
              handler.type(),
              handler.options().maxUnreadableTime(),
              ended.unreadable().reason())
          .orElseGet(() -> released(job, Duration.ZERO));
    }
    unreadable.couldRead(job);
    return ended.failure() == null || ended.outcome() == null
        ? Settlement.done(job.lease(), context.result())
        : settlementOf(job, ended.failure(), ended.outcome());
  }

  /**
   * How an attempt ended: its payload could not be read, or its handler threw, with what becomes of
   * the job then; nulls if it returned.
   */
  private record Ended(
      @Nullable UnreadablePayloadException unreadable,
      @Nullable Failure failure,
      @Nullable Outcome outcome) {}

  /**
   * Calls the handler on a clean thread, and cleans the thread again [W07]. A retry policy is asked
   * within the time of the handler, so that one that hangs is noticed too.
   */
  private Ended handle(HeldJob job, HandlerRegistration<?> handler, AttemptContext context) {
    Thread thread = Thread.currentThread();
    ClassLoader classLoader = thread.getContextClassLoader();
    Map<String, String> mdc = MDC.getCopyOfContextMap();
    Throwable thrown = null;
    UnreadablePayloadException unread = null;
    Failure failure = null;
    Outcome outcome = null;
    try {
      MDC.put("jobQueue", Limits.oneLine(context.queue()));
      MDC.put("jobId", Limits.oneLine(context.jobId()));
      MDC.put("jobType", Limits.oneLine(context.type()));
      MDC.put("jobAttempt", String.valueOf(context.attempt()));
      handler.handle(job.claimed(), codec, context.ofCodec(), context);
    } catch (UnreadablePayloadException e) {
      thrown = e;
      unread = e;
    } catch (Throwable e) {
      thrown = e;
      failure = handler.failure(job.claimed(), e);
      outcome = after(job, handler, failure);
      if (outcome.kind() == Outcome.Kind.CLOSE_KEY && !closer.canClose(job)) {
        thrown = closer.refusal(job, e);
        failure = handler.failure(job.claimed(), thrown);
        outcome = RetryPolicy.DEFAULT.after(failure);
      }
    } finally {
      job.end(thrown);
      Thread.interrupted();
      thread.setContextClassLoader(classLoader);
      restore(mdc);
    }
    return new Ended(unread, failure, outcome);
  }

  /** What the handler says becomes of the job, or else what its retry policy says. */
  private Outcome after(HeldJob job, HandlerRegistration<?> handler, Failure failure) {
    try {
      return handler.after(failure);
    } catch (Throwable e) {
      // Not the exception itself: its methods, called by a logger, may throw.
      log.atLevel(held.level(FailureLines.Kind.POLICY, job, Level.ERROR))
          .addArgument(handler.type())
          .addArgument(() -> ErrorText.trace(ErrorText.of(e)))
          .log(
              "The retry policy of type {} threw an exception; RetryPolicy.DEFAULT decides instead:"
                  + " {}");
      return RetryPolicy.DEFAULT.after(failure);
    }
  }

  /** The thread of a test may have had something there. */
  private static void restore(@Nullable Map<String, String> mdc) {
    if (mdc == null || mdc.isEmpty()) {
      MDC.clear();
    } else {
      MDC.setContextMap(mdc);
    }
  }

  private @Nullable Settlement settlementOf(HeldJob job, Failure failure, Outcome outcome) {
    Throwable exception = failure.exception();
    // An attempt that outlived its lease, or the maximum run time of its type, counts as failed,
    // unless the store has already said that the job is lost.
    boolean counts = (job.isLost() || job.isOverdue()) && !job.isLostInStore();
    if (outcome.isSnooze()) {
      job.setSnoozed();
      if (outcome.kind() == Outcome.Kind.CLOSE_KEY) {
        closer.close(job, outcome.delay(), exception);
      }
      log.atDebug()
          .addArgument(job)
          .addArgument(() -> Limits.shown(outcome.delay()))
          .addArgument(() -> ErrorText.line(exception))
          .log("Job {} is snoozed for {}: {}");
      return released(job, outcome.delay());
    }
    if (job.isToldToStop() && exception instanceof Exception && !outcome.finishesJob() && !counts) {
      log.info(
          "The handler of job {} stopped as it was told to; this is not a failed attempt: {}",
          job,
          ErrorText.line(exception));
      return released(job, Duration.ZERO);
    }
    return outcome.kind() == Outcome.Kind.DISCARD
        ? discarded(job, exception)
        : failed(job, failure, outcome);
  }

  private static Settlement discarded(HeldJob job, Throwable exception) {
    OutcomeException said = CauseChain.find(exception, OutcomeException.class).orElse(null);
    String reason = said == null ? ErrorText.of(exception) : ErrorText.message(said);
    log.info(
        "Job {} is discarded: {}; it becomes CANCELLED",
        job,
        said == null ? ErrorText.line(exception) : ErrorText.firstLine(reason));
    return Settlement.cancelled(job.lease(), reason);
  }

  private Settlement failed(HeldJob job, Failure failure, Outcome outcome) {
    held.attemptFailed();
    Throwable exception = failure.exception();
    JobLease lease = job.lease();
    String text = Limits.errorText(overrun(job) + ErrorText.of(exception));
    if (outcome.finishesJob()) {
      logLastFailure(job, "it is not tried again", exception);
      return Settlement.failed(lease, text);
    }
    // No delay if the attempt outlived its lease, just as if the lease of a dead worker expired.
    var retry = Settlement.retry(lease, job.isLost() ? Duration.ZERO : outcome.delay(), text);
    if (job.isCancelled()) {
      logFailure(job, "its cancellation was requested", exception);
      return retry;
    }
    if (failure.failure() < failure.maxFailures()) {
      logFailure(job, "it is tried again after " + Limits.shown(retry.delay()), exception);
      return retry;
    }
    logLastFailure(
        job, "this was the last of its " + failure.maxFailures() + " failures", exception);
    // The store knows the job's own number, but not that of this worker.
    return job.claimed().maxFailures() == null ? Settlement.failed(lease, text) : retry;
  }

  /** One line: the store keeps the stack trace, and the last failure is logged with its own. */
  private void logFailure(HeldJob job, String next, Throwable exception) {
    log.atLevel(held.level(FailureLines.Kind.ATTEMPT, job, Level.WARN))
        .addArgument(job)
        .addArgument(next)
        .addArgument(() -> overrun(job) + ErrorText.line(exception))
        .log("Job {} failed; {}: {}");
  }

  private void logLastFailure(HeldJob job, String next, Throwable exception) {
    Level level = held.level(FailureLines.Kind.ATTEMPT, job, Level.WARN);
    String line = overrun(job) + ErrorText.line(exception);
    try {
      log.atLevel(level).setCause(exception).log("Job {} failed; {}: {}", job, next, line);
    } catch (Throwable e) {
      // The methods of an exception, called by a logger, may throw.
      log.atLevel(level).log("Job {} failed; {}: {}", job, next, line);
    }
  }

  private static String overrun(HeldJob job) {
    return job.isOverdue()
        ? "ran longer than " + job.maxRunTime() + ", its maximum run time, and threw "
        : "";
  }

  /** Whatever a handler throws after it was told to stop is its answer to that, not a failure. */
  private @Nullable Settlement released(HeldJob job, Duration delay) {
    if (job.isLostInStore()) {
      held.lost(job);
      return null;
    }
    return Settlement.released(job.lease(), delay);
  }

  private static void complain(HeldJob job, Throwable failure) {
    try {
      log.error("Job {} could not be settled; it runs again when its lease expires", job, failure);
    } catch (Throwable e) {
      // A logger that fails must not cost a slot.
    }
  }
}
