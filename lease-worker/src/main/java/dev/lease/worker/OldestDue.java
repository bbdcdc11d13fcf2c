package dev.lease.worker;

import dev.lease.JobAdmin;
import dev.lease.Limits;
import dev.lease.QueueCounts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds queues whose oldest due job waits too long. Whoever asks gets the last answer at once; the
 * store is asked in the background, and not while nobody asks. Safe for use by many threads.
 */
final class OldestDue {

  private static final Logger log = LoggerFactory.getLogger(OldestDue.class);
  private static final long LIFETIME = Duration.ofSeconds(15).toNanos();

  private final JobAdmin admin;
  private final Predicate<String> hasQueue;
  private final Duration most;
  private final Executor background;
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile List<String> reasons = List.of();
  private volatile long askedAt = System.nanoTime() - LIFETIME;

  /**
   * @param hasQueue whether the worker has a queue now
   */
  OldestDue(JobAdmin admin, Predicate<String> hasQueue, Duration most, Executor background) {
    this.admin = admin;
    this.hasQueue = hasQueue;
    this.most = most;
    this.background = background;
  }

  List<String> reasons() {
    if (System.nanoTime() - askedAt >= LIFETIME && asking.compareAndSet(false, true)) {
      try {
        background.execute(this::ask);
      } catch (Throwable e) {
        // The worker has stopped, or has no thread: the last answer has to do.
        asking.set(false);
      }
    }
    return reasons;
  }

  private Optional<String> reason(QueueCounts counts) {
    return Optional.ofNullable(counts.oldestDue())
        .map(due -> Duration.between(due, counts.asOf()))
        .filter(waits -> waits.compareTo(most) > 0)
        .map(
            waits ->
                "a job of queue " + counts.queue() + " has been due for " + Limits.shown(waits));
  }

  private void ask() {
    try {
      reasons =
          admin.counts().queues().stream()
              .filter(counts -> hasQueue.test(counts.queue()) && !counts.paused())
              .flatMap(counts -> reason(counts).stream())
              .toList();
    } catch (Throwable e) {
      log.debug("The oldest due jobs could not be read; the last answer stays", e);
    } finally {
      askedAt = System.nanoTime();
      asking.set(false);
    }
  }
}
