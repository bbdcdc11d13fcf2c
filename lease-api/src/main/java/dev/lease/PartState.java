package dev.lease;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a part of a graph is, at one moment. Immutable.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class PartState {

  private final GraphPart part;
  private final Stage stage;
  private final int jobs;
  private final int done;
  private final int failed;
  private final int cancelled;

  /** How far a part is. More stages may come: a switch needs a default. */
  public enum Stage {
    /** Its jobs wait for other parts, or the graph is not complete. */
    WAITING,
    /** Its jobs may run, and at least one has not ended. */
    RUNNING,
    /** Its jobs could run, and all have ended. */
    ENDED,
    /** Its jobs were cancelled, since a part before it failed [Q75]. */
    CANCELLED
  }

  private PartState(GraphPart part, Stage stage, int jobs, int done, int failed, int cancelled) {
    this.part = Limits.notNull("part", part);
    this.jobs = jobs;
    this.done = done;
    this.failed = failed;
    this.cancelled = cancelled;
    this.stage =
        Limits.notNull("stage", stage) == Stage.RUNNING && left() == 0 ? Stage.ENDED : stage;
  }

  /**
   * Creates a state.
   *
   * @param part the part
   * @param stage how far it is; {@link Stage#RUNNING} without a job left becomes {@link
   *     Stage#ENDED}
   * @param jobs how many jobs it has
   * @param done how many of them are DONE
   * @param failed how many of them are FAILED
   * @param cancelled how many of them are CANCELLED or deleted
   * @return the state
   */
  public static PartState of(
      GraphPart part, Stage stage, int jobs, int done, int failed, int cancelled) {
    return new PartState(part, stage, jobs, done, failed, cancelled);
  }

  /** {@return the part} */
  public GraphPart part() {
    return part;
  }

  /** {@return how far it is} */
  public Stage stage() {
    return stage;
  }

  /** {@return how many jobs it has; those that were deleted or purged count} */
  public int jobs() {
    return jobs;
  }

  /** {@return how many of the jobs are DONE} */
  public int done() {
    return done;
  }

  /** {@return how many of the jobs are FAILED} */
  public int failed() {
    return failed;
  }

  /** {@return how many of the jobs are CANCELLED, or were deleted before they had ended} */
  public int cancelled() {
    return cancelled;
  }

  /** {@return how many of the jobs have not ended} */
  public int left() {
    return jobs - done - failed - cancelled;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PartState that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<Object> values() {
    return Arrays.asList(part, stage, jobs, done, failed, cancelled);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "PartState[part="
        + part
        + ", stage="
        + stage
        + ", jobs="
        + jobs
        + ", done="
        + done
        + ", failed="
        + failed
        + ", cancelled="
        + cancelled
        + "]";
  }
}
