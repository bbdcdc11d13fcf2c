package dev.lease;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a graph is, at one moment. Immutable.
 *
 * <p>Stores create it with a {@link #builder}, so that fields can be added later.
 */
public final class GraphState {

  private final String queue;
  private final String id;
  private final boolean complete;
  private final int parts;
  private final int jobs;
  private final int done;
  private final int failed;
  private final int cancelled;
  private final Instant createdAt;
  private final Instant asOf;

  private GraphState(Builder builder) {
    queue = builder.queue;
    id = builder.id;
    complete = builder.complete;
    parts = builder.parts;
    jobs = builder.jobs;
    done = builder.done;
    failed = builder.failed;
    cancelled = builder.cancelled;
    createdAt = builder.createdAt;
    asOf = builder.asOf;
  }

  /**
   * Starts the state of a graph that is not complete and has nothing.
   *
   * @param queue the queue
   * @param id its identity within the queue
   * @param createdAt when its first piece was stored
   * @param asOf the store's clock when it answered
   * @return a builder
   */
  public static Builder builder(String queue, String id, Instant createdAt, Instant asOf) {
    return new Builder(queue, id, createdAt, asOf);
  }

  /** {@return the queue} */
  public String queue() {
    return queue;
  }

  /** {@return its identity within the queue} */
  public String id() {
    return id;
  }

  /** {@return whether its last piece is stored; before that none of its jobs runs [Q72]} */
  public boolean complete() {
    return complete;
  }

  /** {@return how many parts it has} */
  public int parts() {
    return parts;
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

  /** {@return when its first piece was stored} */
  public Instant createdAt() {
    return createdAt;
  }

  /** {@return the store's clock when it answered} */
  public Instant asOf() {
    return asOf;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GraphState that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<Object> values() {
    return Arrays.asList(
        queue, id, complete, parts, jobs, done, failed, cancelled, createdAt, asOf);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "GraphState[queue="
        + queue
        + ", id="
        + id
        + ", complete="
        + complete
        + ", parts="
        + parts
        + ", jobs="
        + jobs
        + ", done="
        + done
        + ", failed="
        + failed
        + ", cancelled="
        + cancelled
        + ", createdAt="
        + createdAt
        + ", asOf="
        + asOf
        + "]";
  }

  /** Builds the state of a graph; not for use by several threads. */
  public static final class Builder {
    private final String queue;
    private final String id;
    private final Instant createdAt;
    private final Instant asOf;
    private boolean complete;
    private int parts;
    private int jobs;
    private int done;
    private int failed;
    private int cancelled;

    private Builder(String queue, String id, Instant createdAt, Instant asOf) {
      this.queue = queue;
      this.id = id;
      this.createdAt = Limits.notNull("createdAt", createdAt);
      this.asOf = Limits.notNull("asOf", asOf);
    }

    /**
     * Sets whether its last piece is stored.
     *
     * @param complete true if so
     * @return this
     */
    public Builder complete(boolean complete) {
      this.complete = complete;
      return this;
    }

    /**
     * Sets how many parts and jobs it has.
     *
     * @param parts 0 or more
     * @param jobs 0 or more
     * @return this
     */
    public Builder size(int parts, int jobs) {
      this.parts = parts;
      this.jobs = jobs;
      return this;
    }

    /**
     * Sets how many of its jobs have ended, and how.
     *
     * @param done how many are DONE
     * @param failed how many are FAILED
     * @param cancelled how many are CANCELLED or deleted
     * @return this
     */
    public Builder ended(int done, int failed, int cancelled) {
      this.done = done;
      this.failed = failed;
      this.cancelled = cancelled;
      return this;
    }

    /** {@return the state} */
    public GraphState build() {
      return new GraphState(this);
    }
  }
}
