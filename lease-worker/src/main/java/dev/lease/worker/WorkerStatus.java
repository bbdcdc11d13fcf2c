package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a worker is doing, at one moment. Immutable. */
public final class WorkerStatus {

  /** Whether a worker runs. More states may come, so a switch over them needs a default. */
  public enum State {
    /** It was not started yet. */
    NEW,
    /** It was started, and all its lanes are alive. */
    RUNNING,
    /**
     * It was started, but one of its lanes is dead and could not be started again, for lack of
     * memory or threads. The worker keeps trying. Restart the JVM [W24].
     */
    FAILED,
    /** It was told to stop, and its last handlers or settlements are under way [W05]. */
    STOPPING,
    /** It has stopped, or was stopped before its start. */
    STOPPED
  }

  /** What became of the jobs that the worker has held. */
  record Counts(long settled, long failed, long lost, long exhausted) {}

  private final WorkerConfig config;
  private final State state;
  private final Map<String, Duration> lanes;
  private final List<String> queues;
  private final Function<String, Set<String>> types;
  private final List<ActiveJob> active;
  private final int waiting;
  private final int unsettled;
  private final Counts counts;
  private final @Nullable Duration outage;

  WorkerStatus(
      WorkerConfig config,
      State state,
      Map<String, Duration> lanes,
      List<String> queues,
      Function<String, Set<String>> types,
      List<ActiveJob> active,
      int waiting,
      int unsettled,
      Counts counts,
      @Nullable Duration outage) {
    this.config = config;
    this.state = state;
    this.lanes = Collections.unmodifiableMap(new LinkedHashMap<>(lanes));
    this.queues = List.copyOf(queues);
    this.types = types;
    this.active = List.copyOf(active);
    this.waiting = waiting;
    this.unsettled = unsettled;
    this.counts = counts;
    this.outage = outage;
  }

  /**
   * The name of the worker, which is the owner of its leases.
   *
   * @return the name
   */
  public String worker() {
    return config.name();
  }

  /**
   * Whether the worker runs.
   *
   * @return the state
   */
  public State state() {
    return state;
  }

  /**
   * How many handlers the worker runs at once, at most.
   *
   * @return the number
   */
  public int concurrency() {
    return config.concurrency();
  }

  /**
   * How long the worker's leases last without being extended.
   *
   * @return the duration
   */
  public Duration leaseDuration() {
    return config.leaseDuration();
  }

  /**
   * How long ago each lane last completed a round of its work. Lanes are the background threads of
   * the worker, which claim, extend, settle and watch. A lane that waits for work or for the store
   * may have a high value without harm: the dispatcher up to the poll interval, the extender up to
   * a sixth of the lease.
   *
   * @return the time by the name of the lane, unmodifiable
   */
  public Map<String, Duration> lanes() {
    return lanes;
  }

  /**
   * The queues that the worker takes jobs from now, with those that were added or found.
   *
   * @return their names, in the order in which they take turns, unmodifiable
   */
  public List<String> queues() {
    return queues;
  }

  /**
   * The types that the worker has handlers for in a queue. With schedules, {@code lease-schedule}
   * is among them: the worker's own handler fires them, and its jobs count like others.
   *
   * @param queue one of its {@link #queues}
   * @return their names, unmodifiable, in no order; empty for another queue
   */
  public Set<String> types(String queue) {
    return queues.contains(Limits.name("queue", queue)) ? types.apply(queue) : Set.of();
  }

  /**
   * The jobs whose handlers run now.
   *
   * @return the jobs in the order in which they started, unmodifiable
   */
  public List<ActiveJob> active() {
    return active;
  }

  /**
   * How many jobs the worker has claimed ahead: they wait for a slot.
   *
   * @return the number
   */
  public int waiting() {
    return waiting;
  }

  /**
   * How many jobs have a settlement that failed and is tried again. Their handlers have returned or
   * thrown.
   *
   * @return the number
   */
  public int unsettled() {
    return unsettled;
  }

  /**
   * How long calls of this worker to the store have failed, for one queue or more.
   *
   * @return the time since the first failure; null if no call fails, or the worker has stopped
   */
  public @Nullable Duration outage() {
    return state == State.STOPPED ? null : outage;
  }

  /**
   * How many jobs this worker has brought to DONE since it was built.
   *
   * @return the number
   */
  public long settled() {
    return counts.settled();
  }

  /**
   * How many attempts have failed on this worker since it was built.
   *
   * @return the number
   */
  public long failed() {
    return counts.failed();
  }

  /**
   * How many jobs this worker has lost since it was built: it no longer held them when their
   * handlers had returned, or had to give them up.
   *
   * @return the number
   */
  public long lost() {
    return counts.lost();
  }

  /**
   * How many jobs this worker has found and made FAILED because they had crashed too often,
   * whichever worker had them.
   *
   * @return the number since this worker was built
   */
  public long exhausted() {
    return counts.exhausted();
  }

  /**
   * Whether the worker was started, was not told to stop, and has all its lanes alive [W24].
   *
   * @return true if so
   */
  public boolean running() {
    return state == State.RUNNING;
  }

  /**
   * How many handlers are stuck: they ignored their interrupt, and the worker no longer holds their
   * jobs [W13]. Each of them costs the worker a slot until the handler returns or the JVM is
   * restarted. A worker whose slots are all stuck claims nothing, and {@link Worker#health} is
   * DOWN. The log has an ERROR for each, with the stack of the thread.
   *
   * @return how many of the {@link #active} jobs are stuck, at most {@link #concurrency}
   */
  public int stuck() {
    return (int) active.stream().filter(ActiveJob::stuck).count();
  }

  /** For log messages. */
  @Override
  public String toString() {
    return Limits.oneLine(
        "WorkerStatus[worker="
            + worker()
            + ", state="
            + state
            + ", queues="
            + queues.size()
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
            + "]");
  }

  /** A job whose handler runs. Immutable. */
  public static final class ActiveJob {

    // Not the claimed job: its payload may be large.
    private final JobLease lease;
    private final String type;
    private final int attempt;
    private final Instant since;
    private final @Nullable Progress progress;
    private final @Nullable String place;

    ActiveJob(ClaimedJob job, Instant since, @Nullable Progress progress, @Nullable String place) {
      this.lease = job.lease();
      this.type = job.type();
      this.attempt = job.attempt();
      this.since = since;
      this.progress = progress;
      this.place = place;
    }

    /** {@return the queue} */
    public String queue() {
      return lease.queue();
    }

    /** {@return the id of the job} */
    public String jobId() {
      return lease.jobId();
    }

    /** {@return the name of the job's type} */
    public String type() {
      return type;
    }

    /** {@return the number of the attempt, from 1} */
    public int attempt() {
      return attempt;
    }

    /** {@return when the handler was called, by the local clock} */
    public Instant since() {
      return since;
    }

    /** {@return the progress that the handler last reported; null if it reported none} */
    public @Nullable Progress progress() {
      return progress;
    }

    /**
     * {@return whether the handler ignored its interrupt, and the worker no longer holds the job,
     * so that another worker may have it now [W13]}
     */
    public boolean stuck() {
      return place != null;
    }

    /**
     * {@return where the handler hung when it was found stuck: its thread, and the top of the stack
     * in lines; null if it is not stuck}
     */
    public @Nullable String place() {
      return place;
    }

    /** For log messages. */
    @Override
    public String toString() {
      return ErrorText.job(type(), jobId(), queue())
          + " (attempt "
          + attempt()
          + ", since "
          + since
          + ", "
          + progress
          + (stuck() ? ", stuck)" : ")");
    }
  }
}
