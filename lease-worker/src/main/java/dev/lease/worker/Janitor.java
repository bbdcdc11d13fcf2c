package dev.lease.worker;

import dev.lease.JobAdmin;
import dev.lease.Limits;
import dev.lease.Reset;
import java.time.Duration;
import java.util.List;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the queues: makes expired jobs visible once, at the start [W14], and removes from
 * time to time what has been kept long enough.
 */
final class Janitor {

  private static final Logger log = LoggerFactory.getLogger(Janitor.class);

  private final JobAdmin admin;
  private final HeldJobs held;
  private final List<String> queues;
  private final Duration interval;
  private boolean resetDone;
  private boolean failing;
  private volatile boolean stopping;

  Janitor(JobAdmin admin, HeldJobs held, List<String> queues, Duration interval) {
    this.admin = admin;
    this.held = held;
    this.queues = queues;
    this.interval = interval;
  }

  long step() {
    try {
      if (!resetDone) {
        int reset = forAll(this::reset);
        if (reset > 0) {
          log.info("{} expired jobs can be claimed again, or have ended", reset);
        }
        resetDone = true;
      }
      int purged = forAll(queue -> admin.purge(queue, Limits.MAX_BATCH));
      log.debug("{} finished jobs were purged", purged);
      failing = false;
    } catch (RuntimeException e) {
      if (!failing) {
        log.warn("Could not reset or purge; tried again every {}", interval, e);
      }
      failing = true;
    }
    return interval.toNanos();
  }

  private int reset(String queue) {
    Reset reset = admin.resetExpired(queue, Limits.MAX_BATCH);
    held.exhausted(reset.ended());
    return reset.count();
  }

  /** Ends a round that is under way after its current batch. */
  void stop() {
    stopping = true;
  }

  private int forAll(ToIntFunction<String> batch) {
    int sum = 0;
    for (String queue : queues) {
      int count = Limits.MAX_BATCH;
      while (count == Limits.MAX_BATCH && !stopping) {
        count = batch.applyAsInt(queue);
        sum += count;
      }
    }
    return sum;
  }
}
