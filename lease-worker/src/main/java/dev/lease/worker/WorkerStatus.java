package dev.lease.worker;

import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is doing, at one moment.
 *
 * @param worker its name, under which it holds leases
 * @param state whether it runs
 * @param concurrency how many handlers it runs at once
 * @param leaseDuration how long its leases last without being extended
 * @param lanes how long ago each of its lanes (the threads that claim, extend, settle, watch)
 *     completed a step. One that waits for work or for the store grows old without harm: the
 *     dispatcher up to the poll interval, the extender up to a sixth of the lease
 * @param active the jobs whose handlers run, by when they started
 * @param waiting how many jobs it has claimed ahead
 * @param unsettled how many jobs have ended whose settlement failed and is tried again
 * @param settled how many jobs it has ended well since it was built
 * @param failed how many attempts failed
 * @param lost how many jobs it no longer held when they ended, or had to give up
 * @param exhausted how many jobs of any worker it met that ended FAILED, since the lease of their
 *     last attempt had run out
 */
public record WorkerStatus(
    String worker,
    State state,
    int concurrency,
    Duration leaseDuration,
    Map<String, Duration> lanes,
    List<ActiveJob> active,
    int waiting,
    int unsettled,
    long settled,
    long failed,
    long lost,
    long exhausted) {

  /** Whether a worker runs. */
  public enum State {
    /** It was not started yet. */
    NEW,
    /** It was started, and its lanes are alive. */
    RUNNING,
    /**
     * It was started, and one of its lanes is dead and could not be started again, for lack of
     * memory or threads. It goes on to try; restart the JVM [W24].
     */
    FAILED,
    /** It was told to stop. */
    STOPPED
  }

  /** Copies the lists. */
  public WorkerStatus {
    lanes = Collections.unmodifiableMap(new LinkedHashMap<>(lanes));
    active = List.copyOf(active);
  }

  /**
   * Whether it was started, was not told to stop, and its lanes are alive [W24].
   *
   * @return true if so
   */
  public boolean running() {
    return state == State.RUNNING;
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
   * @param stuck whether the handler runs on although it was interrupted, since its lease was lost
   *     or it had run for as long as its type allows, and the job goes on elsewhere [W13]
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
