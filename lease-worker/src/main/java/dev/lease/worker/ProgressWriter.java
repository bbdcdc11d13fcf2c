package dev.lease.worker;

import dev.lease.JobQueue;
import dev.lease.Progress;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes progress about once a second, since each write costs the store a new version of a row. A
 * write that hangs costs the job its progress, and nobody waits for it.
 */
final class ProgressWriter {

  private static final String OPERATION = "write progress";
  private static final long INTERVAL = Duration.ofSeconds(1).toNanos();

  private final JobQueue jobs;
  private final StoreCalls calls;
  private final HeldJobs held;
  private final LeaseLoss losses;
  private final StoreOutage outage;
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private long writtenAt = System.nanoTime();

  ProgressWriter(
      JobQueue jobs, StoreCalls calls, HeldJobs held, LeaseLoss losses, StoreOutage outage) {
    this.jobs = jobs;
    this.calls = calls;
    this.held = held;
    this.losses = losses;
    this.outage = outage;
  }

  /** Writes what is new, if a second has passed. */
  long round() {
    long left = INTERVAL - (System.nanoTime() - writtenAt);
    if (left > 0) {
      return left;
    }
    held.stream().filter(job -> job.progress().isUntouched()).forEach(this::flush);
    // Nothing is left to write there, so no call would tell that the outage is over.
    failing.removeIf(
        queue -> {
          boolean isOver =
              held.stream()
                  .noneMatch(job -> job.lease().queue().equals(queue) && job.progress().isNew());
          if (isOver) {
            outage.succeeded(queue, OPERATION);
          }
          return isOver;
        });
    writtenAt = System.nanoTime();
    return INTERVAL;
  }

  /**
   * Writes the last progress of a job unless it is written. A failure must not fail the job, and
   * the job's settlement waits only a little.
   */
  void flush(HeldJob job) {
    String queue = job.lease().queue();
    if (job.progress().isNew()) {
      calls.makeIfRoom(
          new StoreCalls.Call<>(
              StoreCalls.Kind.PROGRESS,
              queue,
              () -> job.progress().write(progress -> isRefused(job, progress)),
              isRefused -> written(job, isRefused),
              e -> failed(queue, e)));
    }
  }

  /**
   * A busy store works: a transaction of the handler's may have the job. The next round finds it
   * free, or a later one.
   */
  private void failed(String queue, Throwable e) {
    if (e instanceof StoreException store && store.isBusy()) {
      answered(queue);
    } else {
      failing.add(queue);
      outage.failed(queue, OPERATION, e);
    }
  }

  private boolean isRefused(HeldJob job, Progress progress) {
    // Nothing is sent after the local deadline [W02].
    return !job.isLost()
        && !job.isDoubtful()
        && !job.isSettled()
        && !jobs.progress(job.lease(), progress);
  }

  private void written(HeldJob job, boolean isRefused) {
    answered(job.lease().queue());
    // The settlement of a job that has ended may have been faster.
    if (isRefused && held.contains(job)) {
      losses.refused(job, "its progress");
    }
  }

  private void answered(String queue) {
    if (failing.remove(queue)) {
      outage.succeeded(queue, OPERATION);
    }
  }
}
