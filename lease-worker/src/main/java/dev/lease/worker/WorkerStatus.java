package dev.lease.worker;

import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a worker is doing, at one moment. Immutable. */
public final class WorkerStatus {

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

  /** What became of the jobs that the worker has held. */
  record Counts(long settled, long failed, long lost, long exhausted) {}

  private final WorkerConfig config;
  private final State state;
  private final Map<String, Duration> lanes;
  private final List<ActiveJob> active;
  private final int waiting;
  private final int unsettled;
  private final Counts counts;

  WorkerStatus(
      WorkerConfig config,
      State state,
      Map<String, Duration> lanes,
      List<ActiveJob> active,
      int waiting,
      int unsettled,
      Counts counts) {
    this.config = config;
    this.state = state;
    this.lanes = Collections.unmodifiableMap(new LinkedHashMap<>(lanes));
    this.active = List.copyOf(active);
    this.waiting = waiting;
    this.unsettled = unsettled;
    this.counts = counts;
  }

  /**
   * Its name, under which it holds leases.
   *
   * @return the name
   */
  public String worker() {
    return config.name();
  }

  /**
   * Whether it runs.
   *
   * @return its state
   */
  public State state() {
    return state;
  }

  /**
   * How many handlers it runs at once.
   *
   * @return the most
   */
  public int concurrency() {
    return config.concurrency();
  }

  /**
   * How long its leases last without being extended.
   *
   * @return the duration
   */
  public Duration leaseDuration() {
    return config.leaseDuration();
  }

  /**
   * How long ago each of its lanes (the threads that claim, extend, settle, watch) completed a
   * step. One that waits for work or for the store grows old without harm: the dispatcher up to the
   * poll interval, the extender up to a sixth of the lease.
   *
   * @return the time by the name of the lane, unmodifiable
   */
  public Map<String, Duration> lanes() {
    return lanes;
  }

  /**
   * The jobs whose handlers run.
   *
   * @return the jobs by when they started, unmodifiable
   */
  public List<ActiveJob> active() {
    return active;
  }

  /**
   * How many jobs it has claimed ahead.
   *
   * @return the number
   */
  public int waiting() {
    return waiting;
  }

  /**
   * How many jobs have ended whose settlement failed and is tried again.
   *
   * @return the number
   */
  public int unsettled() {
    return unsettled;
  }

  /**
   * How many jobs it has ended well since it was built.
   *
   * @return the number
   */
  public long settled() {
    return counts.settled();
  }

  /**
   * How many attempts failed since it was built.
   *
   * @return the number
   */
  public long failed() {
    return counts.failed();
  }

  /**
   * How many jobs it no longer held when they ended, or had to give up, since it was built.
   *
   * @return the number
   */
  public long lost() {
    return counts.lost();
  }

  /**
   * How many jobs of any worker it met that ended FAILED, since the lease of their last attempt had
   * run out.
   *
   * @return the number since it was built
   */
  public long exhausted() {
    return counts.exhausted();
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

  /** For log messages. */
  @Override
  public String toString() {
    return "WorkerStatus[worker="
        + worker()
        + ", state="
        + state
        + ", active="
        + active
        + ", waiting="
        + waiting
        + ", unsettled="
        + unsettled
        + ", settled="
        + counts.settled()
        + ", failed="
        + counts.failed()
        + ", lost="
        + counts.lost()
        + ", exhausted="
        + counts.exhausted()
        + ", lanes="
        + lanes
        + "]";
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
