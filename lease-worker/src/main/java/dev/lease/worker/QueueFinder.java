package dev.lease.worker;

import dev.lease.JobAdmin;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.QueueCounts;
import dev.lease.StoreCounts;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds queues that have work and whose names begin with a prefix, for a worker to take on. */
final class QueueFinder {

  private static final Logger log = LoggerFactory.getLogger(QueueFinder.class);

  private final JobAdmin admin;
  private final StoreCalls calls;
  private final Executor lane;
  private final Collection<String> prefixes;
  private final long interval;
  private final Consumer<String> found;
  private long lookAt = System.nanoTime();

  /**
   * @param lane where a look that took long ends
   * @param found is told of each queue, with each look again
   */
  QueueFinder(
      JobAdmin admin,
      StoreCalls calls,
      Executor lane,
      Collection<String> prefixes,
      Duration interval,
      Consumer<String> found) {
    this.admin = admin;
    this.calls = calls;
    this.lane = lane;
    this.prefixes = prefixes;
    this.interval = interval.toNanos();
    this.found = found;
  }

  long round() {
    if (lookAt - System.nanoTime() <= 0) {
      lookAt = System.nanoTime() + interval;
      look();
    }
    return Math.max(0, lookAt - System.nanoTime());
  }

  private void look() {
    String name = String.join("*, ", prefixes) + "*";
    if (calls.isUnderWay(StoreCalls.Kind.UPKEEP, name)) {
      return;
    }
    boolean unused =
        calls.make(
            new StoreCalls.Call<StoreCounts>(
                StoreCalls.Kind.UPKEEP,
                name,
                admin::counts,
                this::take,
                e ->
                    log.warn(
                        "Queues {} could not be looked for; the worker looks again later",
                        Limits.oneLine(name),
                        e)),
            lane);
  }

  private void take(StoreCounts all) {
    all.queues().stream()
        .filter(QueueFinder::hasWork)
        .map(QueueCounts::queue)
        .filter(queue -> prefixes.stream().anyMatch(queue::startsWith))
        .forEach(found);
  }

  private static boolean hasWork(QueueCounts counts) {
    return counts.count(JobState.PENDING)
            + counts.count(JobState.RETRY)
            + counts.count(JobState.PROCESSING)
        > 0;
  }
}
