package dev.lease.worker;

import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is doing, at one moment.
 *
 * @param worker its name, under which it holds leases
 * @param running whether it was started and was not told to stop
 * @param concurrency how many handlers it runs at once
 * @param leaseDuration how long its leases last without being extended
 * @param active the jobs whose handlers run, by when they started
 * @param waiting how many jobs it has claimed ahead
 * @param settled how many jobs it has ended well since it was built
 * @param failed how many attempts failed
 * @param lost how many jobs it no longer held when they ended, or had to give up
 */
public record WorkerStatus(
    String worker,
    boolean running,
    int concurrency,
    Duration leaseDuration,
    List<ActiveJob> active,
    int waiting,
    long settled,
    long failed,
    long lost) {

  /** Copies the list. */
  public WorkerStatus {
    active = List.copyOf(active);
  }

  /**
   * How many handlers do not end [W13]. Each costs the worker a slot until it ends or the JVM does,
   * so a health check should say DOWN when there are any: a worker whose slots are all stuck claims
   * nothing. The log has an ERROR for each, with the place where it hangs.
   *
   * @return how many of the {@link #active} jobs are stuck, at most {@link #concurrency}
   */
  public int stuck() {
    return (int) active.stream().filter(ActiveJob::stuck).count();
  }

  /**
   * A job whose handler runs.
   *
   * @param queue the queue
   * @param jobId the job
   * @param type what kind of work it is
   * @param attempt which attempt it is, from 1
   * @param since when the handler was called, by the local clock
   * @param progress what the handler last said, or null
   * @param stuck whether the handler runs on although it was interrupted when it had run for as
   *     long as its type allows, and its lease has run out since: the job goes on elsewhere [W13]
   */
  public record ActiveJob(
      String queue,
      String jobId,
      String type,
      int attempt,
      Instant since,
      @Nullable Progress progress,
      boolean stuck) {}
}
