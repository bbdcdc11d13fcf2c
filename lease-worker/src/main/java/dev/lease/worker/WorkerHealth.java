package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a worker does its work, at one moment, and if not, why. Immutable. */
public final class WorkerHealth {

  /** The whole in a word. More may come, so a switch over them needs a default. */
  public enum Status {
    /** Nothing is wrong. */
    UP,
    /** The worker works, but something is wrong that somebody should look at. */
    DEGRADED,
    /** The worker does no work. */
    DOWN
  }

  private final Status status;
  private final boolean live;
  private final List<String> reasons;
  private final @Nullable Duration sinceLastClaim;

  WorkerHealth(
      Status status, boolean live, List<String> reasons, @Nullable Duration sinceLastClaim) {
    this.status = status;
    this.live = live;
    this.reasons = reasons.stream().map(Limits::oneLine).toList();
    this.sinceLastClaim = sinceLastClaim;
  }

  /**
   * The whole in a word.
   *
   * @return the status
   */
  public Status status() {
    return status;
  }

  /**
   * For a liveness probe: false if only a new start of the JVM can help, because a lane is dead or
   * every slot is stuck. An outage of the store leaves this true: a start does not end it.
   *
   * @return whether to leave the JVM alone
   */
  public boolean isLive() {
    return live;
  }

  /**
   * For a readiness probe, and for a roll-out that waits for new workers: whether the worker does
   * work.
   *
   * @return true unless the status is DOWN
   */
  public boolean isReady() {
    return status != Status.DOWN;
  }

  /**
   * What is wrong, in sentences.
   *
   * @return the reasons, unmodifiable; empty if the status is UP
   */
  public List<String> reasons() {
    return reasons;
  }

  /**
   * How long ago the store last answered a claim of this worker.
   *
   * @return the time; null if it has not answered one yet
   */
  public @Nullable Duration sinceLastClaim() {
    return sinceLastClaim;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return status + (reasons.isEmpty() ? "" : ": " + String.join("; ", reasons));
  }
}
