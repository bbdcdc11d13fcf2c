package dev.lease;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The record of an act: who changed something, when, why and what [Q88]. It stays when its job is
 * gone.
 *
 * <p>Stores create it with {@link #builder}, so that fields can be added later.
 */
public final class OperatorAction {

  /** What kind of act it was. More kinds may come: a switch needs a default. */
  public enum Kind {
    /** {@link JobAdmin#cancel(String, String)} cancelled jobs, or requested it. */
    CANCEL,
    /** {@link JobAdmin#requeue(String, String)} made jobs wait again. */
    REQUEUE,
    /** {@link JobAdmin#change} changed a job. */
    CHANGE,
    /** {@link JobAdmin#delete(String, String)} deleted jobs. */
    DELETE,
    /** {@link JobAdmin#purge(String, java.time.Duration, int)} removed jobs. */
    PURGE,
    /** {@link JobAdmin#pause} paused the queue. */
    PAUSE,
    /** {@link JobAdmin#resume} ended the pause of the queue. */
    RESUME,
    /** A kind of a later version of Lease, which this version does not know. */
    UNKNOWN;

    /**
     * Reads the name of a kind, as stores keep it.
     *
     * @param name the name
     * @return the kind; {@link #UNKNOWN} if this version does not know the name
     */
    public static Kind named(String name) {
      for (Kind kind : values()) {
        if (kind.name().equals(name)) {
          return kind;
        }
      }
      return UNKNOWN;
    }
  }

  private final Instant at;
  private final Operator operator;
  private final Kind kind;
  private final String queue;
  private final @Nullable String id;
  private final int changed;
  private final String what;

  private OperatorAction(Builder builder) {
    at = Limits.notNull("at", builder.at);
    operator = Limits.notNull("operator", builder.operator);
    kind = Limits.notNull("kind", builder.kind);
    queue = Limits.notNull("queue", builder.queue);
    id = builder.id;
    changed = builder.changed;
    what = Limits.message(builder.what);
  }

  /**
   * Starts a builder of an act that changed one thing.
   *
   * @param at when, by the store's clock
   * @param operator who, and why
   * @param kind what kind of act it was
   * @param queue the queue
   * @return a builder
   */
  public static Builder builder(Instant at, Operator operator, Kind kind, String queue) {
    return new Builder(at, operator, kind, queue);
  }

  /** {@return when it was, by the store's clock; of a piece, when its first job was changed} */
  public Instant at() {
    return at;
  }

  /** {@return who it was, and why} */
  public Operator operator() {
    return operator;
  }

  /** {@return what kind of act it was} */
  public Kind kind() {
    return kind;
  }

  /** {@return the queue} */
  public String queue() {
    return queue;
  }

  /** {@return the job; null if the act was about a queue, or about a piece of many jobs} */
  public @Nullable String id() {
    return id;
  }

  /** {@return how many jobs it changed, or 1 for a queue that was paused or resumed} */
  public int changed() {
    return changed;
  }

  /**
   * What was changed, in words: of a change each value before and after, of an act on many jobs the
   * filter or the age; otherwise empty.
   *
   * @return at most {@value Limits#MAX_MESSAGE_CHARS} characters
   */
  public String what() {
    return what;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OperatorAction that
        && at.equals(that.at)
        && operator.equals(that.operator)
        && kind == that.kind
        && queue.equals(that.queue)
        && Objects.equals(id, that.id)
        && changed == that.changed
        && what.equals(that.what);
  }

  @Override
  public int hashCode() {
    return Objects.hash(at, operator, kind, queue, id, changed, what);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "OperatorAction[at="
        + at
        + ", operator="
        + operator
        + ", kind="
        + kind
        + ", queue="
        + queue
        + ", id="
        + id
        + ", changed="
        + changed
        + ", what="
        + what
        + "]";
  }

  /** Builds an {@link OperatorAction}; not for use by several threads. */
  public static final class Builder {
    private final Instant at;
    private final Operator operator;
    private final Kind kind;
    private final String queue;
    private @Nullable String id;
    private int changed = 1;
    private String what = "";

    private Builder(Instant at, Operator operator, Kind kind, String queue) {
      this.at = at;
      this.operator = operator;
      this.kind = kind;
      this.queue = queue;
    }

    /**
     * Sets the job.
     *
     * @param id the job, or null if the act was not about one job
     * @return this
     */
    public Builder id(@Nullable String id) {
      this.id = id;
      return this;
    }

    /**
     * Sets how many jobs it changed.
     *
     * @param changed the number
     * @return this
     */
    public Builder changed(int changed) {
      this.changed = changed;
      return this;
    }

    /**
     * Sets what was changed.
     *
     * @param what words; cut at {@value Limits#MAX_MESSAGE_CHARS} characters
     * @return this
     */
    public Builder what(String what) {
      this.what = Limits.notNull("what", what);
      return this;
    }

    /**
     * Builds the record.
     *
     * @return the record
     */
    public OperatorAction build() {
      return new OperatorAction(this);
    }
  }
}
