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
import tools.jackson.databind.json.JsonMapper;

/** Runs the handler of one job on the thread of a slot, and says how its hold is to end. */
final class JobRunner {

  private static final Logger log = LoggerFactory.getLogger(JobRunner.class);

  private final HandlerRegistry handlers;
  private final JsonMapper mapper;
  private final Function<HeldJob, AttemptContext> contexts;
  private final HeldJobs held;
  private final ProgressWriter progress;
  private final PendingSettlements pending;

  JobRunner(
      HandlerRegistry handlers,
      JsonMapper mapper,
      Function<HeldJob, AttemptContext> contexts,
      HeldJobs held,
      ProgressWriter progress,
      PendingSettlements pending) {
    this.handlers = handlers;
    this.mapper = mapper;
    this.contexts = contexts;
    this.held = held;
    this.progress = progress;
    this.pending = pending;
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
        log.warn("{} ended when the worker had stopped; it may be done again", job);
      }
    } catch (Throwable e) {
      held.leave(job);
      complain(job, e);
    }
  }

  /** Null where there is nothing to settle, since the job is no longer ours. */
  private @Nullable Settlement settlementOf(HeldJob job) {
    Thread.interrupted();
    var handler = Objects.requireNonNull(handlers.find(job.claimed()));
    if (!job.begin(handler.type().maxRunTime())) {
      log.info("{} is not begun: it was called off while it waited", job);
      return released(job);
    }
    AttemptContext context = contexts.apply(job);
    Throwable failure = handle(job, handler, context);
    if (job.isStuck()) {
      log.info("{} has ended after all; its slot is no longer stuck", job);
    }
    return failure == null
        ? new Settlement.Done(job.lease(), context.result())
        : settlementOf(job, handler, failure);
  }

  /** Calls the handler, clean before and after [W07]; answers what it threw. */
  private @Nullable Throwable handle(
      HeldJob job, HandlerRegistration<?> handler, AttemptContext context) {
    Thread thread = Thread.currentThread();
    ClassLoader classLoader = thread.getContextClassLoader();
    try {
      MDC.put("jobId", context.jobId());
      MDC.put("jobType", context.type());
      MDC.put("jobAttempt", String.valueOf(context.attempt()));
      handler.handle(job.claimed().payload(), mapper, context);
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
    // An attempt that outlived its lease, or the time that its type allows, counts, unless the
    // store has said already that it is lost.
    boolean counts = (outlived || job.isOverdue()) && !job.isLostInStore();
    if (job.isToldToStop() && failure instanceof Exception && !fatal && !counts) {
      log.info("{} ended as it was told to: {}", job, Limits.errorText(ErrorText.of(failure)));
      return released(job);
    }
    held.attemptFailed();
    JobLease lease = job.lease();
    String text = Limits.errorText(overrun(job) + ErrorText.of(failure));
    // The text, not the exception: what a logger asks an exception may throw.
    log.warn("{} failed{}: {}", job, fatal ? " for good" : "", text);
    if (fatal) {
      return new Settlement.Failed(lease, text);
    }
    // Without delay, as if the lease had run out on a worker that is gone.
    return new Settlement.Retry(lease, outlived ? Duration.ZERO : pause.get(), text);
  }

  private static String overrun(HeldJob job) {
    return job.isOverdue()
        ? "ran longer than " + job.maxRunTime() + ", the maximum of its type, and ended with "
        : "";
  }

  /** Whatever a handler throws after it was told to end counts as the answer to that. */
  private @Nullable Settlement released(HeldJob job) {
    if (job.isLostInStore()) {
      held.lost(job);
      return null;
    }
    return new Settlement.Released(job.lease(), Duration.ZERO);
  }

  private static void complain(HeldJob job, Throwable failure) {
    try {
      log.error("{} could not be brought to its end", job, failure);
    } catch (Throwable e) {
      // A logger that fails must not cost a slot.
    }
  }
}
