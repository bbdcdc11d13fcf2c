package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import tools.jackson.databind.json.JsonMapper;

/** Runs the handler of one job on the thread of a slot, and says how its hold is to end. */
final class JobRunner {

  private static final Logger log = LoggerFactory.getLogger(JobRunner.class);

  private final JobQueue jobs;
  private final HandlerRegistry registrations;
  private final JsonMapper mapper;
  private final String keyPrefix;
  private final Set<HeldJob> held;
  private final LeaseLoss losses;
  private final ProgressWriter reporter;
  private final PendingSettlements pending;
  private final Counters counters;

  JobRunner(
      JobQueue jobs,
      HandlerRegistry registrations,
      JsonMapper mapper,
      String keyPrefix,
      Set<HeldJob> held,
      LeaseLoss losses,
      ProgressWriter reporter,
      PendingSettlements pending,
      Counters counters) {
    this.jobs = jobs;
    this.registrations = registrations;
    this.mapper = mapper;
    this.keyPrefix = keyPrefix;
    this.held = held;
    this.losses = losses;
    this.reporter = reporter;
    this.pending = pending;
    this.counters = counters;
  }

  /** Never throws. */
  void run(HeldJob hold) {
    Settlement settlement = null;
    try {
      settlement = settlementOf(hold);
      reporter.flush(hold);
    } catch (Throwable e) {
      complain(hold, e);
    }
    if (settlement == null) {
      // Kept no longer: the lease runs out, and the attempt counts.
      held.remove(hold);
    } else if (held.contains(hold)) {
      pending.add(new PendingSettlement(hold, settlement));
    } else {
      log.warn("{} ended when the worker had stopped; it may be done again", hold);
    }
  }

  /** Null where there is nothing to settle, since the job is no longer ours. */
  private @Nullable Settlement settlementOf(HeldJob hold) {
    Thread.interrupted();
    var registration = Objects.requireNonNull(registrations.find(hold.job()));
    if (!hold.begin(registration.type().maxRunTime())) {
      log.info("{} is not begun: it was called off while it waited", hold);
      return calledOff(hold);
    }
    var context =
        new AttemptContext(hold, mapper, keyPrefix, new Steps(jobs, hold, mapper, losses));
    Throwable failure = handle(hold, registration, context);
    if (hold.isStuck()) {
      log.info("{} has ended after all; its slot is no longer stuck", hold);
    }
    return failure == null
        ? new Settlement.Done(hold.lease(), context.result())
        : settlementOf(hold, registration.retry(), failure);
  }

  /** Calls the handler, clean before and after [W07]; answers what it threw. */
  private @Nullable Throwable handle(
      HeldJob hold, HandlerRegistration<?> registration, AttemptContext context) {
    Thread thread = Thread.currentThread();
    ClassLoader classLoader = thread.getContextClassLoader();
    try {
      MDC.put("jobId", context.jobId());
      MDC.put("jobType", context.type());
      MDC.put("jobAttempt", String.valueOf(context.attempt()));
      registration.handle(hold.job().payload(), mapper, context);
      return null;
    } catch (Throwable e) {
      return e;
    } finally {
      hold.end();
      Thread.interrupted();
      thread.setContextClassLoader(classLoader);
      MDC.clear();
    }
  }

  private @Nullable Settlement settlementOf(HeldJob hold, RetryPolicy retry, Throwable failure) {
    boolean fatal = !retry.retries(failure);
    boolean outlived = hold.isLost();
    // An attempt that outlived its lease, or the time that its type allows, counts, unless the
    // store has said already that it is lost.
    boolean counts = (outlived || hold.isOverdue()) && !hold.isLostInStore();
    if (hold.isTold() && failure instanceof Exception && !fatal && !counts) {
      log.info("{} ended as it was told to: {}", hold, Limits.errorText(ErrorText.of(failure)));
      return calledOff(hold);
    }
    counters.failed.increment();
    JobLease lease = hold.lease();
    String text = Limits.errorText(overrun(hold) + ErrorText.of(failure));
    // The text, not the exception: what a logger asks an exception may throw.
    log.warn("{} failed{}: {}", hold, fatal ? " for good" : "", text);
    if (fatal) {
      return new Settlement.Failed(lease, text);
    }
    // Without delay, as if the lease had run out on a worker that is gone.
    Duration delay =
        outlived ? Duration.ZERO : retry.delay(hold.job().attempt(), ThreadLocalRandom.current());
    return new Settlement.Retry(lease, delay, text);
  }

  private static String overrun(HeldJob hold) {
    return hold.isOverdue()
        ? "ran longer than " + hold.maxRunTime() + ", the maximum of its type, and ended with "
        : "";
  }

  /** Whatever a handler throws after it was told to end counts as the answer to that. */
  private @Nullable Settlement calledOff(HeldJob hold) {
    if (hold.isLostInStore()) {
      counters.lost.increment();
      return null;
    }
    return new Settlement.Released(hold.lease(), Duration.ZERO);
  }

  private static void complain(HeldJob hold, Throwable failure) {
    try {
      log.error("{} could not be brought to its end", hold, failure);
    } catch (Throwable e) {
      // A logger that fails must not cost a slot.
    }
  }
}
